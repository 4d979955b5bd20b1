"""What judges made of free descriptions, as people read it."""

from rich.table import Table

from avere.analyse import MEASURES
from avere.analyse.intervals import format_interval
from avere.analyse.judged import SHOWN, Judged
from avere.cli._tables import open_console, wrap_cells


def show_judged(found: Judged) -> None:
    """Print the rates of every reader, what it could not read, and how far the readers agree."""
    console = open_console()
    title = f"{found.model}, {found.condition}: {found.descriptions} descriptions, 95 % intervals over clips"
    rates = Table("measure", *found.readers, title=title, title_justify="left")
    for name in SHOWN:
        measured = (one.measures.get(name) for one in found.readers.values())
        cells = ("-" if one is None else format_interval(one) for one in measured)
        rates.add_row(MEASURES[name].title, *cells)
    console.print(wrap_cells(rates))
    for name, one in found.readers.items():
        for reason, count in one.unread.items():
            console.print(f"{name}: {count} not read: {reason}", highlight=False)
    if found.agreement:
        alphas = Table("Krippendorff's alpha", "coders", "cues", "faithfulness", title_justify="left")
        for name, each in found.agreement.items():
            alphas.add_row(name, str(each.coders), _alpha(each.cues), _alpha(each.faithfulness))
        console.print(wrap_cells(alphas))


def _alpha(value: float | None) -> str:
    """Return an agreement as it is printed."""
    return "-" if value is None else f"{value:.2f}"
