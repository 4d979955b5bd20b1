"""The verbs that ask a model why, from a run to records, a table and the page."""

import pytest

from avere.analyse.why import read_reasons
from avere.construct import build
from avere.construct.recipe import ConstructionRecipe
from avere.models import qwen_omni


@pytest.fixture(scope="module")
def home(donors, tmp_path_factory):
    """Give a folder with a model, questions about four clips, and the model's answers."""
    from avere.cli.main import run

    place = tmp_path_factory.mktemp("why")
    qwen_omni.example(place / "model")
    build.build_from_cues(donors[0].video.parent.parent, place / "data", ConstructionRecipe())
    asked = ("--data", place / "data", "--out", place / "run", "--set", "open_tokens=4")
    assert run(["evaluate", "--model", str(place / "model"), *map(str, asked)]) == 0
    return place


def test_every_analysis_writes_records_and_prints_a_table(home, command):
    run, model = home / "run", ("--model", home / "model")
    told = command("analyse", "attention", run, *model, "--clips", 1)
    assert (told.code, "attention to sound" in told.out) == (0, True), told.err
    for verb in ("swap", "shapley"):
        told = command("analyse", verb, run, *model, "--clips", 2)
        assert (told.code, "Asked about the voice" in " ".join(told.out.split())) == (0, True), told.err
    told = command("analyse", "occlude", run, *model, "--clips", 1, "--questions", 1, "--films", 1)
    assert (told.code, "matters most" in " ".join(told.out.split())) == (0, True), told.err
    found = read_reasons(run)
    assert all((found.attention, found.swap, found.shapley, found.occlude))
    assert {len(one.shares) for one in found.attention} == {2}
    assert {one.made_by.model for one in found.swap} == {found.attention[0].made_by.model}
    assert list((run / "why" / "films").glob("*.mp4"))
    page = home / "report.html"
    assert command("report", run, "--out", page, "--clips", 0).code == 0
    text = page.read_text(encoding="utf-8")
    assert [f'id="reasons-{name}"' in text for name in ("attention", "swap", "shapley", "occlude")] == [
        True
    ] * 4
    told = command("analyse", "shapley", run, *model, "--clips", 2, "--base", run)
    assert "+0.0" in told.out


def test_mistakes_are_one_line(home, tmp_path, command):
    told = [
        command("analyse", "attention", tmp_path, "--model", "tiny"),
        command("analyse", "swap", home / "run"),
        command("analyse", "occlude", home / "run", "--model", "scripted:always-yes"),
    ]
    for one, words in zip(
        told, ("holds no journal", "name its model with --model", "fingerprint"), strict=True
    ):
        assert (one.code, one.err.count("\n")) == (2, 1), one.err
        assert words in one.err
