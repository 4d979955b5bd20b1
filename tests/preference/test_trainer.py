"""Whole training runs obey laws: accumulation, resuming, seeds, forwards, and the loss at the first step."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from avere.errors import AvereError
from avere.preference.arguments import trainer_arguments
from avere.preference.batches import to_rows
from avere.preference.data import read_records
from avere.preference.recipe import TrainingRecipe, parse_loss
from avere.preference.train import add_adapter, build, keep_reference, train_policy
from avere.preference.trainer import PreferenceTrainer
from avere.preference.views import View
from avere.records import Corruptions, PreferencePair

Make = Callable[..., Any]


@pytest.fixture
def start(tiny: Make, tmp_path: Path) -> Callable[[TrainingRecipe], Any]:
    """Return a trainer that stands before its first step."""

    def make(recipe: TrainingRecipe) -> Any:
        model = tiny()
        add_adapter(model, recipe, parse_loss(recipe.loss).views)
        return build(
            model,
            recipe,
            parse_loss(recipe.loss),
            read_records(recipe.data),
            trainer_arguments(recipe, tmp_path / "start"),
        )

    return make


def weights(folder: Path) -> dict[str, Tensor]:
    import safetensors.torch

    return safetensors.torch.load_file(folder / "tiny.safetensors")


def log(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def differ(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    assert one.keys() == other.keys()
    return max(float((one[name] - other[name]).abs().max()) for name in one)


@pytest.mark.parametrize("records", [8, 7])
def test_accumulating_four_by_one_is_one_by_four(
    recipe: Make, data: Make, pair: Make, tiny: Make, tmp_path: Path, records: int
) -> None:
    files = data([pair(number) for number in range(records)])
    for at_once in (1, 4):
        chosen = recipe(data=files, optimiser={"records_per_forward": at_once})
        train_policy(chosen, tmp_path / str(at_once), model=tiny())
    assert differ(weights(tmp_path / "1"), weights(tmp_path / "4")) < 1e-5
    one, four = log(tmp_path / "1"), log(tmp_path / "4")
    assert [entry.keys() for entry in one] == [entry.keys() for entry in four]
    for mine, other in zip(one[:-1], four[:-1], strict=True):
        # With a last step that is not full, the library counts epochs by forwards.
        assert {**mine, "epoch": 0} == pytest.approx({**other, "epoch": 0}, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize(
    ("adapter", "cached"),
    [({"kind": "lora", "rank": 2, "alpha": 2, "dropout": 0.2}, True), ({"kind": "full"}, False)],
)
def test_resuming_is_like_never_stopping(
    recipe: Make, tiny: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adapter: Any, cached: Any
) -> None:
    chosen = recipe(adapter=adapter, cache_reference=cached, run={"checkpoint_every": 1})
    train_policy(chosen, tmp_path / "whole", model=tiny())

    step = PreferenceTrainer.compute_loss

    def stop(self: PreferenceTrainer, *given: Any, **named: Any) -> Any:
        if self.state.global_step == 3:
            raise KeyboardInterrupt
        return step(self, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(PreferenceTrainer, "compute_loss", stop)
        with pytest.raises(KeyboardInterrupt):
            train_policy(chosen, tmp_path / "stopped", model=tiny())
    train_policy(chosen, tmp_path / "stopped", resume=True, model=tiny())
    assert differ(weights(tmp_path / "whole"), weights(tmp_path / "stopped")) == 0
    assert [entry["step"] for entry in log(tmp_path / "stopped")] == [
        entry["step"] for entry in log(tmp_path / "whole")
    ]


def test_a_seed_repeats_and_another_differs(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train_policy(recipe(seed=seed), tmp_path / name, model=tiny())
    assert differ(weights(tmp_path / "a"), weights(tmp_path / "b")) == 0
    assert differ(weights(tmp_path / "a"), weights(tmp_path / "c")) > 1e-4


@pytest.mark.parametrize(
    "adapter", [{"kind": "lora", "rank": 2, "alpha": 2, "dropout": 0.5}, {"kind": "full"}]
)
@pytest.mark.parametrize("form", ["published", "derived"])
def test_the_first_loss_is_the_constant(recipe: Make, start: Make, adapter: Any, form: str) -> None:
    trainer = start(recipe(adapter=adapter, loss={"name": "avem_dpo", "tpd_form": form}))
    trainer.model.train()
    batch = trainer.data_collator(to_rows(trainer.train_dataset.pairs))
    logps = trainer.log_probs(trainer.model, batch)
    text = {which: logps.reference[View("none", which)] for which in ("chosen", "spurious", "hallucinated")}
    offset = 0.2 * (text["chosen"] - 0.5 * text["spurious"] - 0.5 * text["hallucinated"])
    assert offset.abs().min() > 0
    expected = torch.nn.functional.softplus(offset if form == "published" else -offset) + math.log(2)
    loss = trainer.compute_loss(trainer.model, batch)
    torch.testing.assert_close(loss, expected.mean())


@pytest.mark.parametrize(("prior", "forwards"), [("reference", 2), ("policy", 3)])
def test_a_step_makes_at_most_three_forwards_over_distinct_readings(
    recipe: Make, start: Make, prior: str, forwards: int
) -> None:
    trainer = start(recipe(loss={"name": "avem_dpo", "text_prior": prior}))
    trainer.compute_loss(trainer.model, trainer.data_collator(to_rows(trainer.train_dataset.pairs[:2])))
    # Two records read 4 views of 2 clips each; the three text-only ones are apart.
    assert trainer.trainable.forwards == ([14, 8] if prior == "reference" else [8, 6, 8])
    assert len(trainer.trainable.forwards) == forwards


def test_a_kept_reference_is_read_once(recipe: Make, start: Make, tmp_path: Path) -> None:
    chosen = recipe(cache_reference=True)
    trainer = start(chosen)
    pairs = trainer.train_dataset.pairs[:2]
    fresh = trainer.log_probs(trainer.model, trainer.data_collator(to_rows(pairs)))
    keep_reference(trainer, "base", tmp_path, read_records(chosen.data))
    forwards = len(trainer.trainable.forwards)
    kept = trainer.log_probs(trainer.model, trainer.data_collator(to_rows(pairs[::-1])))
    assert trainer.trainable.forwards[forwards:] == [8]
    for view, values in fresh.reference.items():
        torch.testing.assert_close(values, kept.reference[view].flip(0))


@pytest.mark.parametrize("adapter", [{"kind": "lora", "rank": 2, "alpha": 2}, {"kind": "full"}])
def test_records_without_valid_corruption_give_exactly_no_modality_gradient(
    recipe: Make, data: Make, pair: Make, start: Make, adapter: Any
) -> None:
    plain = [pair(number, corruption=Corruptions(reason="the answer is no")) for number in range(4)]
    chosen = recipe(data=data(plain), adapter=adapter)
    trainer = start(chosen)
    logps = trainer.log_probs(trainer.model, trainer.data_collator(to_rows(plain)))
    terms = parse_loss(chosen.loss).module.loss(logps, parse_loss(chosen.loss).config)
    terms.parts["modality"].sum().backward()
    gradients = [value.grad for value in trainer.model.parameters() if value.requires_grad]
    assert gradients
    assert all(gradient is None or bool((gradient == 0).all()) for gradient in gradients)


@pytest.mark.parametrize("loss", [{"name": "sft"}, {"name": "dpo", "rejected": "both"}, {"name": "avem_dpo"}])
def test_training_prefers_the_chosen_answers_more_and_more(
    recipe: Make, tiny: Make, tmp_path: Path, loss: dict[str, Any]
) -> None:
    train_policy(
        recipe(loss=loss, optimiser={"epochs": 4, "learning_rate": 0.05}), tmp_path / "out", model=tiny()
    )
    entries = [entry for entry in log(tmp_path / "out") if "loss" in entry]
    assert entries[-1]["loss"] < entries[0]["loss"]
    if loss["name"] != "sft":
        assert entries[-1]["rewards/margins"] > entries[0]["rewards/margins"]
        assert entries[-1]["rewards/accuracies"] > 0.9
    else:
        assert entries[-1]["logps/chosen"] > entries[0]["logps/chosen"]


def test_the_log_speaks_the_names_of_the_field(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    train_policy(recipe(), tmp_path / "out", model=tiny())
    wanted = {"loss", "grad_norm", "learning_rate", "epoch", "step", "loss/response", "loss/modality"}
    wanted |= {"rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies", "logps/chosen"}
    wanted |= {"tpd/offset", "tpd/offset_q05", "tpd/offset_q95", "tpd/offset_large"}
    assert wanted <= log(tmp_path / "out")[0].keys()


def test_large_text_priors_are_warned_of(
    recipe: Make, tiny: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train_policy(recipe(loss={"name": "avem_dpo", "gamma_tpd": 50}), tmp_path / "out", model=tiny())
    assert "tpd/offset exceeds ±3 on 100 % of the records" in caplog.text
    assert "lower its weights in the loss section" in caplog.text


def test_both_offsets_of_mod_dpo_are_logged_with_their_tails(
    recipe: Make, tiny: Make, tmp_path: Path
) -> None:
    train_policy(recipe(loss={"name": "mod_dpo"}), tmp_path / "out", model=tiny())
    entry = log(tmp_path / "out")[0]
    for name in ("tpd/offset", "media/offset"):
        assert {f"{name}{end}" for end in ("", "_q05", "_q95", "_large")} <= entry.keys()


def test_a_loss_that_is_not_finite_stops_the_run(
    recipe: Make, tiny: Make, tmp_path: Path, pair: Callable[..., PreferencePair]
) -> None:
    model = tiny()
    torch.nn.init.constant_(model.module.head.bias, math.nan)
    with pytest.raises(AvereError, match="the loss of 2 record"):
        train_policy(recipe(), tmp_path / "out", model=model)
