"""A dry run counts what the run would do, and its formulas give what the working below gives."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avere.errors import AvereError
from avere.interfaces import ModelSize, TokenCounts
from avere.models import qwen_omni
from avere.preference import estimate
from avere.preference.arguments import trainer_arguments
from avere.preference.batches import to_rows
from avere.preference.costs import ONE_DEVICE, Devices, Step, estimate_memory, estimate_operations
from avere.preference.data import read_records
from avere.preference.recipe import TrainingRecipe, parse_loss
from avere.preference.train import add_adapter, build

Make = Callable[..., Any]
OUTLINE = ModelSize(
    layers=2,
    width=10,
    feed_forward=20,
    vocabulary=50,
    body=1000,
    last=400,
    encoders=100,
    video=400,
    audio=200,
    adapted=80,
    wide_adapters=False,
    total=3000,
    trained=60,
)
WORK = TokenCounts(packed=80, padded=100, separate=200, scored=4, video=20, audio=10)
NONE = TokenCounts(0, 0, 0, 0, 0, 0)
GIB = 2**30


@pytest.fixture
def chosen(recipe: Make, files: dict[str, Path], tmp_path: Path) -> TrainingRecipe:
    qwen_omni.example(tmp_path / "base")
    made: TrainingRecipe = recipe(
        model={"source": str(tmp_path / "base"), "dtype": "float32", "options": {"device": "cpu"}}, data=files
    )
    return made


def views(recipe: TrainingRecipe) -> Any:
    return parse_loss(recipe.loss).views


def test_counts_are_those_of_the_run(chosen: TrainingRecipe, tmp_path: Path) -> None:
    plan = estimate.estimate_training(chosen, rate=1e9)
    model = qwen_omni.load(tmp_path / "base", device="cpu")
    records = read_records(chosen.data)
    trainer = build(
        model, chosen, parse_loss(chosen.loss), records, trainer_arguments(chosen, tmp_path / "none")
    )
    add_adapter(model, chosen, views(chosen))
    collate: Any = trainer.data_collator
    batch = collate(to_rows(records.pairs[:2]))
    assert plan.outline.trained == sum(w.numel() for w in model.module.parameters() if w.requires_grad)
    assert plan.outline.total == sum(weight.numel() for weight in model.module.parameters())
    assert (plan.counts["records"], plan.step.records) == (6, 6)
    packed = batch["policy"].packed
    assert model.count_tokens(batch["parts"].policy.candidates).padded == packed.tokens.numel()
    tokens = model.packer.media_tokens(batch["parts"].policy.candidates[0].prompt)
    assert plan.media == (tokens.audio + tokens.video, tokens.audio + tokens.video)
    assert 0 < plan.step.policy.packed < plan.step.policy.separate


@pytest.mark.parametrize("sizes", [(8, 2, 2), (7, 2, 1.5), (3, 1, 1), (9, 4, 2.2)])
def test_steps_are_the_trainers(
    recipe: Make, data: Make, pair: Make, tiny: Make, tmp_path: Path, sizes: tuple[int, int, float]
) -> None:
    records, at_once, epochs = sizes
    made = recipe(
        data=data([pair(number) for number in range(records)]),
        optimiser={"records_per_forward": at_once, "epochs": epochs},
    )
    trainer = build(
        tiny(),
        made,
        parse_loss(made.loss),
        read_records(made.data),
        trainer_arguments(made, tmp_path / "out"),
    )
    loader = trainer.get_train_dataloader()
    assert estimate.steps(records, made) == trainer.set_initial_training_values(trainer.args, loader)[-1]


def test_memory_is_worked_by_hand(recipe: Make) -> None:
    lora = recipe()
    # Weights 3000 * 4 = 12,000; trained 60 * 12 = 720; a token of a layer 4 * (10 * 10 + 4 * 20) = 720, so
    # 100 * 720 = 72,000 in the first; in the last 100 * 3 * 10 * 4 = 12,000 and 4 * 720 = 2,880; logits
    # 12 * 4 * 50 = 2,400. In all 102,000.
    assert memory(lora, views(lora)) == pytest.approx(1.1 * 102_000 + GIB)
    # With checkpointing 100 * (720 + 2 * 10 * 4) = 80,000 are kept instead.
    spared = recipe(gradient_checkpointing=True)
    assert memory(spared, views(spared)) == pytest.approx(1.1 * 95_120 + GIB)
    # Full training keeps the weights twice, unless the reference was read before.
    full, cached = recipe(adapter={"kind": "full"}), recipe(adapter={"kind": "full"}, cache_reference=True)
    assert memory(full, views(full)) == pytest.approx(1.1 * 114_000 + GIB)
    assert memory(cached, views(cached)) == pytest.approx(1.1 * 102_000 + GIB)
    # In bfloat16 a token keeps 2 * 180 = 360, and 2 * 2 * 10 for float32 copies in the norms: 400. So 6,000 +
    # 720 + 40,000 + 6,000 + 1,600 + 2,400.
    half = recipe(model={"source": "tiny", "dtype": "bfloat16"})
    assert memory(half, views(half)) == pytest.approx(1.1 * 56_720 + GIB)
    # In four bits with their scales, 1000 weights of the layers take 515.9 bytes instead of 2,000.
    small = recipe(model={"source": "tiny", "dtype": "bfloat16", "quantise": "nf4"})
    assert memory(small, views(small)) == pytest.approx(1.1 * 55_235.9 + GIB, abs=0.1)
    # Float32 adapters copy the 80 inputs, 320 bytes, instead of sharing 2 * (2 * 10 + 20): 640 a token.
    wide = OUTLINE._replace(wide_adapters=True)
    assert memory(half, views(half), wide) == pytest.approx(1.1 * 81_680 + GIB)


def memory(
    made: TrainingRecipe, read: Any, outline: ModelSize = OUTLINE, devices: Devices = ONE_DEVICE
) -> float:
    return estimate_memory(outline, WORK, made, read, devices)


def test_what_devices_deal_out_is_divided(recipe: Make) -> None:
    made = recipe()

    def shared(sharding: Any) -> float:
        return (memory(made, views(made), devices=Devices(4, sharding)) - GIB) / 1.1

    # On one device 102,000 as above: 12,000 of weights and 720 of gradients and moments.
    assert shared("ddp") == pytest.approx(102_000)
    assert shared("zero2") == pytest.approx(102_000 - 540)
    # Weights: a quarter of 12,000, and two layers of 500 whole.
    assert shared("fsdp2") == pytest.approx(102_000 - 540 - 12_000 + 3_000 + 4_000)
    # The encoders are whole: 400, and a quarter of the other 11,600.
    assert shared("zero3") == pytest.approx(102_000 - 540 - 12_000 + 400 + 2_900 + 4_000)


def test_operations_are_worked_by_hand(recipe: Make) -> None:
    step = Step(policy=WORK, detached=NONE, reference=WORK, records=2, largest=WORK)
    # A forward: 2 * (600 * 80 + (400 + 10 * 50) * 4) = 103,200. Four records for two epochs are 4 times the
    # sample. Policy forward and backward through frozen weights: 2 * 4 * 103,200 = 825,600; reference
    # 412,800; encoders 2 * (400 * 20 + 200 * 10) = 20,000, once for both: 80,000.
    assert estimate_operations(OUTLINE, step, recipe(), 4) == 825_600 + 412_800 + 80_000
    # The cached reference is read in one epoch only: half of 412,800, and 20,000 * 2 beside 20,000 * 4.
    cached = recipe(cache_reference=True)
    assert estimate_operations(OUTLINE, step, cached, 4) == 825_600 + 206_400 + 120_000
    # Kept features are made in one epoch only: 20,000 * 2.
    kept = recipe(run={"cache_features": True})
    assert estimate_operations(OUTLINE, step, kept, 4) == 825_600 + 412_800 + 40_000
    full = recipe(adapter={"kind": "full"}, gradient_checkpointing=True)
    assert estimate_operations(OUTLINE, step, full, 4) == 2 * 825_600 + 412_800 + 80_000


def test_published_encoders_are_charged_for_their_own_tokens(recipe: Make) -> None:
    """Vision at 7B has 676 million weights and four patches a token, audio 637 million and two positions."""
    outline = OUTLINE._replace(body=0, last=0, width=0, video=4 * 676_000_000, audio=2 * 637_000_000)
    work = TokenCounts(packed=0, padded=0, separate=0, scored=0, video=1024, audio=422)
    step = Step(work, NONE, NONE, 1, work)
    assert estimate_operations(outline, step, recipe(optimiser={"epochs": 1}), 1) == pytest.approx(
        6.6e12, rel=0.01
    )


def test_the_command_prints_a_table_and_writes_nothing(
    chosen: TrainingRecipe, tmp_path: Path, command: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(json.dumps(chosen.model_dump(mode="json", exclude={"base"})))
    before = sorted(tmp_path.rglob("*"))
    said = command(
        "train", "mine.yaml", "--dry-run", "--flops", "1e9", "--processes", "2", "--sharding", "fsdp2"
    )
    assert said.code == 0
    for part in (
        "optimiser steps",
        "tokens a record, packed",
        "with optimiser.group=none",
        "with optimiser.group=replacements",
        "GiB",
        "hours at 2e+09",
        "Nothing was written",
    ):
        assert part in said.out
    assert sorted(tmp_path.rglob("*")) == before


def test_a_model_without_sizes_says_so(recipe: Make, tiny: Make) -> None:
    with pytest.raises(AvereError, match="TinyModel cannot tell its sizes; train without --dry-run"):
        estimate.estimate_training(recipe(), model=tiny())


def test_rates_are_measured(recipe: Make) -> None:
    assert estimate.measure(recipe()) > 1e6
