"""Numbers from the files of runs: measures, intervals over clips, paired comparisons."""

from avere.analyse import families
from avere.analyse.compare import Comparison, compare, holm
from avere.analyse.contrast import Contrast, contrast
from avere.analyse.intervals import Estimate
from avere.analyse.measures import HEADLINE, MEASURES, estimate
from avere.analyse.readers import ByReader, by_reader
from avere.analyse.runs import Run, read
from avere.analyse.summary import Summary, read_summary, summarise
from avere.analyse.table import Table, table

__all__ = [
    "HEADLINE",
    "MEASURES",
    "ByReader",
    "Comparison",
    "Contrast",
    "Estimate",
    "Run",
    "Summary",
    "Table",
    "by_reader",
    "compare",
    "contrast",
    "estimate",
    "families",
    "holm",
    "read",
    "read_summary",
    "summarise",
    "table",
]
