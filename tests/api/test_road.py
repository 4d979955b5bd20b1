"""The road from Python: text paths, records with tables, mistakes in one line."""

import shutil
from typing import Any

import pytest

from avere import api
from avere.construct.build import build_from_cues
from avere.construct.recipe import ConstructionRecipe
from avere.errors import AvereError
from avere.models import qwen_omni
from avere.records import jsonl


class Mute:
    name = "mute"


@pytest.fixture(scope="module")
def data(tmp_path_factory, donors):
    """Questions and pairs about two clips of EmoWorld."""
    folder = tmp_path_factory.mktemp("data")
    home = donors[0].video.parent.parent
    from avere.records import Clip, Cue

    jsonl.write(folder / "clips.jsonl", list(jsonl.read(home / "clips.jsonl", Clip))[:2])
    known = {donor.id for donor in donors[:2]}
    jsonl.write(
        folder / "cues.jsonl", [cue for cue in jsonl.read(home / "cues.jsonl", Cue) if cue.clip in known]
    )
    build_from_cues(folder, folder, ConstructionRecipe())
    return folder


def test_answers_keep_the_order_and_say_what_went_wrong(tmp_path, donors):
    (tmp_path / "zero.mp4").write_bytes(b"")
    found = api.ask("scripted:echo", [str(tmp_path / "zero.mp4"), donors[0].video], "Why?").to_pandas()
    assert list(found.status) == ["media error", "ok"]
    assert list(found.reply) == ["", "Why?"]
    assert len(api.ask("scripted:echo", str(donors[0].video), "Why?").answers) == 1


def test_the_tiny_model_warns_of_other_clips(tmp_path, donors):
    shutil.copy(donors[0].audio, tmp_path / "a.wav")
    model = qwen_omni.example(tmp_path / "model")
    with pytest.warns(UserWarning, match="knows only the drawings and sounds of EmoWorld; about this clip"):
        api.ask(model, tmp_path / "a.wav", "Why?", max_tokens=1)


def test_scores_of_responses(tmp_path, donors):
    model = qwen_omni.example(tmp_path)
    found = api.score(model, donors[0].video, "Why?", ["yes", "no"]).to_pandas()
    assert list(found.response) == ["yes", "no"]
    assert (found.log_prob < 0).all()


def test_a_model_that_does_not_score_says_so(donors):
    model: Any = Mute()
    with pytest.raises(AvereError, match="'mute' does not tell how likely"):
        api.score(model, donors[0].video, "Why?", ["yes"])


def test_evaluations_are_compared_and_reported(tmp_path, data):
    yes = api.evaluate("scripted:always-yes", str(data), str(tmp_path / "yes"))
    echo = api.evaluate("scripted:echo", data, tmp_path / "echo", changes={"conditions": ["av", "text"]})
    assert set(echo.to_pandas().condition) == {"av", "text"}
    found = api.compare(yes, tmp_path / "echo").to_pandas()
    assert {"measure", "first", "second", "difference", "p"} <= {name.partition(".")[0] for name in found}
    assert api.report([yes, echo], tmp_path / "table.csv").is_file()


def test_construction_counts(tmp_path, data):
    made = api.construct(str(data), str(tmp_path), changes={"questions.stress": 0}).to_pandas()
    assert set(made.what) == {"question", "pair"}
    assert not any(
        task.startswith("reasoning_stress") and kind != "plain"
        for task, kind in zip(made.task, made.kind, strict=True)
    )


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda data: api.evaluate("tiny", data, "out", recipe="emorealn"), "did you mean 'emorealm'"),
        (lambda _: api.evaluate("tiny", "nowhere", "out"), "cannot read 'nowhere"),
        (lambda data: api.construct(data, "out", changes={"pairs.yesno": 1}), "did you mean 'yes_no'"),
        (
            lambda _: api.train("dpo_both_tiny", "out", changes={"optimizer": 1}),
            "did you mean 'optimiser'",
        ),
    ],
)
def test_mistakes_are_one_line(data, workplace, call, told):
    with pytest.raises(AvereError) as caught:
        call(data)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not any(workplace.iterdir())
