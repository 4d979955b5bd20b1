"""The table that ``--dry-run`` prints for a model behind an API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from avere.cli._tables import open_console, wrap_cells

if TYPE_CHECKING:
    from avere.interfaces import CostEstimate


def show(estimates: Sequence[CostEstimate]) -> None:
    """Print what asking would take, all estimates together."""
    from rich.table import Table

    table = Table("what", "how much", show_header=False)
    for row in rows(estimates):
        table.add_row(*row)
    open_console().print(wrap_cells(table))
    print("Tokens are estimates, rather too high; prices are as good as their file. Nothing was sent.")


def rows(estimates: Sequence[CostEstimate]) -> Iterator[tuple[str, str]]:
    """Yield the lines of the table."""
    for name, meaning in (
        ("calls", "calls"),
        ("kept", "answered before, or asked twice"),
        ("unusable", "with media that cannot be read"),
        ("input_tokens", "tokens sent, about"),
        ("output_tokens", "tokens of the replies, at most"),
    ):
        yield meaning, f"{sum(getattr(one, name) for one in estimates):,}"
    costs = [one.cost for one in estimates]
    known = [cost for cost in costs if cost is not None]
    whole = len(known) == len(costs)
    yield (
        "price, about",
        f"{sum(known):,.4g} {estimates[0].currency}" if whole else "not known: no price is given",
    )
