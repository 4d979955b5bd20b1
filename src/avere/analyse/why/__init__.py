"""Numbers from what a model showed of its reasons: attention, exchanged and withheld media, covered parts.

Each analysis is a module with ``read_parts``, which turns the records of one run into ratios of sums over
clips; :mod:`avere.analyse.why.lines` sets those of several runs side by side.
"""

from avere.analyse.why.lines import ReasonLine, ReasonPart, compare_parts
from avere.analyse.why.shelf import ANALYSES, Reasons, read_reasons, reason_lines

__all__ = ["ANALYSES", "ReasonLine", "ReasonPart", "Reasons", "compare_parts", "read_reasons", "reason_lines"]
