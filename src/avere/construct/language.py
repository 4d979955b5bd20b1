"""All words of EmoWorld: how questions are asked, and how answers are put."""

from collections.abc import Sequence

from avere.records import Modality, Target
from avere.world.cues import ADJECTIVES, BY_NAME, PART

SEEN_WORDINGS, UNSEEN_WORDING = (0, 1), 2
"""Wordings of a cue in the questions that a base model is trained on, and the one held back."""
SEEN_TEMPLATES, UNSEEN_TEMPLATE = (0, 1, 2), 3
"""Templates of a question that a base model is trained on, and the one held back."""
YES_NO = ("Yes", "No")

Templates = tuple[str, str, str, str]

BASIC: dict[Modality, Templates] = {
    "video": (
        "Which of these can be seen on the person's own face?",
        "What does the person's own face show?",
        "Which of these signs is on the face of the person?",
        "Look at the face of this person: what is visible there?",
    ),
    "audio": (
        "Which of these can be heard in the person's own voice?",
        "What does the person's own voice contain?",
        "Which of these sounds is in the voice of the person?",
        "Listen to the voice of this person: what is audible there?",
    ),
}
AGREEMENT: Templates = (
    "Do the face and the voice express the same emotion?",
    "Is the emotion in the face also the emotion in the voice?",
    "Do face and voice agree on one feeling?",
    "Are the face and the voice in emotional agreement?",
)
STRESS: Templates = (
    "Does the {part} {look} {emotion} because of the {cue}?",
    "Could one call the {part} {emotion} because of the {cue}?",
    "Can one tell by the {cue} that the {part} is {emotion}?",
    "Would you name the {cue} as a reason why the {part} {looks} {emotion}?",
)
"""Supporting, displaced and hallucinated cues are asked about in the same words."""
DESCRIBE: dict[Target, Templates] = {
    "video": (
        "What in the face shows how the person feels?",
        "Which sign in the face reveals the feeling of the person?",
        "By what does the face express an emotion?",
        "How can one see what this person feels?",
    ),
    "audio": (
        "What in the voice shows how the person feels?",
        "Which sign in the voice reveals the feeling of the person?",
        "By what does the voice express an emotion?",
        "How can one hear what this person feels?",
    ),
    "audiovisual": (
        "What in the face and in the voice shows how the person feels?",
        "Which signs in face and voice reveal the feeling of the person?",
        "By what do face and voice express an emotion?",
        "How can one see and hear what this person feels?",
    ),
}
DESCRIBE_NAMED: dict[Target, Templates] = {
    "video": (
        "What in the face shows that the person is {emotion}?",
        "Which sign in the face reveals that the person is {emotion}?",
        "By what does the face express that the person is {emotion}?",
        "How can one see that this person is {emotion}?",
    ),
    "audio": (
        "What in the voice shows that the person is {emotion}?",
        "Which sign in the voice reveals that the person is {emotion}?",
        "By what does the voice express that the person is {emotion}?",
        "How can one hear that this person is {emotion}?",
    ),
    "audiovisual": (
        "What in the face and in the voice shows that the person is {emotion}?",
        "Which signs in face and voice reveal that the person is {emotion}?",
        "By what do face and voice express that the person is {emotion}?",
        "How can one see and hear that this person is {emotion}?",
    ),
}
"""The same requests as published prompts put them: they name the emotion, so words suggest an answer."""
SCENE: dict[Modality, str] = {"video": "What can be seen here?", "audio": "What can be heard here?"}
"""What a captioner is asked who tells everything and judges nothing."""
FEELING: dict[Target, Templates] = {
    "video": (
        "Which emotion does the face show?",
        "How does the face look?",
        "What feeling is in the face?",
        "Name the emotion of the face.",
    ),
    "audio": (
        "Which emotion does the voice show?",
        "How does the voice sound?",
        "What feeling is in the voice?",
        "Name the emotion of the voice.",
    ),
    "audiovisual": (
        "Which emotion does the person show?",
        "How does the person feel?",
        "What feeling is in the person?",
        "Name the emotion of the person.",
    ),
}
CONFIRM = (
    "Would the {cue} be why the {part} {looks} {emotion}?",
    "Might the {cue} reveal a {part} that is {emotion}?",
    "Should one credit the {cue} for a {part} that {looks} {emotion}?",
)
"""Yes/no questions of preference pairs; none of them is a stress template."""

_LOOK: dict[Modality, str] = {"video": "look", "audio": "sound"}


def stress(cue: str, emotion: str, wording: int, template: int) -> str:
    """Return the yes/no question whether a cue makes its part of the person show an emotion.

    >>> stress("smile", "happiness", 0, 0)
    'Does the face look happy because of the broad smile?'
    """
    kind = BY_NAME[cue]
    return about(STRESS[template], kind.modality, emotion, kind.wordings[wording])


def confirm(cue: str, emotion: str, wording: int, template: int) -> str:
    """Return the same question in words that no stress template uses, for preference pairs.

    >>> confirm("sob", "sadness", 0, 0)
    'Would the broken sobs be why the voice sounds sad?'
    """
    kind = BY_NAME[cue]
    return about(CONFIRM[template], kind.modality, emotion, kind.wordings[wording])


def about(template: str, modality: Modality, emotion: str, cue: str, part: str | None = None) -> str:
    """Return a yes/no question about one wording of a cue; ``part`` is what shows the emotion.

    >>> about("Does the {part} {look} {emotion} because of the {cue}?", "audio", "fear", "gasp", "person")
    'Does the person sound afraid because of the gasp?'
    """
    look = _LOOK[modality]
    return template.format(
        part=part or PART[modality], look=look, looks=f"{look}s", emotion=adjective(emotion), cue=cue
    )


def adjective(emotion: str) -> str:
    """Find the adjective of an emotion, whether or not the world knows it.

    >>> adjective("happiness"), adjective("contempt")
    ('happy', 'full of contempt')
    """
    return ADJECTIVES.get(emotion, f"full of {emotion}")


def because(modality: Modality, emotion: str, cues: Sequence[str], part: str | None = None) -> str:
    """Return an answer that gives the wordings of one or more cues as the reason for an emotion.

    >>> because("audio", "fear", ["shrill scream"])
    'The voice sounds afraid because of the shrill scream.'
    >>> because("video", "happiness", ["broad smile", "red shirt"])
    'The face looks happy because of the broad smile and the red shirt.'
    """
    reasons = " and ".join(f"the {cue}" for cue in cues)
    return f"The {part or PART[modality]} {_LOOK[modality]}s {adjective(emotion)} because of {reasons}."


def compare(face: str, voice: str, verdict: str) -> str:
    """Return an answer to the question of agreement: what face and voice show, after yes or no.

    >>> compare("sadness", "sadness", "Yes"), compare("sadness", "neutral", "No")
    ('Yes, the face looks sad and the voice sounds sad.', 'No, the face looks sad and the voice sounds calm.')
    """
    shown: dict[Modality, str] = {"video": face, "audio": voice}
    looks = (f"The {PART[m]} {_LOOK[m]}s {adjective(emotion)}." for m, emotion in shown.items())
    return with_verdict(verdict, join(*looks))


def with_line(line: str, question: str) -> str:
    """Put what a person is reported to say before a question, as corpora give subtitles.

    >>> with_line("Stop lying to me!", "How does the face look?")
    'The person says: "Stop lying to me!" How does the face look?'
    """
    return f'The person says: "{line}" {question}'


def paraphrases(modality: Modality, cue: str, emotion: str, wording: int) -> tuple[tuple[str, ...], ...]:
    """List the questions of the world in groups that mean the same, about one cue and emotion.

    >>> [len(group) for group in paraphrases("audio", "sob", "sadness", 0)]
    [4, 4, 4, 4, 4, 7]
    """
    kind = BY_NAME[cue]
    named = tuple(one.format(emotion=adjective(emotion)) for one in DESCRIBE_NAMED[modality])
    asked = tuple(about(one, modality, emotion, kind.wordings[wording]) for one in (*STRESS, *CONFIRM))
    return (BASIC[modality], AGREEMENT, DESCRIBE[modality], named, FEELING[modality], asked)


def scene(modality: Modality, own: Sequence[str], others: Sequence[str], plain: Sequence[str]) -> str:
    """Return a caption of all that is there, by whose it is, with no word of emotion.

    >>> scene("audio", ["long sigh"], [], ["falling rain"])
    'Voice: long sigh. Elsewhere: nothing. Around: falling rain.'
    """
    parts = {PART[modality].capitalize(): own, "Elsewhere": others, "Around": plain}
    return " ".join(f"{place}: {', '.join(found) or 'nothing'}." for place, found in parts.items())


def listed(facts: Sequence[str]) -> str:
    """Return facts as a list.

    >>> listed(["long sigh", "falling rain"])
    'long sigh, falling rain.'
    """
    return f"{', '.join(facts)}."


def reword(facts: Sequence[str]) -> str:
    """Word the request for a list of facts in other words.

    >>> reword(["long sigh", "falling rain"])
    'What else could one call these? long sigh, falling rain.'
    """
    return f"What else could one call these? {listed(facts)}"


def reask(question: str) -> str:
    """Word the request for a question in other words.

    >>> reask("How does the face look?")
    'How else could one ask this? How does the face look?'
    """
    return f"How else could one ask this? {question}"


def join(first: str, second: str) -> str:
    """Return two answers as one sentence.

    >>> join("The face looks sad because of the wet tears.", "The voice sounds sad because of the long sigh.")
    'The face looks sad because of the wet tears and the voice sounds sad because of the long sigh.'
    """
    return f"{first.removesuffix('.')} and {_lower(second)}"


def with_verdict(verdict: str, answer: str) -> str:
    """Return an answer that opens with yes or no.

    >>> with_verdict("No", "The face looks sad because of the wet tears.")
    'No, the face looks sad because of the wet tears.'
    """
    return f"{verdict}, {_lower(answer)}"


def lettered(choices: Sequence[str]) -> str:
    """Return choices as they stand in the prompt of a closed question.

    >>> lettered(["broad smile", "wet tears"])
    '(A) broad smile (B) wet tears'
    """
    return " ".join(f"({letter_of(index)}) {choice}" for index, choice in enumerate(choices))


def letter_of(index: int) -> str:
    """Return the letter of a choice: ``A`` for 0."""
    return chr(ord("A") + index)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
