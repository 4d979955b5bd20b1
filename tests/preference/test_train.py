"""What a run refuses before it starts, what it leaves behind, and the command line."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avere.errors import AvereError
from avere.preference import train as training
from avere.preference.arguments import accumulation_steps
from avere.preference.train import train_policy
from avere.records import Corruptions

Make = Callable[..., Any]


def test_missing_answers_and_clips_are_counted_before_anything_is_loaded(
    recipe: Make, data: Make, pair: Make, tmp_path: Path
) -> None:
    pairs = [pair(0, spurious=None), pair(1), pair(12, spurious=None), pair(20)]
    with pytest.raises(AvereError) as caught:
        train_policy(recipe(data=data(pairs)), tmp_path / "out")
    text = str(caught.value)
    assert "2 clips that the pairs name are not in the clips file, first 'c20'" in text
    assert "2 of 4 records have no spurious answer, which this loss reads" in text
    assert not (tmp_path / "out").exists()


def test_missing_files_are_counted(recipe: Make, data: Make, pair: Make, tmp_path: Path) -> None:
    files = data([pair(0)])
    (tmp_path / "c1.wav").unlink()
    with pytest.raises(AvereError, match=r"1 media files do not exist, first '.*c1\.wav'"):
        train_policy(recipe(data=files), tmp_path / "out")


def test_a_loss_that_reads_no_second_answer_needs_none(
    recipe: Make, data: Make, pair: Make, tiny: Make, tmp_path: Path
) -> None:
    files = data([pair(number, hallucinated=None) for number in range(4)])
    with pytest.raises(AvereError, match="4 of 4 records have no hallucinated answer"):
        train_policy(recipe(data=files, loss={"name": "dpo"}), tmp_path / "out", model=tiny())
    for loss in ({"name": "sft"}, {"name": "dpo", "rejected": "either"}):
        train_policy(recipe(data=files, loss=loss), tmp_path / loss["name"], model=tiny())


def test_a_clip_without_the_medium_asked_about_is_refused(
    recipe: Make, data: Make, pair: Make, tmp_path: Path
) -> None:
    files = data([pair(0, target="audio")])
    lines = [json.loads(line) for line in files["clips"].read_text().splitlines()]
    files["clips"].write_text("".join(json.dumps({**line, "audio": None}) + "\n" for line in lines))
    with pytest.raises(AvereError, match="1 records ask about a medium that their clip lacks, first 'p0'"):
        train_policy(recipe(data=files), tmp_path / "out")


def test_no_pairs_is_an_error(recipe: Make, data: Make, tmp_path: Path) -> None:
    with pytest.raises(AvereError, match="holds no pairs"):
        train_policy(recipe(data=data([])), tmp_path / "out")


def test_records_without_modality_preference_are_logged(
    recipe: Make, data: Make, pair: Make, tiny: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plain = [pair(number, corruption=Corruptions(reason="no")) for number in range(2)]
    train_policy(recipe(data=data([*plain, pair(2), pair(3)])), tmp_path / "out", model=tiny())
    assert "2 of 4 records have no valid corruption; they carry no modality preference" in caplog.text


@pytest.mark.parametrize("only", [False, True])
def test_only_falsifying_leaves_the_other_records_without_modality_preference(
    recipe: Make, data: Make, pair: Make, tiny: Make, tmp_path: Path, *, only: bool
) -> None:
    """Records about audio, of which only the video has a replacement."""
    swap = pair(0).corruption.video
    pairs = [pair(3 * n, corruption=Corruptions(video=swap, reason="no")) for n in range(4)]
    for name in ("mdpo", "vista_dpo", "omni_dpo"):
        loss = {"name": name, "only_falsifying": only}
        steps = {"epochs": 4, "warmup_ratio": 0}
        out = train_policy(
            recipe(data=data(pairs), loss=loss, optimiser=steps), tmp_path / name, model=tiny()
        )
        last = json.loads((out / "metrics.json").read_text())
        assert last["records_without_modality_preference"] == (4 if only else 0)
        parts = {key: value for key, value in last.items() if key.startswith("loss/modality")}
        untouched = {key for key, value in parts.items() if value == pytest.approx(math.log(2), abs=1e-8)}
        # Audio has no replacement, so its own preference compares an input with itself either way.
        assert untouched == (parts.keys() if only else parts.keys() & {"loss/modality_audio"})


def test_records_are_counted_for_each_medium_that_a_loss_corrupts(
    recipe: Make, data: Make, pair: Make, tiny: Make, tmp_path: Path
) -> None:
    pairs = [pair(number) for number in range(3)]
    loss = {"name": "omni_dpo", "only_falsifying": True}
    out = train_policy(recipe(data=data(pairs), loss=loss), tmp_path / "out", model=tiny())
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["records_without_modality_preference"] == 0
    assert (metrics["records_left_real/audio"], metrics["records_left_real/video"]) == (1, 1)


def test_a_used_folder_is_not_overwritten(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    train_policy(recipe(), tmp_path / "out", model=tiny())
    with pytest.raises(
        AvereError, match="holds a finished training run; add --resume, or give another --out"
    ):
        train_policy(recipe(), tmp_path / "out", model=tiny())
    with pytest.raises(AvereError, match="follows another recipe"):
        train_policy(recipe(seed=1), tmp_path / "out", resume=True, model=tiny())
    before = (tmp_path / "out" / "log.jsonl").read_bytes()
    assert train_policy(recipe(), tmp_path / "out", resume=True) == tmp_path / "out"
    assert (tmp_path / "out" / "log.jsonl").read_bytes() == before


def test_a_model_that_counts_no_tokens_cannot_average_over_them(
    recipe: Make, tiny: Make, tmp_path: Path
) -> None:
    chosen = recipe(loss={"name": "avem_dpo", "tpd_normalise": "mean"})
    train_policy(chosen, tmp_path / "out", model=tiny())
    members = {name: value for name, value in vars(tiny).items() if name != "response_tokens"}
    with pytest.raises(AvereError, match="Silent cannot count the tokens of an answer"):
        train_policy(chosen, tmp_path / "other", model=type("Silent", (), members)())


def test_forwards_of_a_step_are_rounded_up(recipe: Make) -> None:
    # Four records a step, two a forward.
    assert [accumulation_steps(recipe(), processes) for processes in (1, 2, 3)] == [2, 1, 1]


def test_a_model_without_weights_cannot_be_trained(recipe: Make, tmp_path: Path) -> None:
    chosen = recipe(model={"source": "scripted:echo", "dtype": "float32"})
    with pytest.raises(AvereError, match="'scripted:echo' cannot be trained; give a model whose weights are"):
        train_policy(chosen, tmp_path / "out")


def test_a_model_that_cannot_checkpoint_gradients_says_so(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    with pytest.raises(AvereError, match="set gradient_checkpointing=false"):
        train_policy(recipe(gradient_checkpointing=True), tmp_path / "out", model=tiny())


def test_the_folder_tells_its_story(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    out = train_policy(recipe(), tmp_path / "out", model=tiny())
    assert {"recipe.json", "log.jsonl", "metrics.json", "README.md", "tiny.safetensors"} <= {
        file.name for file in out.iterdir()
    }
    card = (out / "README.md").read_text()
    for part in ("tiny-0", "sha256 of pairs.jsonl", "loss.name | avem_dpo", "rewards/margins", "## Limits"):
        assert part in card
    assert str(tmp_path) not in card
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["step"], metrics["records"], metrics["records_without_modality_preference"]) == (4, 8, 0)


def test_the_command_line_trains_and_says_where(
    data: Make, tiny: Make, tmp_path: Path, command: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, out = data(), tmp_path / "result"
    monkeypatch.setattr(training, "load_policy", lambda _: tiny())
    sets = [f"data.{name}={path}" for name, path in files.items()] + ["optimiser.records_per_step=8"]
    words = [word for each in sets for word in ("--set", each)]
    said = command("train", "dpo_either_tiny", *words, "--out", out)
    assert (said.code, str(out) in said.out) == (0, True)
    assert (out / "metrics.json").is_file()
    again = command("train", "dpo_either_tiny", *words, "--out", out)
    assert again.code == 2
    assert again.err.count("\n") == 1
    wrong = command("train", "dpo_either_tiny", "--set", "loss.betta=1")
    assert (wrong.code, "betta: no such key; did you mean 'beta'" in wrong.err) == (2, True)
