"""The records of each analysis, in the folder ``why`` of a run, and their lines over several runs."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from avere.analyse.why import attention, grids, occlusion
from avere.analyse.why.lines import ReasonLine, ReasonPart, compare_parts
from avere.analyse.why.occlusion import Pointing
from avere.records import AttentionShares, MediaGrid, OcclusionMap, Record, jsonl

FOLDER = "why"
POINTING = "pointing"
R = TypeVar("R", bound=Record)


class Reasons(NamedTuple):
    """All that a run shows of its reasons; empty where an analysis was not made."""

    attention: tuple[AttentionShares, ...] = ()
    swap: tuple[MediaGrid, ...] = ()
    shapley: tuple[MediaGrid, ...] = ()
    occlude: tuple[OcclusionMap, ...] = ()
    pointing: tuple[Pointing, ...] = ()


PARTS: Mapping[str, Callable[[Reasons], list[ReasonPart]]] = {
    "attention": lambda found: list(attention.read_parts(found.attention)),
    "swap": lambda found: list(grids.read_swaps(found.swap)),
    "shapley": lambda found: list(grids.read_shapley(found.shapley)),
    "occlude": lambda found: [
        *occlusion.read_pointing(found.pointing),
        *occlusion.read_parts(found.occlude),
    ],
}
ANALYSES = tuple(PARTS)


def file_of(run: Path, analysis: str) -> Path:
    """Name the file of an analysis of a run."""
    return run / FOLDER / f"{analysis}.jsonl"


def read_reasons(run: Path) -> Reasons:
    """Read what was analysed of a run.

    Raises:
        RecordError: a line of a file is wrong.
    """
    return Reasons(
        attention=_read(run, "attention", AttentionShares),
        swap=_read(run, "swap", MediaGrid),
        shapley=_read(run, "shapley", MediaGrid),
        occlude=_read(run, "occlude", OcclusionMap),
        pointing=_read(run, POINTING, Pointing),
    )


def reason_lines(runs: Mapping[str, Reasons], analysis: str) -> list[ReasonLine]:
    """Make the lines of one analysis, all runs side by side."""
    return compare_parts({label: PARTS[analysis](found) for label, found in runs.items()})


def _read(run: Path, analysis: str, kind: type[R]) -> tuple[R, ...]:
    """Read the records of an analysis; none where it was not made."""
    file = file_of(run, analysis)
    return tuple(jsonl.read(file, kind)) if file.exists() else ()
