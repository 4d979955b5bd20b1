"""Filters leave out what words alone answer, with reasons; balance evens out what is left."""

from collections import Counter

import pytest
from tests.annotate.annotation import work

from avere.annotate.audit import warnings
from avere.annotate.blind import BLIND, find_solvable_blind
from avere.construct.balance import LARGEST, SURPLUS, balance
from avere.construct.filters import DUPLICATE, LEAK, LENGTHS, SAME, sift
from avere.construct.questions import questions
from avere.construct.recipe import Annotation, Filters, Questions
from avere.interfaces import Reply
from avere.models import scripted
from avere.records import Cue, PreferencePair, Provenance, Question
from avere.world.cues import EMOTIONS

MADE = Provenance(version="0")


def asked(number, answer, *, kind=None, emotion="fear", text="long sigh", choices=("Yes", "No")):
    cue = Cue(clip=f"c{number}", modality="audio", name="x", text=text, present=True, evidence_of=emotion)
    return Question(
        id=f"q{number}",
        clip=f"c{number}",
        task="reasoning_stress_audio" if choices == ("Yes", "No") else "reasoning_basic_audio",
        kind=kind,
        text=f"Is it {text}?",
        choices=choices,
        answer=answer,
        target="audio",
        cue=cue,
        made_by=MADE,
    )


def pair(name, *answers):
    chosen, spurious, hallucinated = answers
    return PreferencePair(
        id=name,
        clip="c",
        target="audio",
        prompt=name,
        chosen=chosen,
        spurious=spurious,
        hallucinated=hallucinated,
        made_by=MADE,
    )


def test_duplicates_leaks_and_unlike_answers_go_with_their_reasons():
    twice = asked(1, 0)
    leaking = asked(2, 0, text="furious shouting")
    fine = asked(3, 1)
    pairs = [
        pair("same", "a b c", "a b c", "a b d"),
        pair("long", "a b c", "a b e", "a b c d e f"),
        pair("good", "a b c", "a b e", "a b d"),
    ]
    found = sift([twice, twice, leaking, fine], pairs, Filters(), EMOTIONS)
    assert [q.id for q in found.questions] == ["q1", "q3"]
    assert [p.id for p in found.pairs] == ["good"]
    assert [one.reason for one in found.dropped] == [DUPLICATE, LEAK, SAME, LENGTHS]


def test_nothing_made_from_known_cues_is_left_out_but_for_wordings_that_name_the_emotion(balanced):
    made = questions(balanced.clips, balanced.cues, Questions(), 1)
    found = sift(made, [], Filters(), EMOTIONS)
    assert {one.reason for one in found.dropped} == {LEAK}
    naming = [q.id for q in made if {"merry", "startled"} & set(f"{q.text} {' '.join(q.choices)}".split())]
    assert [one.id for one in found.dropped] == naming


def test_models_that_always_say_yes_know_nothing(tmp_path):
    many = [asked(number, number % 2) for number in range(80)]
    models = [scripted.load(f"scripted:always-{word}") for word in ("yes", "no")]
    assert find_solvable_blind(many, models, work(tmp_path)) == {}


class Informed:
    """Knows the answers to the first questions and says yes to the others."""

    name, fingerprint = "informed", "i" * 64

    def __init__(self, known):
        self.known, self.asked = known, 0

    def respond(self, prompts, *, schema=None, **_):
        for index, prompt in enumerate(prompts):
            assert (prompt.video, prompt.audio, schema) == (None, None, None)
            self.asked += 1
            yield Reply(index=index, text=self.known.get(prompt.text, "Yes"))


def test_what_all_informed_models_answer_without_media_goes(tmp_path):
    many = [asked(number, number % 2, text=f"cue {number}") for number in range(80)]
    known = {f"{q.text} (A) Yes (B) No": q.choices[q.answer] for q in many[:60]}
    informed = Informed(known)
    found = find_solvable_blind(many, [informed, scripted.load("scripted:always-yes")], work(tmp_path))
    assert set(found) == {q.id for q in many[:60]} | {q.id for q in many[60:] if q.answer == 0}
    assert {one.reason for one in found.values()} == {BLIND}
    find_solvable_blind(many, [informed], work(tmp_path))
    assert informed.asked == 80


def test_plain_facts_are_not_put_to_blind_models(tmp_path):
    many = [asked(number, 1, kind="plain") for number in range(40)]
    informed = Informed({})
    assert find_solvable_blind(many, [informed], work(tmp_path)) == {}
    assert informed.asked == 0


def test_a_surplus_of_one_answer_is_taken_from_the_largest_groups():
    yes = [asked(n, 0, kind="supporting", emotion="fear" if n < 12 else "anger") for n in range(16)]
    no = [asked(n, 1, kind="hallucinated") for n in range(16, 24)]
    kept, dropped = balance([*yes, *no], Filters(), seed=0)
    assert Counter(question.answer for question in kept) == {0: 8, 1: 8}
    assert Counter(q.cue.evidence_of for q in kept if q.answer == 0 and q.cue) == {"fear": 4, "anger": 4}
    assert {one.reason for one in dropped} == {SURPLUS}


def test_letters_are_evened_out_without_a_loss_and_even_ones_stay():
    four = ("a b", "c d", "e f", "g h")
    many = [asked(n, 0, choices=four) for n in range(10)]
    kept, dropped = balance(many, Filters(), seed=0)
    assert not dropped
    assert sorted(Counter(q.answer for q in kept).values()) == [2, 2, 3, 3]
    assert {q.choices[q.answer or 0] for q in kept} == {"a b"}
    assert all(sorted(q.choices) == sorted(four) for q in kept)
    assert balance(kept, Filters(), seed=1)[0] == kept


def test_no_kind_and_emotion_is_far_above_the_others():
    many = [asked(n, 0, kind="plain", emotion="fear" if n < 30 else "anger") for n in range(40)]
    kept, dropped = balance(many, Filters(largest=1.0, balance=False), seed=0)
    assert len(kept) == 30
    assert {one.reason for one in dropped} == {LARGEST}


@pytest.mark.parametrize(
    ("share", "checked", "fingerprints", "words"),
    [
        (0.15, 500, ["a", "b"], []),
        (0.02, 500, ["a", "b"], ["share errors"]),
        (0.02, 10, ["a", "b"], ["only 10 cues"]),
        (0.15, 500, ["a", "a"], ["checked its own cues"]),
    ],
)
def test_the_summary_warns_of_what_a_check_cannot_see(share, checked, fingerprints, words):
    found = warnings({"present": share}, {"present": checked}, fingerprints, Annotation())
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))
