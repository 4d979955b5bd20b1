"""The user study: blind and balanced pages, and numbers that a planted preference comes back from."""

import json
from collections import Counter

import numpy as np
import pytest

from avere.errors import AvereError
from avere.records import Prediction, Score, jsonl
from avere.verify.potato_settings import ProjectPlan
from avere.verify.project import SERVED, read_invited
from avere.verify.study_figures import compute_figures, estimate_share, find_strengths
from avere.verify.study_project import ComparedItem, export_study
from avere.verify.study_votes import StudyVote, import_study

from .conftest import HOSTILE, MADE, ask

RUNS = ("base-7b", "dpo-7b", "avem-7b")


@pytest.fixture(scope="module")
def runs(donors, tmp_path_factory):
    """Write three runs that describe four clips, one of them in hostile words; one reply failed."""
    home = tmp_path_factory.mktemp("runs")
    asked = [ask(f"d{n}", donors[n].id, "video", choices=(), answer=None) for n in range(4)]
    for number, name in enumerate(RUNS):
        folder = home / name
        jsonl.write(folder / "clips.jsonl", donors)
        jsonl.write(folder / "questions.jsonl", asked)
        jsonl.write(folder / "cues.jsonl", [])
        said = [
            Prediction(
                key=f"{name}/{one.id}",
                question=one.id,
                condition="av",
                model=name,
                reply=HOSTILE if one.id == "d0" else f"{'very ' * number}happy {one.id[1:]} times",
                status="failed" if (name, one.id) == ("dpo-7b", "d3") else "ok",
                made_by=MADE,
            )
            for one in asked
        ]
        jsonl.write(folder / "journal.jsonl", said)
        jsonl.write(folder / "scores.jsonl", [Score(key=one.key, value=1.0) for one in said])
    return [home / name for name in RUNS]


@pytest.fixture
def study(runs, tmp_path):
    out = tmp_path / "study"
    export_study(runs, out, ProjectPlan(people=2, per_question=2))
    return out


def test_pages_are_blind_and_words_stay_words(study):
    items = {one.id: one for one in jsonl.read(study / "private/study.jsonl", ComparedItem)}
    pages = [json.loads(line) for line in (study / SERVED / "data/items.jsonl").open()]
    assert len(pages) == len(items) == 3
    config = (study / SERVED / "config.yaml").read_text()
    for page in pages:
        assert set(page) == {"id", "text"}
        assert "</script" not in page["text"]
        assert "{{" not in page["text"]
        assert not any(name in page["text"] + config for name in RUNS)
        assert page["text"].count("avere-description") == 3


def test_every_run_stands_once_at_every_place(study):
    items = list(jsonl.read(study / "private/study.jsonl", ComparedItem))
    places = Counter((place, name) for one in items for place, name in enumerate(one.runs))
    assert places == {(place, name): 1 for place in range(3) for name in RUNS}


def store(study, choose):
    """Store what each person chooses of each item, as Potato does."""
    items = list(jsonl.read(study / "private/study.jsonl", ComparedItem))
    for token in read_invited(study):
        labels = {}
        for item in items:
            chosen = {
                aspect: choose(aspect, item) for aspect in ("description", "association", "inconsistent")
            }
            labels[item.id] = [
                [{"schema": f"which_{name}", "name": said}, said] for name, said in chosen.items() if said
            ]
        file = study / SERVED / "annotation_output" / token / "user_state.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"instance_id_to_label_to_value": labels}))


def test_choices_come_back_as_runs(study, command):
    def choose(aspect, item):
        if aspect == "inconsistent":
            return "none" if item.question == "d0" else "ABC"[item.runs.index("base-7b")]
        return "ABC"[item.runs.index("avem-7b")]

    store(study, choose)
    said = command("verify", "import", study)
    assert said.code == 0
    assert said.out.splitlines()[0] == "3 clips, 2 people"
    figures, not_taken = import_study(study)
    assert not_taken == {}
    assert figures.aspects["description"].shares["avem-7b"].value == 100.0
    assert figures.aspects["inconsistent"].shares["base-7b"].value == pytest.approx(100 * 4 / 6, abs=1e-3)
    assert figures.aspects["inconsistent"].none.value == pytest.approx(100 * 2 / 6, abs=1e-3)
    assert (study / "results/study.png").read_bytes().startswith(b"\x89PNG")


def test_unfinished_and_forged_choices_are_not_taken(study):
    store(study, lambda _, item: {"d0": None, "d1": "Z"}.get(item.question, "A"))
    figures, not_taken = import_study(study)
    assert (figures.items, not_taken) == (1, {"items unfinished or of another export": 4})


def test_nobody_is_told(study):
    with pytest.raises(AvereError, match="nobody has chosen anything"):
        import_study(study)


def test_runs_that_cannot_be_compared(runs, tmp_path):
    plan = ProjectPlan(people=2, per_question=2)
    with pytest.raises(AvereError, match="can compare 2 to 4"):
        export_study(runs[:1], tmp_path / "a", plan)
    with pytest.raises(AvereError, match="share no clip"):
        export_study(runs, tmp_path / "b", plan, condition="a")
    with pytest.raises(AvereError, match="two runs have one name"):
        export_study([runs[0], runs[0]], tmp_path / "c", plan)


def votes(choose, clips=60, people=12):
    """Let people choose between a short text of run a and a long one of run b, at places that take turns."""
    random = np.random.default_rng(3)
    made = []
    for clip in range(clips):
        for person in random.choice(people, 4, replace=False):
            runs = ("a", "b") if clip % 2 else ("b", "a")
            words = tuple(10 if name == "a" else 20 for name in runs)
            made.append(
                StudyVote(
                    item=f"s{clip}",
                    clip=f"c{clip}",
                    person=f"p{person}",
                    aspect="description",
                    chosen=choose(random, runs),
                    runs=runs,
                    words=words,
                )
            )
    return made


def holds(interval, value):
    return None not in (interval.low, interval.high) and interval.low < value < interval.high


def test_a_planted_preference_comes_back():
    found = compute_figures(votes(lambda random, _: "a" if random.random() < 0.8 else "b"))
    one = found.aspects["description"]
    assert holds(one.shares["a"], 80)
    assert one.strengths["a"] == pytest.approx(0.8, abs=0.06)
    # The shorter text wins: length alone explains as much as the run, with a slope below zero.
    assert one.length_slope < -1
    assert one.length_gain == pytest.approx(one.run_gain, abs=0.01)
    assert one.longest == pytest.approx(20, abs=6)
    assert one.place_p is not None
    assert one.place_p > 0.001


def test_a_bias_of_place_is_seen():
    one = compute_figures(votes(lambda random, runs: runs[0] if random.random() < 0.9 else runs[1]))
    found = one.aspects["description"]
    assert found.places["A"] == pytest.approx(90, abs=5)
    assert found.place_p is not None
    assert found.place_p < 1e-6
    assert holds(found.shares["a"], 50)
    assert abs(found.length_gain) < 0.02


def test_strengths_of_three_by_hand():
    # Each wins as often as its share of full sets; with many votes the half wins do not matter.
    choices = (
        [("a", ("a", "b", "c"))] * 5000 + [("b", ("a", "b", "c"))] * 3000 + [("c", ("a", "b", "c"))] * 2000
    )
    found = find_strengths(choices, ["a", "b", "c"])
    assert [found[name] for name in "abc"] == pytest.approx([0.5, 0.3, 0.2], abs=1e-3)


def test_few_people_have_no_interval():
    few = votes(lambda *_: "a", people=4)
    assert estimate_share(few, "a").reason == "only 60 clips and 4 people"
