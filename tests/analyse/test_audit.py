"""The audit finds planted shortcuts, names them, and finds none where answers are drawn at random."""

import numpy as np
import pytest

from avere.analyse.audit import audit_text_shortcuts
from avere.errors import AvereError
from avere.records import Provenance, Question

WORDS = ["smile", "frown", "sob", "laugh", "sigh", "shout", "whisper", "tears"]


def asked(count, right_of, task="basic"):
    """Return questions of four random words each; ``right_of(random, words)`` says which is right."""
    random = np.random.default_rng([count, 1])
    made = []
    for place in range(count):
        words = tuple(random.choice(WORDS, 4, replace=False).tolist())
        answer = right_of(random, words)
        made.append(
            Question(
                id=f"q{place}",
                clip=f"c{place // 2}",
                task=task,
                text="Which cue?",
                choices=words,
                answer=answer,
                target="video",
                made_by=Provenance(version="0"),
            )
        )
    return made


def verdicts(questions):
    return {one.probe: one.verdict for one in audit_text_shortcuts(questions)}


def by_luck(random, _):
    return int(random.integers(4))


def test_luck_is_no_shortcut():
    found = audit_text_shortcuts(asked(300, by_luck))
    assert "shortcut" not in {one.verdict for one in found}
    assert all(12 < (one.right or 0.0) < 38 for one in found)
    assert {one.questions for one in found} == {300}


def test_a_letter_that_is_right_too_often():
    assert verdicts(asked(300, lambda random, _: 0 if random.random() < 0.4 else 3))["letter"] == "shortcut"


def test_the_longest_option():
    """Only 'whisper' has seven letters, so it is the longest wherever it stands."""

    def longest(random, words):
        return int(np.argmax([len(word) for word in words]))

    found = verdicts(asked(300, longest))
    assert (found["longest"], found["option words"]) == ("shortcut", "shortcut")


def test_a_word_that_is_right_too_often():
    def sob(random, words):
        return words.index("sob") if "sob" in words else int(random.integers(4))

    found = verdicts(asked(400, sob))
    assert found["option words"] == "shortcut"
    assert found["longest"] != "shortcut"


def test_a_question_that_tells_its_answer():
    questions = asked(300, by_luck)
    told = [one.model_copy(update={"text": f"Which cue {'abcd'[one.answer] * 2}?"}) for one in questions]
    assert verdicts(told)["question words"] == "shortcut"


def test_by_hand():
    """Two questions, options of 2, 2, 1 and 1 letters, right the first and the last: (1/2 + 0) / 2."""
    few = [
        one.model_copy(update={"choices": ("aa", "bb", "c", "d"), "answer": answer})
        for one, answer in zip(asked(2, by_luck), (0, 3), strict=True)
    ]
    found = {one.probe: one for one in audit_text_shortcuts(few)}
    assert (found["longest"].right, found["longest"].chance) == (25.0, 25.0)
    assert (found["letter"].right, found["letter"].verdict) == (50.0, "open")
    assert (found["letter"].low, found["letter"].high, found["letter"].reason) == (None, None, "only 1 clip")
    assert (found["option words"].verdict, found["option words"].reason) == (
        "not run",
        "needs 10 clips to learn from",
    )


def many(clips, each, right_of):
    """Return ``each`` questions of every clip, whose right letter ``right_of(clip, number)`` gives."""
    return [
        one.model_copy(update={"id": f"q{clip}-{n}", "clip": f"c{clip}", "answer": right_of(clip, n)})
        for clip in range(clips)
        for n, one in enumerate(asked(each, by_luck))
    ]


def letter_of(questions):
    return next(one for one in audit_text_shortcuts(questions) if one.probe == "letter")


def test_questions_of_one_clip_are_not_independent():
    """Of 20 clips 11 have the letter A throughout, 9 the letter B: the share is that of 11 of 20 clips.

    Its interval is that of the clips however many questions each has: 2000 draws of 20 clips, each with 11/20
    of being right, have their 2.5th and 97.5th percentiles at 7 and 15 clips (binomial quantiles).
    """
    one, ten = (letter_of(many(20, each, lambda clip, _: int(clip >= 11))) for each in (1, 10))
    assert (one.right, one.low, one.high) == (ten.right, ten.low, ten.high) == (55.0, 35.0, 75.0)
    assert (one.questions, ten.questions, one.reason, one.verdict) == (20, 200, None, "shortcut")


def test_fewer_than_twenty_clips_tell_nothing():
    found = letter_of(many(19, 20, lambda clip, _: int(clip >= 17)))
    assert (found.low, found.high, found.reason, found.verdict) == (None, None, "only 19 clips", "open")


def test_what_every_clip_says_is_sure():
    """Without spread there is no interval; enough clips that all agree need none."""
    found = letter_of(many(20, 2, lambda *_: 3))
    assert (found.right, found.low, found.reason) == (100.0, None, "the same in every draw")
    assert found.verdict == "shortcut"
    assert letter_of(many(19, 2, lambda *_: 3)).verdict == "open"


def test_plain_questions_stay_out_and_nothing_is_refused():
    plain = [one.model_copy(update={"kind": "plain"}) for one in asked(4, by_luck)]
    with pytest.raises(AvereError, match="nothing to audit"):
        audit_text_shortcuts(plain)
