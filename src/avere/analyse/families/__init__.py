"""The measures of each kind of benchmark, one module a family; a benchmark names its own in ``FAMILY``."""

from avere import catalogue
from avere.analyse.measures import MeasureFamily
from avere.analyse.table import Table
from avere.interfaces import BenchmarkModule, FamilyModule


def of(table: Table) -> MeasureFamily:
    """Find the measures of a table, by the family of its benchmark.

    Raises:
        AvereError: no such benchmark.
    """
    name = catalogue.find("avere.benchmark", table.benchmark, BenchmarkModule).FAMILY
    return catalogue.find(__name__, name, FamilyModule).family(table)
