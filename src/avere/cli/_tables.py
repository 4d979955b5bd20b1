"""What all tables of the command line share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def open_console(*, stderr: bool = False) -> Console:
    """Make the console of a command: every text is printed as it is, brackets in labels and paths too."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, highlight=False)


def wrap_cells(table: Table) -> Table:
    """Let every cell take as many lines as it needs: names are never cut, however narrow the terminal.

    >>> from rich.console import Console
    >>> from rich.table import Table
    >>> table = Table("run", "n", box=None)
    >>> table.add_row("avem_dpo_derived", "7")
    >>> console = Console(width=13)
    >>> with console.capture() as said:
    ...     console.print(wrap_cells(table))
    >>> [line.rstrip() for line in said.get().splitlines()]
    [' run       n', ' avem_dpo  7', ' _derived']
    """
    for column in table.columns:
        column.overflow = "fold"
    return table
