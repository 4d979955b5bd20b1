"""Both ways of constructing from the command line: known cues, and annotators; the second one resumes."""

import json
from pathlib import Path

import pytest

from avere.annotate.annotations import Waiting
from avere.annotate.decisions import Decided
from avere.construct.construction import Dropped
from avere.interfaces import CostEstimate, Prompt
from avere.models.scripted_annotator import Annotator
from avere.records import Clip, Cue, PreferencePair, Question, jsonl
from avere.world import plan
from avere.world.cues import EMOTIONS


@pytest.fixture
def world(workplace):
    """A folder of EmoWorld without media; what the annotators say does not depend on them."""
    plans = [plan.draw_plan(index, split="balanced", seed=5, identities=8) for index in range(120)]
    clips = (plan.clip_of(one).moved(lambda path: Path("world") / path) for one in plans)
    jsonl.write(workplace / "world" / "clips.jsonl", clips)
    jsonl.write(workplace / "world" / "cues.jsonl", (cue for one in plans for cue in plan.cues_of(one)))
    return "scripted_annotator:world"


def annotated(command, source, *more):
    return command("construct", "world", "--annotator", source, "--out", "data", *more)


def test_annotators_who_know_make_what_known_cues_make(command, world):
    assert command("construct", "world", "--out", "direct").code == 0
    more = ("--recipe", "emoworld", "--set", "filters.leaks=false")
    said = annotated(command, world, "--validator", f"{world}?seed=1", *more)
    assert said.code == 0
    assert said.out.splitlines()[-1] == "data"
    assert "warning: " in said.out
    for name, kind in (("questions", Question), ("pairs", PreferencePair)):
        direct, made = (
            [one.model_dump(exclude={"made_by"}) for one in jsonl.read(Path(folder) / f"{name}.jsonl", kind)]
            for folder in ("direct", "data")
        )
        assert made == direct
    clips = [list(jsonl.read(Path(folder) / "clips.jsonl", Clip)) for folder in ("direct", "data")]
    assert [one.shown for one in clips[0]] == [one.shown for one in clips[1]]


def test_again_nothing_is_asked_and_nothing_changes(command, world):
    sources = (f"{world}?errors=0.1", "--validator", f"{world}?errors=0.1&second=1&shared=0.5")
    assert annotated(command, *sources, "--blind", "scripted:always-yes").code == 0
    names = ("questions", "pairs", "clips", "cues", "queue", "dropped")
    first = {name: Path(f"data/{name}.jsonl").read_bytes() for name in names}
    whole = Path("data/construction.json").read_text(encoding="utf-8")
    assert annotated(command, *sources, "--blind", "scripted:always-yes").code == 0
    assert first == {name: Path(f"data/{name}.jsonl").read_bytes() for name in names}
    assert whole == Path("data/construction.json").read_text(encoding="utf-8")
    told = json.loads(whole)
    assert told["waiting"] == len(list(jsonl.read(Path("data/queue.jsonl"), Waiting))) > 0
    assert {cost["stage"] for cost in told["costs"]} == {"describe", "infer", "confirm", "blind"}
    assert sum(map(len, told["prompts"].values())) == 16 * len(told["prompts"])
    questions = list(jsonl.read(Path("data/questions.jsonl"), Question))
    assert sum(n for counts in told["questions"].values() for n in counts.values()) == len(questions)
    assert {question.made_by.recipe for question in questions} == {"annotated"}


def test_people_decide_what_waits(command, world):
    sources = (f"{world}?errors=0.1", "--validator", f"{world}?errors=0.1&second=1")
    assert annotated(command, *sources).code == 0
    first, second, *rest = jsonl.read(Path("data/queue.jsonl"), Waiting)
    cues = {(cue.clip, cue.name) for cue in jsonl.read(Path("data/cues.jsonl"), Cue)}
    said = [Decided(id=first.id, verdict="keep"), Decided(id=second.id, verdict="drop", by="me")]
    jsonl.write(Path("said.jsonl"), [*said, Decided(id="nowhere", verdict="keep")])
    told = annotated(command, *sources, "--verdicts", "said.jsonl")
    assert "warning: 1 verdicts are about no cue of this run, the first about 'nowhere'" in told.out
    assert list(jsonl.read(Path("data/queue.jsonl"), Waiting)) == rest
    now = {(cue.clip, cue.name) for cue in jsonl.read(Path("data/cues.jsonl"), Cue)}
    assert now - cues == {(first.clip, first.cue.name)}
    dropped = {one.id: one for one in jsonl.read(Path("data/dropped.jsonl"), Dropped)}
    assert first.id not in dropped
    assert (dropped[second.id].stage, dropped[second.id].reason) == ("people", "called wrong by people")
    jsonl.write(Path("said.jsonl"), [*said, Decided(id=first.id, verdict="drop")])
    refused = annotated(command, *sources, "--verdicts", "said.jsonl")
    assert (refused.code, "agree on one of the two" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((), "nobody checks what the annotator says"),
        (("--validator", "scripted_annotator:world?mistakes=1"), "mistakes is none of errors, second"),
        (("--validator", "scripted_annotator:nowhere"), "cannot read 'nowhere/clips.jsonl'"),
        (
            ("--validator", "scripted_annotator:world", "--set", "annotation.emotions=[joy, woe]"),
            "no clip of 'world/clips.jsonl' bears one of the labels joy, woe",
        ),
    ],
)
def test_what_cannot_work_is_one_line(command, world, more, words):
    said = annotated(command, world, *more)
    assert said.code == 2
    assert words in said.err
    assert said.err.strip().count("\n") == 0


def test_the_clips_themselves_are_not_written_over(command, world):
    before = Path("world/clips.jsonl").read_bytes()
    said = command("construct", "world", "--annotator", world, "--validator", world, "--out", "world")
    assert said.code == 2
    assert "not written over" in said.err
    assert Path("world/clips.jsonl").read_bytes() == before


def test_a_dry_run_counts_and_asks_nothing(command, world):
    said = annotated(
        command, world, "--validator", f"{world}?seed=1", "--dry-run", "--blind", "scripted:echo"
    )
    assert said.code == 0
    calls = {line.split()[0]: line.split()[3] for line in said.out.splitlines() if " calls " in line}
    assert calls == {"describe": "240", "infer": "240", "confirm": "240", "blind": "840"}
    assert not Path("data").exists()


def test_a_dry_run_prices_every_stage(command, world, monkeypatch):
    """A call costs 1.1 euros: two clips with two sides and seven questions each, asked blind."""
    asked: dict[str, list[Prompt]] = {}

    class Priced(Annotator):
        def estimate(self, prompts, *, max_tokens, schema, **_):
            title = (schema or {}).get("title", "blind")
            asked[title] = list(prompts)
            count = len({prompt.model_dump_json() for prompt in asked[title]})
            tokens = (1000 * count, max_tokens * count)
            return CostEstimate(
                calls=count,
                kept=0,
                unusable=0,
                input_tokens=tokens[0],
                output_tokens=tokens[1],
                cost=sum(tokens) / 1000,
                currency="EUR",
            )

    monkeypatch.setattr("avere.load", lambda source, **_: Priced({}, source))
    clips = list(jsonl.read(Path("world/clips.jsonl"), Clip))[:2]
    jsonl.write(Path("world/clips.jsonl"), clips)
    models = ("--validator", "b", "--blind", "c", "--set", "annotation.max_tokens=100")
    said = annotated(command, "a", *models, "--dry-run", "--set", "annotation.swapped=true")
    assert said.code == 0, said.err
    prices = [line.rpartition("about ")[2] for line in said.out.splitlines() if "tokens sent" in line]
    assert prices == ["4.4 EUR"] * 4 + ["15.4 EUR"]
    assert "together  about 33 EUR" in said.out
    assert {prompt.video is None and prompt.audio is None for prompt in asked["ConfirmationSaid"]} == {False}
    assert all(
        prompt.video is None and prompt.audio is None for prompt in asked["InferenceSaid"] + asked["blind"]
    )
    # Eight cues that are there, and three typical ones of each of the emotions that are not.
    (clip, *_) = asked["ConfirmationSaid"]
    assert sum(line[:1].isdigit() for line in clip.text.splitlines()) == 8 + 3 * len(EMOTIONS)


def test_a_validator_without_an_annotator_is_refused(command, world):
    assert command("construct", "world", "--out", "x", "--validator", world).code == 2
