"""Cues and pairs become questions about one clip, blind to what annotators said."""

import numpy as np
import pytest

from avere.annotate.annotations import Waiting
from avere.errors import AvereError
from avere.records import Clip, Corruption, Corruptions, Cue, PreferencePair, jsonl
from avere.verify.items import CUE_CHOICES, ask_about_pair, gather_items, order_choices

from .conftest import MADE, ask


def waiting(name, present, bearer="person"):
    cue = Cue(clip="c", modality="audio", name=name, text=name, present=present, bearer=bearer)
    return Waiting(
        id=f"c/audio/{name}", clip="c", cue=cue, said=("person", "absent"), agreement=0.5, question=f"{name}?"
    )


@pytest.fixture
def folder(tmp_path):
    jsonl.write(tmp_path / "clips.jsonl", [Clip(id="c", audio=tmp_path / "c.wav", source="t")])
    return tmp_path


def test_a_queue_is_asked_with_the_same_three_choices(folder):
    cues = [
        waiting("laugh", present=True),
        waiting("sob", present=True, bearer="other"),
        waiting("gasp", present=False),
    ]
    jsonl.write(folder / "queue.jsonl", cues)
    found = gather_items([folder / "queue.jsonl"]).questions.values()
    assert [one.answer for one in found] == [0, 1, 2]
    assert {one.choices for one in found} == {CUE_CHOICES}
    assert all(order_choices(one, np.random.default_rng(0)) == (0, 1, 2) for one in found)


def test_pairs_offer_each_answer_once(folder):
    pair = PreferencePair(
        id="p",
        clip="c",
        target="audio",
        prompt="Why?",
        chosen="a",
        spurious="b",
        hallucinated="b",
        made_by=MADE,
        corruption=Corruptions(audio=Corruption(kind="clip", clip="d")),
    )
    assert ask_about_pair(pair).choices == ("a", "b")
    jsonl.write(folder / "pairs.jsonl", [pair])
    found = gather_items([folder / "pairs.jsonl"])
    assert found.pairs == [pair]
    assert found.questions["p"].answer == 0


def test_two_items_with_one_id_are_refused(folder):
    jsonl.write(folder / "questions.jsonl", [ask("q", "c")])
    other = folder / "other"
    jsonl.write(other / "clips.jsonl", [Clip(id="c", audio=folder / "c.wav", source="t")])
    jsonl.write(other / "questions.jsonl", [ask("q", "c", text="Another?")])
    with pytest.raises(AvereError, match="two items have the id 'q'"):
        gather_items([folder, other])


def test_nothing_to_ask_is_told_with_reasons(folder):
    jsonl.write(folder / "questions.jsonl", [ask("q", "lost"), ask("r", "c", "video")])
    told = r"1 about a clip that clips\.jsonl lacks; 1 about video of a clip without it"
    with pytest.raises(AvereError, match=told):
        gather_items([folder])
    (folder / "questions.jsonl").write_text("")
    with pytest.raises(AvereError, match="the files are empty"):
        gather_items([folder])
    (folder / "questions.jsonl").write_text("nonsense")
    with pytest.raises(AvereError, match="no JSONL file"):
        gather_items([folder])
