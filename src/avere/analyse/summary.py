"""The numbers of one run in one file, ``summary.json``: the same run gives the same bytes."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from avere import __version__, catalogue, files
from avere.analyse import families
from avere.analyse.controls import is_turn, measure_controls
from avere.analyse.intervals import DRAWS, SEED, Interval, draw_weights
from avere.analyse.measures import estimate_with_interval
from avere.analyse.runs import Run, read_run
from avere.analyse.table import read_table
from avere.benchmark import file_name
from avere.errors import RecordError
from avere.interfaces import BenchmarkModule, PeopleBenchmark
from avere.records import Prediction, Record, Score, jsonl

SUMMARY = "summary.json"


class Numbers(Record):
    """What came of one condition."""

    questions: int
    clips: int
    status: Mapping[str, int]
    """How many questions by status; ``not asked`` is what a stopped run still lacks.

    Whatever its status, a question stays in every denominator.
    """
    unscored: Mapping[str, int]
    """How many questions were not scored, by reason."""
    sound_cut: int = 0
    """How many questions whose sound reached the model only in part, because it takes no more at once."""
    measures: Mapping[str, Interval]


class Summary(Record):
    """What came of a run."""

    benchmark: str = "emorealm"
    model: str
    fingerprint: str
    version: str
    draws: int
    seed: int
    conditions: Mapping[str, Numbers]
    controls: Mapping[str, Interval] = Field(default_factory=dict)
    """What the conditions say together, by control and task."""
    people: Mapping[str, float] = Field(default_factory=dict)
    """What people reach under a condition, in percent, as published with the data."""
    skipped: Mapping[str, str] = Field(default_factory=dict)
    """Conditions that would have changed nothing, with the reason."""


def summarise_run(folder: Path, draws: int = DRAWS, seed: int = SEED, parser: str = "strict") -> Path:
    """Compute every measure of a run folder under each of its conditions and write ``summary.json``.

    Another parser's numbers are written beside it, to ``summary.PARSER.json``.

    Raises:
        AvereError: the folder holds no run.
    """
    run = read_run(folder, parser)
    benchmark = catalogue.find("avere.benchmark", run.benchmark, BenchmarkModule)
    people = benchmark.PEOPLE if isinstance(benchmark, PeopleBenchmark) else {}
    summary = Summary(
        benchmark=run.benchmark,
        model=run.model,
        fingerprint=run.fingerprint,
        version=__version__,
        draws=draws,
        seed=seed,
        conditions={
            name: _numbers(run, name, draws, seed) for name in sorted(run.predictions) if not is_turn(name)
        },
        controls=measure_controls(
            run, draw_weights(len({one.clip for one in run.questions.values()}), draws, seed)
        ),
        people={name: people[name] for name in sorted(run.predictions) if name in people},
        skipped=dict(sorted(run.skipped.items())),
    )
    path = folder / file_name(SUMMARY, parser)
    text = json.dumps(summary.model_dump(mode="json"), indent=1, ensure_ascii=False)
    return files.write_text(path, text + "\n")


def read_summary(folder: Path, parser: str = "strict") -> Summary:
    """Return the numbers of a run folder under one parser.

    Raises:
        RecordError: it has none, or they are not what this version writes.
    """
    path = folder / file_name(SUMMARY, parser)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise RecordError(f"cannot read '{path}': {why}; make it with `avere score`") from error
    return jsonl.parse(text, Summary, str(path))


def _numbers(run: Run, condition: str, draws: int, seed: int) -> Numbers:
    """Compute the measures of one condition."""
    rows = read_table(run, condition)
    by_clip = draw_weights(len(rows.clips), draws, seed)
    answered = run.predictions[condition]
    scores = [run.score(condition, name) for name in run.questions]
    ends = Counter(map(count_status, map(answered.get, run.questions), scores))
    reasons = Counter(one.reason or "no reason" for one in scores if one is not None and one.value is None)
    return Numbers(
        questions=len(rows.questions),
        clips=len(rows.clips),
        status=dict(sorted(ends.items())),
        unscored=dict(sorted(reasons.items())),
        sound_cut=sum(one.media_tokens.audio_cut > 0 for one in answered.values()),
        measures={
            name: estimate_with_interval(one, rows, by_clip)
            for name, one in families.of(rows).measures.items()
        },
    )


def count_status(prediction: Prediction | None, score: Score | None) -> str:
    """Count how questions ended; ``unparsed``: a closed one was answered, in words that cannot be read."""
    if prediction is None:
        return "not asked"
    if prediction.status != "ok" or score is None:
        return prediction.status
    words = score.read_as not in (None, "log-prob", "description")
    unread = words and score.value is None
    return "unparsed" if unread else "ok"
