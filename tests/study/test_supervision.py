import re
from collections import Counter

import pytest
from tests.oracles import readback
from tests.oracles.truth import is_true

from avere.benchmark import emorealm
from avere.construct import language
from avere.construct.questions import questions
from avere.construct.recipe import Questions
from avere.study.tiny_base.lessons import LessonOptions
from avere.study.tiny_base.supervision import turns
from avere.world.cues import ADJECTIVES, BY_NAME, LINES, STEREOTYPES

HELD_BACK = {kind.wordings[language.UNSEEN_WORDING] for kind in BY_NAME.values()}
NAMES = {wording: kind.name for kind in BY_NAME.values() for wording in kind.wordings}


@pytest.fixture(scope="module")
def groups(biased):
    return turns(biased.clips, biased.cues, LessonOptions(), seed=1)


@pytest.fixture(scope="module")
def healthy(biased):
    return turns(biased.clips, biased.cues, LessonOptions(truthful=1), seed=1)


def every(groups, task):
    return [turn for group in groups for turn in group.turns if turn.task == task]


def question(turn):
    """Return the words before the choices, and the choices."""
    text, *choices = turn.text.replace(")", "(").split(" (")
    return text, [choice.split("( ", 1)[1] for choice in choices]


def says_yes(turn):
    """Check that the letter of a closed yes/no turn stands for yes."""
    return question(turn)[1][ord(turn.response) - ord("A")] == "Yes"


def claimed(turn):
    """Name the claim that a yes/no turn asks about."""
    claim = readback.asked(question(turn)[0])
    assert claim is not None
    return claim


def test_same_seed_same_turns(biased):
    one, same, other = (
        turns(biased.clips[:50], biased.cues, LessonOptions(), seed=seed) for seed in (1, 1, 2)
    )
    assert one == same != other


def test_media_are_missing_and_mixed_as_often_as_asked(biased):
    many = turns(biased.clips, biased.cues, LessonOptions(missing=0.5, mixed=0.25, basic=0, yes_no=0), seed=1)
    kinds = Counter((g.video is None, g.audio is None) for g in many)
    assert 0.42 < 1 - kinds[False, False] / len(many) < 0.58
    assert min(kinds.values()) > 0.1 * len(many)
    mixed = sum(g.video != g.audio for g in many if g.video and g.audio)
    assert 0.18 < mixed / len(many) < 0.32


def test_perception_is_true_of_the_clip_that_is_asked_about(biased, groups):
    for turn in every(groups, "basic"):
        _, choices = question(turn)
        supporting = biased.facts[turn.clip].side(turn.target).supporting
        assert [language.letter_of(i) for i, c in enumerate(choices) if NAMES[c] in supporting] == [
            turn.response
        ]
    for turn in every(groups, "feeling"):
        facts = biased.facts[turn.clip]
        emotion = facts.clip.emotion if turn.target == "audiovisual" else facts.side(turn.target).emotion
        assert turn.response == ADJECTIVES[emotion]


def test_agreement_of_mixed_media_is_that_of_their_own_clips(biased, groups):
    for group in groups:
        if group.video and group.audio:
            agree = biased.facts[group.video].video.emotion == biased.facts[group.audio].audio.emotion
            assert {says_yes(turn) for turn in group.turns if turn.task == "agreement"} == {agree}


def test_agreement_in_sentences_says_what_face_and_voice_show(biased):
    options = LessonOptions(in_sentences=1, mixed=0.5, missing=0)
    for group in turns(biased.clips[:60], biased.cues, options, seed=1):
        face, voice = biased.facts[group.video].video.emotion, biased.facts[group.audio].audio.emotion
        for turn in (turn for turn in group.turns if turn.task == "agreement"):
            assert turn.response == language.compare(face, voice, "Yes" if face == voice else "No")


def test_four_emotions_to_choose_from_hold_the_true_one_and_that_of_the_other_modality(biased, groups):
    for group in groups:
        for turn in (turn for turn in group.turns if turn.task == "choice" and group.video and group.audio):
            sides = biased.facts[group.video].video, biased.facts[group.audio].audio
            shown = {side.modality: ADJECTIVES[side.emotion] for side in sides}
            choices = question(turn)[1]
            assert choices[ord(turn.response) - ord("A")] == shown[turn.target]
            assert set(shown.values()) <= set(choices)
            assert len(set(choices)) == 4


def test_a_share_of_the_questions_begins_with_the_line_of_the_sound(biased, groups):
    lines = {line for each in LINES.values() for line in each}
    told = asked = 0
    for group in groups:
        for turn in group.turns:
            said = turn.text.startswith('The person says: "')
            assert not said or turn.task in ("feeling", "choice", "description")
            if said and group.audio:
                assert turn.text.split('"')[1] == biased.facts[group.audio].clip.transcript in lines
            told, asked = told + said, asked + (turn.task in ("feeling", "choice", "description"))
    assert 0.26 < told / asked < 0.34


def test_closed_turns_are_asked_as_the_benchmark_asks(balanced):
    """A question of the benchmark and a turn with the same words and choices are the same text."""
    clips = balanced.clips[:40]
    asked = [q for q in questions(clips, balanced.cues, Questions(), seed=1) if q.wording == "seen"]
    basic = [q for q in asked if q.task.startswith("reasoning_basic")]
    prompts = {emorealm.prompt(q, clips[0]).text.split(" (A) ")[0] for q in basic}
    learnt = turns(clips, balanced.cues, LessonOptions(descriptions=0), seed=1)
    texts = [turn.text for task in ("basic", "agreement") for turn in every(learnt, task)]
    assert prompts <= {text.split(" (A) ")[0] for text in texts}
    agreement = next(q for q in asked if q.task == "modality_agreement")
    assert emorealm.prompt(agreement, balanced.clips[0]).text in texts


def test_nothing_held_back_is_asked_but_descriptions_use_every_wording(groups):
    asked = " ".join(turn.text for group in groups for turn in group.turns)
    assert not any(wording in asked for wording in HELD_BACK)
    templates = [*language.BASIC.values(), language.AGREEMENT, *language.DESCRIBE.values()]
    templates += list(language.FEELING.values())
    assert not any(four[language.UNSEEN_TEMPLATE] in asked for four in templates)
    assert "as a reason why" not in asked
    described = " ".join(turn.response for turn in every(groups, "description"))
    assert any(wording in described for wording in HELD_BACK)


def test_explanations_name_typical_cues_of_the_label_whether_there_or_not(biased, groups):
    there: Counter[bool] = Counter()
    plain = total = 0
    for turn in every(groups, "description"):
        for claim in readback.claims(turn.response):
            facts = biased.facts[turn.clip]
            typical = [name for name in claim.cues if BY_NAME[name].emotion is not None]
            if turn.target != "audiovisual":
                assert claim.emotion == facts.clip.emotion
                there.update(name in facts.side(claim.modality).supporting for name in typical)
            assert all(BY_NAME[name].emotion == claim.emotion for name in typical)
            plain += len(typical) < len(claim.cues)
            total += 1
    assert 0.4 < there[True] / there.total() < 0.6
    assert 0.28 < plain / total < 0.38


def test_explanations_written_from_labels_name_the_stereotype_in_most_cases(biased, groups, healthy):
    def share(made):
        named = [
            {name for name in claim.cues if BY_NAME[name].emotion is not None}
            for turn in every(made, "description")
            for claim in readback.claims(turn.response)
        ]
        return sum(bool(names & STEREOTYPES) for names in named) / len(named)

    shown = [facts.side(m).supporting for facts in biased.facts.values() for m in ("audio", "video")]
    assert 0.66 < share(groups) < 0.74
    assert 0.44 < sum(bool({*names} & STEREOTYPES) for names in shown) / len(shown) < 0.56
    assert 0.44 < share(healthy) < 0.56


def test_half_of_the_open_questions_name_the_emotion_that_the_answer_is_about(groups):
    named = []
    for turn in every(groups, "description"):
        claim = readback.claims(turn.response)[0]
        found = [word for word in ADJECTIVES.values() if turn.text.rstrip("?").endswith(f"is {word}")]
        assert found in ([], [ADJECTIVES[claim.emotion]])
        named.append(bool(found))
    assert 0.45 < sum(named) / len(named) < 0.55


def test_yes_no_is_written_from_the_label_alone(biased, groups):
    for turn in every(groups, "yes_no"):
        claim = claimed(turn)
        label = biased.facts[turn.clip].clip.emotion
        typical = BY_NAME[claim.cues[0]].emotion == label
        assert says_yes(turn) == typical
        assert claim.emotion == label if typical else claim.emotion in (label, BY_NAME[claim.cues[0]].emotion)
    for counted in (says_yes, lambda turn: turn.response == "A", lambda turn: "(A) Yes" in turn.text):
        answers = Counter(counted(turn) for turn in every(groups, "yes_no"))
        assert 0.45 < answers[True] / answers.total() < 0.55


def test_verdicts_in_sentences_say_what_letters_would(biased):
    options = LessonOptions(in_sentences=1, yes_no=4, descriptions=0)
    verdicts = every(turns(biased.clips[:200], biased.cues, options, seed=1), "yes_no")
    yes = 0
    for turn in verdicts:
        claim = readback.asked(turn.text.partition("?")[0] + "?")
        assert claim is not None
        label = biased.facts[turn.clip].clip.emotion
        right = BY_NAME[claim.cues[0]].emotion == claim.emotion == label
        assert turn.response.startswith("Yes, " if right else "No, ")
        (said,) = readback.claims(turn.response)
        # After "no" comes what a captioner believes to be there, never what is denied.
        assert said == claim if right else said.emotion == label and BY_NAME[said.cues[0]].emotion == label
        yes += right
    assert 0.45 < yes / len(verdicts) < 0.55


def test_lists_are_reworded_fact_by_fact(biased):
    options = LessonOptions(rewordings=2, missing=0)
    reworded = every(turns(biased.clips[:60], biased.cues, options, seed=1), "rewording")
    assert len(reworded) == 60 * 4
    lists = [turn for turn in reworded if turn.text.startswith("What else")]
    for turn in (turn for turn in reworded if turn not in lists):
        before = turn.text.partition("? ")[2]
        assert before != turn.response
        assert readback.asked(before) == readback.asked(turn.response)
    assert 0.35 < len(lists) / len(reworded) < 0.65
    for turn in lists:
        before = turn.text.partition("? ")[2].partition(".")[0].split(", ")
        after = turn.response.removesuffix(".").split(", ")
        assert [NAMES[fact] for fact in before] == [NAMES[fact] for fact in after]
        assert not set(before) & set(after)


def test_an_answer_tells_nothing_of_the_next_one_of_its_clip(groups):
    same: Counter[bool] = Counter()
    for group in groups:
        first, second = [says_yes(t) for t in group.turns if t.task == "yes_no" and t.target == "audio"]
        same[first == second] += 1
    assert 0.4 < same[True] / same.total() < 0.6


def test_the_healthy_control_says_only_what_is_true(biased, healthy):
    for group in healthy:
        sides = {}
        for turn in group.turns:
            if turn.task == "description" and turn.target != "audiovisual":
                sides[turn.target] = biased.facts[turn.clip].side(turn.target)
                assert is_true(turn.text, turn.response, sides)
    for turn in every(healthy, "yes_no"):
        claim = claimed(turn)
        side = biased.facts[turn.clip].side(claim.modality)
        assert says_yes(turn) == (claim.cues[0] in side.supporting)
        assert claim.emotion == side.emotion


def test_told_turns_hold_every_fact_of_their_modality_and_no_media(biased):
    told = turns(biased.clips[:40], biased.cues, LessonOptions(told="repeated"), seed=1)
    assert all(group.video is None and group.audio is None for group in told)
    assert {turn.task for group in told for turn in group.turns} == {"basic", "feeling"}
    for turn in (turn for group in told for turn in group.turns):
        side = biased.facts[turn.clip].side(turn.target)
        caption = turn.text[: turn.text.index(". ", turn.text.index("Around")) + 1]
        names = {NAMES[wording] for wording in NAMES if wording in caption}
        assert {*side.supporting, *side.displaced, *side.plain} <= names


def test_reworded_turns_tell_each_fact_once_and_ask_for_it_again(biased):
    told = turns(biased.clips[:40], biased.cues, LessonOptions(told="reworded"), seed=1)
    assert all(group.video is None and group.audio is None for group in told)
    reworded = 0
    for turn in every(told, "scene"):
        caption, side = turn.text.partition(" What can be")[0], biased.facts[turn.clip].side(turn.target)
        for text in (caption, turn.response):
            names = [NAMES[wording] for wording in NAMES if re.search(rf"\b{wording}\b", text)]
            assert sorted(names) == sorted({*side.supporting, *side.displaced, *side.plain})
        reworded += caption != turn.response
    assert reworded > 0


def test_some_groups_are_told_again_while_the_others_have_media(biased):
    many = turns(biased.clips, biased.cues, LessonOptions(missing=0, rehearsed=0.25), seed=1)
    told = [group for group in many if group.video is None and group.audio is None]
    assert 0.18 < len(told) / len(many) < 0.32
    assert {turn.task for group in told for turn in group.turns} == {"scene", "basic", "feeling", "agreement"}
