"""Numbers from the files of runs: measures, intervals over clips, paired comparisons."""

from avere.analyse import families
from avere.analyse.compare import Comparison, adjust_holm, compare_runs
from avere.analyse.contrast import Contrast, contrast_runs
from avere.analyse.intervals import Interval
from avere.analyse.measures import HEADLINE, MEASURES, estimate_measures
from avere.analyse.parsers import ByParser, by_parser
from avere.analyse.runs import Run, read_run
from avere.analyse.summary import Summary, read_summary, summarise_run
from avere.analyse.table import Table, read_table

__all__ = [
    "HEADLINE",
    "MEASURES",
    "ByParser",
    "Comparison",
    "Contrast",
    "Interval",
    "Run",
    "Summary",
    "Table",
    "adjust_holm",
    "by_parser",
    "compare_runs",
    "contrast_runs",
    "estimate_measures",
    "families",
    "read_run",
    "read_summary",
    "read_table",
    "summarise_run",
]
