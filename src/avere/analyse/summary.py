"""The numbers of one run in one file, ``summary.json``: the same run gives the same bytes."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from avere import __version__
from avere.analyse.intervals import DRAWS, SEED, Estimate, weights
from avere.analyse.measures import MEASURES, estimate
from avere.analyse.runs import Run, read
from avere.analyse.table import table
from avere.benchmark import file_name
from avere.errors import RecordError
from avere.records import Record, jsonl


class Numbers(Record):
    """What came of one condition."""

    questions: int
    clips: int
    status: Mapping[str, int]
    """How many questions by status; ``not asked`` is what a stopped run still lacks."""
    unscored: Mapping[str, int]
    """How many questions were not scored, by reason."""
    measures: Mapping[str, Estimate]


class Summary(Record):
    """What came of a run."""

    model: str
    fingerprint: str
    version: str
    draws: int
    seed: int
    conditions: Mapping[str, Numbers]


def summarise(folder: Path, draws: int = DRAWS, seed: int = SEED, reader: str = "strict") -> Path:
    """Compute every measure of a run folder under each of its conditions and write ``summary.json``.

    Another reader's numbers are written beside it, to ``summary.READER.json``.

    Raises:
        AvereError: the folder holds no run.
    """
    run = read(folder, reader)
    summary = Summary(
        model=run.model,
        fingerprint=run.fingerprint,
        version=__version__,
        draws=draws,
        seed=seed,
        conditions={name: _numbers(run, name, draws, seed) for name in sorted(run.predictions)},
    )
    path = folder / file_name("summary.json", reader)
    text = json.dumps(summary.model_dump(mode="json"), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def read_summary(folder: Path, reader: str = "strict") -> Summary:
    """Return the numbers of a run folder under one reader.

    Raises:
        RecordError: it has none, or they are not what this version writes.
    """
    path = folder / file_name("summary.json", reader)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecordError(f"cannot read '{path}': {error.strerror}; make it with `avere score`") from error
    return jsonl.parse(text, Summary, str(path))


def _numbers(run: Run, condition: str, draws: int, seed: int) -> Numbers:
    """Return what came of one condition."""
    rows = table(run, condition)
    by_clip = weights(len(rows.clips), draws, seed)
    answered = run.predictions[condition]
    status = Counter(answered[name].status if name in answered else "not asked" for name in run.questions)
    scores = [run.score(condition, name) for name in run.questions]
    reasons = Counter(one.reason or "no reason" for one in scores if one is not None and one.value is None)
    return Numbers(
        questions=len(rows.questions),
        clips=len(rows.clips),
        status=dict(sorted(status.items())),
        unscored=dict(sorted(reasons.items())),
        measures={name: estimate(name, rows, by_clip) for name in MEASURES},
    )
