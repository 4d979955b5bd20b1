"""EmoReAlM: accuracy, agreement, and both under stress; the same measures for every run."""

from avere.analyse.measures import HEADLINE, MEASURES, MeasureFamily
from avere.analyse.table import Table

FAMILY = MeasureFamily(
    MEASURES, (*HEADLINE, "mean_accuracy", "stress_yes_rate/supporting", "description/supporting")
)


def family(table: Table) -> MeasureFamily:
    """Take all measures, whatever was asked."""
    del table
    return FAMILY
