"""What the page tells of an answer: cues there, elsewhere or not there, refusals in words, no markup."""

import numpy as np
import pytest

import avere
from avere import media
from avere.errors import AvereError
from avere.interfaces import Reply
from avere.records import Cue
from avere.show.answers import answer_question, check_clip, find_cues
from avere.show.examples import make_examples
from avere.show.page import Limits, render, render_answers

LIMITS = Limits(seconds=5, megabytes=10, tokens=8)


def cue(name, bearer="person", *, present=True, modality="video"):
    return Cue(clip="c", modality=modality, name=name, text=name, present=present, bearer=bearer)


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return make_examples(tmp_path_factory.mktemp("examples"), 2)


@pytest.fixture
def grey(tmp_path):
    path = tmp_path / "grey.mp4"
    media.write_video(path, np.full((8, 64, 64, 3), 128, np.uint8), 4)
    return path


class Says:
    """A model that says one thing."""

    name, fingerprint = "<b>says</b>", "f" * 16

    def __init__(self, **reply):
        self.reply = reply

    def respond(self, prompts, **_):
        yield from (Reply(index=index, **self.reply) for index, _ in enumerate(prompts))


def test_cues_are_there_or_somebody_elses_or_not_there():
    known = [cue("smile"), cue("tears", "other"), cue("frown", present=False), cue("shirt-red", "other")]
    found = find_cues("A broad smile, wet tears and a deep frown, no laughter.", known)
    assert {one.presence for one in found} <= {"there", "there, but not the person's", "not there"}
    assert found[0] == ("broad smile", "there")
    assert found[1].presence == "there, but not the person's"
    assert all(one.presence == "not there" for one in found[2:])
    assert find_cues("It sounds nice.", known) == ()


def test_a_plain_fact_is_there_whoever_bears_it():
    (found,) = find_cues("the rain noise", [cue("ambient-rain", "other", modality="audio")])
    assert found.presence == "there"


def test_examples_are_known_by_content_and_not_by_name(examples, grey):
    clip, _ = examples.rows[0]
    assert len(examples.rows) == 2
    assert examples.known(clip)
    grey.rename(grey.with_name(clip.name))
    assert examples.known(grey.with_name(clip.name)) is None
    assert make_examples(grey.parent, 0).rows == ()


def test_a_tiny_model_tells_where_its_attention_went(examples):
    clip, question = examples.rows[0]
    found = answer_question(avere.load("tiny"), clip, question, examples.known(clip), 8)
    assert found.attention is not None
    assert sum(found.attention.values()) == pytest.approx(100)
    assert list(found.attention) == ["audio", "video", "text", "response"]
    assert found.cues is not None


def test_what_a_model_says_is_text(grey):
    said = Says(text="<script>alert(1)</script>", status="ok")
    page = render([answer_question(said, grey, "What?", None, 8)])
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "<b>says" not in page
    assert "nobody knows for this clip" in page
    assert "It has no sound" in page


def test_one_model_that_fails_does_not_silence_the_other(grey, examples):
    models = [Says(text="", status="refused", reason="it is <not> allowed"), Says(text="Yes", status="ok")]
    page = render_answers(models, examples, LIMITS, str(grey), "What?")
    assert page.count("<section") == 2
    assert "No answer: it is &lt;not&gt; allowed" in page


def test_input_that_cannot_be_used_is_told(grey, examples, tmp_path):
    models = [Says(text="Yes", status="ok")]
    long = tmp_path / "long.mp4"
    media.write_video(long, np.full((24, 64, 64, 3), 128, np.uint8), 4)
    said = {
        "there is no clip yet": (None, "What?"),
        "there is no question yet": (str(grey), "  "),
        "6 s long and at most 5 s": (str(long), "What?"),
        "no.mp4": (str(tmp_path / "no.mp4"), "What?"),
    }
    for words, given in said.items():
        page = render_answers(models, examples, LIMITS, *given)
        assert words in page
        assert "<section" not in page
    with pytest.raises(AvereError, match="--max-seconds"):
        check_clip(long, 5)
