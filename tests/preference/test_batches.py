"""Each distinct reading of a batch is encoded once, and every view finds its value."""

from collections.abc import Callable
from typing import Any

import torch

from avere.preference import batches
from avere.preference.batches import Collator, PairSource, to_rows
from avere.preference.views import View, Views, candidate_of
from avere.records import Clip, Corruptions, PreferencePair

Make = Callable[..., PreferencePair]
READ = frozenset({View("real", "chosen"), View("relevant", "chosen"), View("none", "spurious")})


def test_equal_readings_share_a_place(pair: Make, clips: dict[str, Clip]) -> None:
    plain = pair(1, corruption=Corruptions(reason="none fits"))
    source = PairSource(Views(READ, frozenset(), frozenset()), clips, 0)
    part = batches.make_part([pair(0), plain, pair(0)], READ, source)
    assert len(part.candidates) == 5
    assert part.rows[View("real", "chosen")][1] == part.rows[View("relevant", "chosen")][1]
    assert part.rows[View("real", "chosen")][0] == part.rows[View("real", "chosen")][2]
    found = part.gather(torch.arange(5.0))
    for view, values in found.items():
        for row, value in enumerate(values):
            asked = ([pair(0), plain, pair(0)])[row]
            assert part.candidates[int(value)] == candidate_of(asked, view, clips)


def test_known_readings_are_not_encoded_for_the_reference(
    pair: Make, clips: dict[str, Clip], tiny: Callable[..., Any]
) -> None:
    source = PairSource(Views(READ, frozenset(), READ), clips, 0)
    known = {candidate_of(pair(0), View("real", "chosen"), clips)}
    batch = Collator(tiny(), source, known)(to_rows([pair(0)]))
    assert len(batch["parts"].reference.candidates) == 3
    assert len(batch["parts"].unknown) == 2
    assert batch["detached"] is None


def test_lengths_are_counted_where_the_loss_reads_them(
    pair: Make, clips: dict[str, Clip], tiny: Callable[..., Any]
) -> None:
    views = Views(READ, frozenset(), frozenset(), lengths=frozenset({"chosen"}))
    batch = Collator(tiny(), PairSource(views, clips, 0), ())(to_rows([pair(0), pair(10)]))
    assert batch["lengths"]["chosen"].tolist() == [len("a smile 0") + 1, len("a smile 10") + 1]
