from collections import Counter

import pytest
from tests.oracles import readback
from tests.oracles.truth import is_true

from avere.construct import language
from avere.construct.questions import questions
from avere.construct.recipe import Questions
from avere.records import Question
from avere.world.cues import ADJECTIVES, BY_NAME, STEREOTYPES

STRESS = ("reasoning_stress_audio", "reasoning_stress_video")
NAMES = {wording: kind.name for kind in BY_NAME.values() for wording in kind.wordings}


def claimed(question):
    """Name the claim that a yes/no question asks about."""
    claim = readback.asked(question.text)
    assert claim is not None
    return claim


@pytest.fixture(scope="module")
def asked(balanced):
    return questions(balanced.clips, balanced.cues, Questions(), seed=1)


def test_same_seed_same_questions_and_unique_ids(balanced, asked):
    again = questions(balanced.clips, balanced.cues, Questions(), seed=1)
    assert again == asked
    assert questions(balanced.clips, balanced.cues, Questions(), seed=2) != asked
    assert len({q.id for q in asked}) == len(asked)


def test_one_and_only_one_option_is_on_the_person(balanced, asked):
    basic = [q for q in asked if q.task.startswith("reasoning_basic")]
    assert len(basic) == 2 * len(balanced.clips)
    for q in basic:
        side = balanced.facts[q.clip].side(q.target)
        names = [NAMES[choice] for choice in q.choices]
        assert len(set(names)) == 4
        assert [name in side.supporting for name in names] == [place == q.answer for place in range(4)]
        assert sorted(Counter(BY_NAME[name].emotion for name in names).values()) == [2, 2]


def test_the_displaced_cue_is_among_the_options_where_there_is_one(balanced, asked):
    for q in (q for q in asked if q.task.startswith("reasoning_basic")):
        displaced = balanced.facts[q.clip].side(q.target).displaced
        assert set(displaced) <= {NAMES[choice] for choice in q.choices}


def test_right_options_fall_on_each_letter_equally_often(asked):
    for task in ("reasoning_basic_audio", "reasoning_basic_video"):
        assert Counter(q.answer for q in asked if q.task == task) == dict.fromkeys(range(4), 100)


def test_no_emotion_is_right_more_often_than_wrong(asked):
    right: Counter[str | None] = Counter()
    wrong: Counter[str | None] = Counter()
    for q in (q for q in asked if q.task == "reasoning_basic_video"):
        emotions = {BY_NAME[NAMES[choice]].emotion for choice in q.choices}
        true = BY_NAME[NAMES[q.choices[q.answer]]].emotion
        right[true] += 1
        wrong.update(emotions - {true})
    assert all(abs(right[emotion] - wrong[emotion]) <= 0.1 * right[emotion] for emotion in right)


def test_stress_kinds_are_half_yes_and_a_quarter_of_each_no(asked):
    for task in STRESS:
        kinds = Counter(q.kind for q in asked if q.task == task and q.kind != "plain")
        assert kinds["supporting"] == 2 * kinds["displaced"] == 2 * kinds["hallucinated"]
        assert kinds.total() > 0.95 * 2 * 400


def test_every_cue_is_answered_yes_as_often_as_no(asked):
    for task in STRESS:
        lean: Counter[str] = Counter()
        for q in (q for q in asked if q.task == task and q.kind != "plain"):
            lean[q.cue.name] += 1 if q.answer == 0 else -1
        assert max(map(abs, lean.values())) <= 3


def test_stress_answers_are_what_the_world_says(balanced, asked):
    for q in (q for q in asked if q.task in STRESS):
        side = balanced.facts[q.clip].side(q.target)
        claim = claimed(q)
        assert claim.modality == q.target
        groups = {
            "supporting": side.supporting,
            "displaced": side.displaced,
            "hallucinated": side.absent(side.emotion),
            "plain": side.plain,
        }
        assert claim.cues[0] == q.cue.name
        assert q.cue.name in groups[q.kind]
        assert q.choices[q.answer] == ("Yes" if q.kind == "supporting" else "No")
        assert claim.emotion == (side.emotion if q.kind == "plain" else BY_NAME[q.cue.name].emotion)


def test_knowing_the_emotion_and_not_the_cue_scores_chance(balanced, asked):
    """The rule "yes, if the asked emotion is shown" is right on supporting cues and wrong on all others."""
    right: dict[str, list[bool]] = {kind: [] for kind in ("supporting", "displaced", "hallucinated")}
    for q in (q for q in asked if q.task in STRESS and q.kind != "plain"):
        says_yes = claimed(q).emotion == balanced.facts[q.clip].side(q.target).emotion
        right[q.kind].append(q.choices[q.answer] == ("Yes" if says_yes else "No"))
    accuracy = {kind: 100 * sum(found) / len(found) for kind, found in right.items()}
    assert (accuracy["supporting"] + (accuracy["displaced"] + accuracy["hallucinated"]) / 2) / 2 == 50


def test_displaced_cues_of_another_emotion_can_be_asked_about_with_their_own(balanced):
    any_of_them = questions(balanced.clips, balanced.cues, Questions(displaced="own"), seed=1)
    others = [
        q
        for q in any_of_them
        if q.kind == "displaced" and claimed(q).emotion != balanced.facts[q.clip].side(q.target).emotion
    ]
    assert others
    assert all(claimed(q).emotion == BY_NAME[claimed(q).cues[0]].emotion for q in others)


def test_stereotypes_are_asked_about_no_more_often_than_other_cues(asked):
    for kind in ("supporting", "hallucinated", "displaced"):
        found = [q for q in asked if q.task in STRESS and q.kind == kind]
        assert all((q.typicality == "stereotyped") == (q.cue.name in STEREOTYPES) for q in found)
        assert 0.26 < sum(q.typicality == "stereotyped" for q in found) / len(found) < 0.4
    assert all(q.typicality is None for q in asked if q.kind == "plain" or q.task not in STRESS)


def test_the_emotion_is_asked_for_with_the_line_of_the_clip_and_without(balanced, asked):
    by_clip: dict[tuple[str, str], list[Question]] = {}
    for q in (q for q in asked if q.task.startswith("emotion_")):
        by_clip.setdefault((q.clip, q.target), []).append(q)
    assert len(by_clip) == 2 * len(balanced.clips)
    kinds: Counter[str | None] = Counter()
    for (clip, target), (alone, told) in by_clip.items():
        facts = balanced.facts[clip]
        said, shown = facts.clip.attributes["said"], facts.side(target).emotion
        assert (alone.kind, alone.choices, alone.lure) == ("no_words", told.choices, told.lure)
        assert told.text == f'The person says: "{facts.clip.transcript}" {alone.text}'
        assert told.answer is not None
        assert told.choices[told.answer] == ADJECTIVES[shown]
        assert told.kind == ("words_fit" if said == shown else "words_lie")
        assert (None if told.lure is None else told.choices[told.lure]) == (
            None if said == shown else ADJECTIVES[said]
        )
        kinds[told.kind] += 1
    assert 0.09 < kinds["words_fit"] / kinds.total() < 0.2


def test_half_of_the_descriptions_name_the_emotion(balanced, asked):
    described = [q for q in asked if q.task.startswith("description")]
    for q in described:
        shown = ADJECTIVES[balanced.facts[q.clip].side(q.target).emotion]
        named = q.text.endswith(f"is {shown}?")
        assert q.kind == ("named" if named else "open")
    assert 0.45 < sum(q.kind == "named" for q in described) / len(described) < 0.55


def test_agreement_is_true_half_of_the_time(balanced, asked):
    agreement = [q for q in asked if q.task == "modality_agreement"]
    assert len({q.clip for q in agreement}) == len(agreement) > 350
    assert sum(q.answer == 0 for q in agreement) * 2 == len(agreement)
    assert all((q.answer == 0) == balanced.facts[q.clip].agree for q in agreement)


def test_descriptions_refer_to_the_supporting_cues(balanced, asked):
    for q in (q for q in asked if q.task.startswith("description")):
        side = balanced.facts[q.clip].side(q.target)
        words = [BY_NAME[name].wordings[0] for name in side.supporting]
        assert list(q.references) == words
        assert is_true(q.text, language.because(q.target, side.emotion, words), {q.target: side})


def test_wording_tells_what_was_held_back(asked):
    for q in asked:
        templates = language.STRESS if "stress" in q.task else language.AGREEMENT
        if "stress" in q.task:
            kind = BY_NAME[q.cue.name]
            wording = kind.wordings.index(q.cue.text)
            last = q.text == language.stress(q.cue.name, claimed(q).emotion, wording, len(templates) - 1)
            assert q.wording == ("unseen" if last or wording == 2 else "seen")
        elif q.task == "modality_agreement":
            assert q.wording == ("unseen" if q.text == templates[3] else "seen")
