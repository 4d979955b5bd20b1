"""The words by which emotions are called: data of lenient reading, our own choice, open to correction.

A group holds words of one emotion in any form; a label set takes those groups that hold one of its labels.
Only words for the state itself stand here, none for its signs ("smile", "tears"), and none that two groups
could claim ("shocked": fear or surprise; "upset": anger or sadness).
"""

GROUPS: tuple[frozenset[str], ...] = tuple(
    frozenset(words.replace("_", " ") for words in group.split())
    for group in (
        "happiness happy happily happier joy joyful joyous joyfully glad cheerful cheerfully cheerfulness "
        "delight delighted elated elation jolly merry good_mood",
        "sadness sad sadly sadder sorrow sorrowful grief grieving unhappy unhappiness melancholy melancholic "
        "heartbroken dejected gloomy mournful depressed",
        "anger angry angrily angrier angered furious fury rage enraged irate mad outraged wrath wrathful",
        "fear fearful fearfully afraid scared frightened terrified terror fright dread",
        "surprise surprised surprising surprisedly astonished astonishment amazed amazement startled",
        "disgust disgusted disgustedly revulsion revolted repulsed repulsion",
        "neutral neutrally neutrality emotionless unemotional expressionless no_emotion no_emotions "
        "no_clear_emotion no_particular_emotion no_strong_emotion",
        "calm calmly calmness serene serenity tranquil relaxed",
        "worry worried worrying anxiety anxious anxiously nervous nervousness apprehensive apprehension",
        "contempt contemptuous contemptuously disdain disdainful scornful",
        "excitement excited excitedly thrilled",
        "frustration frustrated frustratedly",
        "disappointment disappointed disappointedly",
        "helplessness helpless helplessly",
        "boredom bored",
        "confusion confused puzzled bewildered",
        "embarrassment embarrassed ashamed shame",
        "pride proud proudly",
    )
)
