"""Steps are cut where the least is computed twice, and a budget of tokens changes no result."""

from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from avere.errors import AvereError
from avere.models import qwen_omni
from avere.preference.batches import PairSource, make_part
from avere.preference.budget import count_tokens, cut_step, make_budget
from avere.preference.data import keep_readable, read_records
from avere.preference.forwards import plan_forwards
from avere.preference.recipe import parse_loss
from avere.preference.sampling import Shape, StepSampler
from avere.preference.train import train_policy

Make = Callable[..., Any]
RECORDS = st.lists(st.dictionaries(st.sampled_from("abcd"), st.just(10), min_size=1), min_size=1, max_size=7)


def cuts(count: int, parts: int) -> list[list[list[int]]]:
    """List every way to cut so many records, in their order, into parts."""
    inner = combinations(range(1, count), parts - 1)
    return [[list(range(a, b)) for a, b in pairwise((0, *chosen, count))] for chosen in inner]


@given(pieces=RECORDS, limit=st.integers(10, 40), data=st.data())
def test_no_other_cut_within_the_limit_computes_less(pieces: Any, limit: int, data: Any) -> None:
    parts = data.draw(st.integers(1, len(pieces)))

    def cost(forwards: list[list[int]]) -> tuple[int, int]:
        tokens = [count_tokens(pieces[place] for place in each) for each in forwards]
        over = sum(each > limit and len(forward) > 1 for each, forward in zip(tokens, forwards, strict=True))
        return over, sum(tokens)

    found = cut_step(range(len(pieces)), pieces, limit, parts)
    assert cost(found) == min(map(cost, cuts(len(pieces), parts)))


def test_the_fewest_forwards_that_fit_every_step() -> None:
    # Records 0 and 1 share 100 tokens, 2 and 3 share none.
    pieces = [{"a": 100, "0": 5}, {"a": 100, "1": 5}, {"b": 60, "2": 5}, {"c": 60, "3": 5}]
    assert make_budget(pieces, 110, [[0, 1], [2, 3]], processes=1).parts == 2
    assert make_budget(pieces, 130, [[0, 1], [2, 3]], processes=1).parts == 1
    assert make_budget(pieces, 110, [[0, 1], [2, 3]], processes=3).parts == 3
    # Nothing makes a record smaller than it is.
    assert make_budget(pieces, 50, [[0, 1], [2, 3]], processes=1).cut([0, 1]) == [[0], [1]]


@given(records=st.integers(1, 30), step=st.integers(1, 9), processes=st.integers(1, 4))
def test_every_record_counts_once_in_as_many_forwards(records: int, step: int, processes: int) -> None:
    pieces = [{f"clip {place // 3}": 50, f"{place}": 7} for place in range(records)]
    pairs: Any = [None] * records
    steps = [[*range(start, min(start + step, records))] for start in range(0, records, step)]
    budget = make_budget(pieces, 120, steps, processes)
    samplers = [StepSampler(pairs, Shape(step, 1, processes, rank), 0, "none", budget)
                for rank in range(processes)]  # fmt: skip
    dealt = [list(sampler) for sampler in samplers]
    assert {len(forwards) for forwards in dealt} == {len(samplers[0])}
    slots = [slot for forwards in dealt for each in forwards for slot in each]
    assert sorted(slot.place for slot in slots if slot.counts) == list(range(records))


@pytest.fixture
def given_recipe(recipe: Make, files: dict[str, Path], tmp_path: Path) -> Make:
    qwen_omni.example(tmp_path / "base")
    source = {"source": str(tmp_path / "base"), "dtype": "float32", "options": {"device": "cpu"}}

    def make(**optimiser: Any) -> Any:
        chosen = {"records_per_step": 3, "group": "clip", **optimiser}
        return recipe(model=source, data=files, optimiser=chosen)

    return make


def test_pieces_are_hardly_more_than_the_tokens_that_are_computed(given_recipe: Make) -> None:
    made = given_recipe(tokens_per_forward=1000)
    model = qwen_omni.load(Path(made.model.source), device="cpu")
    views = parse_loss(made.loss).views
    records, _ = keep_readable(model, read_records(made.data), views, made.run)
    source = PairSource(views, records.clips, 0)
    budget = plan_forwards(model, records, source, made.optimiser, processes=1)
    assert budget is not None
    for chosen in ([0], [0, 2], range(6)):
        pairs = [records.pairs[place] for place in chosen]
        computed = model.count_tokens(make_part(pairs, views.policy, source).candidates).packed
        counted = count_tokens(budget.pieces[place] for place in chosen)
        assert computed <= counted <= 1.5 * computed


def test_a_budget_changes_no_weights(given_recipe: Make, tmp_path: Path) -> None:
    by_number = train_policy(given_recipe(records_per_forward=3), tmp_path / "number")
    by_tokens = train_policy(given_recipe(tokens_per_forward=260), tmp_path / "tokens")
    first, second = (load_file(out / "adapter_model.safetensors") for out in (by_number, by_tokens))
    assert all(torch.allclose(weight, second[name], atol=1e-6) for name, weight in first.items())


def test_a_model_that_cannot_count_is_refused(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    made = recipe(optimiser={"tokens_per_forward": 100})
    with pytest.raises(AvereError, match=r"TinyModel cannot count.*records_per_forward"):
        train_policy(made, tmp_path / "out", model=tiny())
