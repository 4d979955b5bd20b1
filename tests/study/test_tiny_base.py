"""The tiny base: every turn reaches the model with the right media, a run repeats, and the result loads."""

import pytest
import torch
from safetensors.torch import load_file

import avere
from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt, Scorer
from avere.models import qwen_omni, tiny
from avere.records import Clip, Medium, jsonl, runs
from avere.study.tiny_base import build
from avere.study.tiny_base.encoders import encoders_of, teach_encoders
from avere.study.tiny_base.lessons import LessonGroup, LessonTurn

SCENES = {
    "basic": 0,
    "feelings": 0,
    "agreement": 0,
    "descriptions": 0,
    "yes_no": 0,
    "missing": 0.0,
    "mixed": 0.0,
}


def recipe(seed=0, checkpoint_every=None):
    phase = {
        "learning_rate": 1e-2,
        "warmup_ratio": 0.0,
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "epochs": 1,
        "clips_per_step": 2,
    }
    return build.TinyBaseRecipe.model_validate(
        {
            "kind": "tiny_base",
            "world": {"clips": 4, "identities": 2, "seed": 9},
            "model": tiny.smallest().model_dump(),
            "encoders": {name: phase[name] for name in phase if name != "epochs"}
            | {"steps": {"video": 2, "audio": 1}},
            "phases": [
                phase | {"turns": {"told": "repeated"}},
                phase | {"turns": {"told": "reworded"}},
                phase | {"turns": SCENES, "train_encoders": False},
                phase | {"turns": {"rehearsed": 0.5}, "train_encoders": False},
            ],
            "checkpoint_every": checkpoint_every,
            "seed": seed,
        }
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return build.train(recipe(), tmp_path_factory.mktemp("base"))


def test_the_result_loads_and_scores(made):
    model = avere.load(made)
    assert isinstance(model, Scorer)
    clip = next(jsonl.read(made / "world" / "clips.jsonl", Clip))
    assert clip.video is not None
    assert clip.audio is not None
    prompt = Prompt(
        text="What can be seen here?", video=Medium(path=clip.video), audio=Medium(path=clip.audio)
    )
    assert model.score([Candidate(prompt=prompt, response="A")])[0] < 0


def test_all_phases_are_in_the_log(made):
    log = (made / "log.jsonl").read_text()
    assert all(f'"phase": {place}' in log for place in range(4))


def test_encoders_that_are_not_trained_stay_as_they_were_taught(made):
    taught = load_file(made / "towers.safetensors")
    for modality, encoder in encoders_of(qwen_omni.load(made)).items():
        for key, weights in encoder.state_dict().items():
            torch.testing.assert_close(weights, taught[f"{modality}.{key}"], rtol=0, atol=0)


def test_phases_told_in_words_come_first():
    phases = recipe().model_dump()["phases"]
    for wrong in (phases[::-1], phases[:1]):
        with pytest.raises(ValueError, match="told in words come first"):
            build.TinyBaseRecipe.model_validate(recipe().model_dump() | {"phases": wrong})


def test_every_response_weighs_the_same():
    # (-6 / 3 - 1 / 1) / 2 = -1.5: the mean of -2 a token and -1 a token
    value = build.loss(torch.tensor([-6.0, -1.0]), torch.tensor([3, 1]))
    assert value.item() == 1.5


def test_run_json_says_what_was_trained(made):
    found = runs.read_info(made)
    assert found is not None
    assert (found.verb, found.seed, found.models) == ("train", recipe().seed, ())
    assert found.recipe == recipe().model_dump(mode="json")
    assert found.ended is not None


def test_the_log_of_the_encoders_is_cut_at_line_feeds_alone(made, tmp_path):
    """A separator of lines may stand in any text of a row."""
    model, lesson, file = qwen_omni.load(made), recipe().encoders, tmp_path / "towers.safetensors"
    assert lesson is not None
    file.write_bytes((made / file.name).read_bytes())
    file.with_suffix(".jsonl").write_text('{"encoder": "a\u2028b\u0085c"}\n{"step": 1}\n', encoding="utf-8")
    found = teach_encoders(model, [], [], lesson, file)
    assert found == [{"encoder": "a\u2028b\u0085c"}, {"step": 1}]


def test_a_finished_run_is_left_alone_and_another_recipe_refused(made):
    before = (made / "model.safetensors").read_bytes()
    build.train(recipe(), made)
    assert (made / "model.safetensors").read_bytes() == before
    with pytest.raises(AvereError, match="another recipe"):
        build.train(recipe(seed=1), made)


def test_the_same_recipe_gives_the_same_weights(made, tmp_path):
    (tmp_path / "again").mkdir()
    again = build.train(recipe(), tmp_path / "again")
    assert (again / "model.safetensors").read_bytes() == (made / "model.safetensors").read_bytes()


def control(made, **changes):
    phases = recipe().model_dump()["phases"]
    phases[3]["turns"]["truthful"] = 1.0
    return recipe().model_copy(update={"begun": made}).model_dump() | {"phases": phases} | changes


def test_a_control_takes_over_what_was_learnt_before_clips_were_shown(made, tmp_path):
    healthy = build.train(build.TinyBaseRecipe.model_validate(control(made)), tmp_path / "healthy")
    for name in ("towers.safetensors", "untrained/tokenizer.json", "untrained/model.safetensors"):
        assert (healthy / name).read_bytes() == (made / name).read_bytes()
    assert (healthy / "model.safetensors").read_bytes() != (made / "model.safetensors").read_bytes()
    assert not (healthy / "world").exists()
    same = build.train(recipe().model_copy(update={"begun": made}), tmp_path / "same")
    assert (same / "model.safetensors").read_bytes() == (made / "model.safetensors").read_bytes()


def test_a_finished_base_is_taught_further_from_its_last_weights(tmp_path, monkeypatch):
    """Phases that are equal are not learnt again, and the tokenizer stays that of the base."""
    base = build.train(recipe(checkpoint_every=1), tmp_path / "base")
    calls, whole = [], build.loss

    def counted(*given, **named):
        calls.append(1)
        return whole(*given, **named)

    monkeypatch.setattr(build, "loss", counted)
    phases = recipe().phases
    longer = recipe(checkpoint_every=1).model_copy(update={"begun": base, "phases": (*phases, phases[-1])})
    further = build.train(longer, tmp_path / "further")
    assert len(calls) == longer.world.clips / phases[-1].clips_per_step
    assert (further / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()
    assert (further / "model.safetensors").read_bytes() != (base / "model.safetensors").read_bytes()
    last = longer.model_copy(update={"begun": further, "phases": (*longer.phases, phases[-1])})
    build.train(last, tmp_path / "last")
    assert [path.parent.name for path in tmp_path.glob("*/world")] == ["base"], "clips are rendered once"


def test_a_recipe_that_is_learnt_in_two_runs_is_one_recipe(made, tmp_path):
    """The first run stops early, the second has the rest, from one file."""
    phases = recipe().phases
    first = build.train(recipe(checkpoint_every=1).model_copy(update={"stop_after": 3}), tmp_path / "first")
    assert not (first / "phase-3").exists()
    second = recipe(checkpoint_every=1).model_copy(update={"begun": first})
    done = build.train(second, tmp_path / "second")
    assert (done / "phase-3").exists()
    assert (done / "tokenizer.json").read_bytes() == (first / "tokenizer.json").read_bytes()
    with pytest.raises(ValueError, match="stop_after must reach"):
        build.TinyBaseRecipe.model_validate(recipe().model_dump() | {"stop_after": 2, "phases": phases})


def test_a_run_that_learnt_otherwise_is_not_taken_over(made, tmp_path):
    wrong = build.TinyBaseRecipe.model_validate(control(made, seed=1))
    with pytest.raises(AvereError, match="another seed"):
        build.train(wrong, tmp_path / "wrong")
    with pytest.raises(AvereError, match="no finished tiny base"):
        build.train(recipe().model_copy(update={"begun": tmp_path}), tmp_path / "none")


def test_a_missing_medium_does_not_reach_the_model(made):
    file = made / "world" / "clips.jsonl"
    clips = {clip.id: clip for clip in jsonl.read(file, Clip)}
    name = next(iter(clips))
    turn = LessonTurn(clip=name, task="scene", text="?", response="!", target="video")
    group = LessonGroup(video=name, audio=None, turns=(turn,))
    (candidate,) = build.candidates(group, clips)
    assert candidate.prompt.video is not None
    assert candidate.prompt.video.path == clips[name].video
    assert candidate.prompt.audio is None


def test_turns_of_a_chain_follow_each_other_and_chains_are_apart(made):
    clips = {clip.id: clip for clip in jsonl.read(made / "world" / "clips.jsonl", Clip)}
    name = next(iter(clips))
    turns = tuple(
        LessonTurn(clip=name, task="scene", text=f"q{n}", response=f"a{n}", target="video") for n in range(5)
    )
    group = LessonGroup(video=name, audio=name, turns=turns)
    told = [
        [turn.text for turn in candidate.prompt.history] for candidate in build.candidates(group, clips, 3)
    ]
    assert told == [[], ["q0"], ["q0", "q1"], [], ["q3"]]


def test_a_stopped_run_goes_on_to_the_same_weights(made, tmp_path, monkeypatch):
    calls = []

    whole = build.loss

    def stopping(logps, labels, num_items_in_batch=None):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return whole(logps, labels, num_items_in_batch)

    monkeypatch.setattr(build, "loss", stopping)
    with pytest.raises(KeyboardInterrupt):
        build.train(recipe(checkpoint_every=1), tmp_path)
    monkeypatch.setattr(build, "loss", whole)
    done = build.train(recipe(checkpoint_every=1), tmp_path)
    assert (done / "model.safetensors").read_bytes() == (made / "model.safetensors").read_bytes()
