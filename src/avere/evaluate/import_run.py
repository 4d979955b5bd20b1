"""Runs of other harnesses as run folders of ours, so that their words can be read and compared anew."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from avere import __version__, catalogue
from avere.benchmark import BenchmarkData, read_data
from avere.errors import AvereError, unknown_name
from avere.evaluate._run_folder import BUSY, digest_data, keep_data
from avere.evaluate.plan import benchmark_of
from avere.evaluate.recipe import EvaluationRecipe
from avere.exchange import harnesses
from avere.exchange.harnesses._said import HarnessReply
from avere.interfaces import HarnessReader
from avere.records import Clip, ModelInfo, Prediction, Provenance, Question, RunInfo, journal, locks, runs

CONDITION = "av"
"""What every exported task asks under."""


class ImportedRun(NamedTuple):
    """What a run folder was made of."""

    said: int
    unsaid: int
    """Questions without a reply, kept as not asked; among them the open ones, which no harness is asked."""
    left_out: int
    """Questions without a reply, where they are not wanted."""


class RunSource(NamedTuple):
    """Where a run comes from."""

    harness: str
    paths: Sequence[Path]
    model: str
    """What the run is called in tables."""


def import_run(source: RunSource, data: Path, out: Path, *, only_answered: bool = False) -> ImportedRun:
    """Write a run folder from the records of another harness.

    Args:
        source: what to read.
        data: the questions that were asked: a folder, or the published JSON file.
        out: the run folder; must hold no run.
        only_answered: keep no question without a reply, for a run of a part of the benchmark.

    Raises:
        AvereError: the records do not belong to these questions, or ``out`` holds a run.
    """
    given = asked(data)
    said = _matched(_harness(source.harness, source.paths), given, data)
    kept = [one for one in given.questions if one.id in said or not only_answered]
    clips = dict.fromkeys(question.clip for question in kept)
    narrowed = given._replace(
        questions=tuple(kept),
        clips={name: given.clips[name] for name in clips},
        cues=tuple(cue for cue in given.cues if cue.clip in clips),
    )
    told = sorted((name, one.reply, one.status) for name, one in said.items())
    info = RunInfo(
        verb="import",
        benchmark=EvaluationRecipe().benchmark,
        recipe={"harness": source.harness, "only_answered": only_answered},
        models=(ModelInfo(name=source.model, fingerprint=_fingerprint(source)),),
        data={**digest_data(given), "replies": _sha(json.dumps(told))},
    )
    with locks.hold(out, BUSY.format(out)):
        if journal.files(out):
            raise AvereError(f"'{out}' holds a run already; give another --out")
        with runs.recorded(out, info), journal.appending(out / journal.NAME) as append:
            keep_data(narrowed, EvaluationRecipe(), out)
            append(_predictions(kept, said, source))
    return ImportedRun(len(said), len(kept) - len(said), len(given.questions) - len(kept))


def asked(data: Path) -> BenchmarkData:
    """Read a benchmark; without ``clips.jsonl`` beside the questions, clips are known by name only.

    Raises:
        AvereError: there are no questions, or they cannot be read.
    """
    recipe = EvaluationRecipe()
    home = data if data.is_dir() else data.parent
    if (home / "clips.jsonl").exists():
        return read_data(recipe.benchmark, recipe.config(), data)
    questions = tuple(benchmark_of(recipe).questions(data, recipe.config()))
    names = dict.fromkeys(question.clip for question in questions)
    return BenchmarkData(
        questions,
        {name: Clip(id=name, source=recipe.benchmark) for name in names},
        cues=(),
        donors=(),
        left_out={},
    )


def _harness(name: str, paths: Sequence[Path]) -> Iterator[HarnessReply]:
    """Read the replies in the records of a harness."""
    known = harnesses.names(HarnessReader)
    if name not in known:
        raise unknown_name("harness", name, known)
    return catalogue.find(harnesses.PACKAGE, known[name], HarnessReader).read(paths)


def _matched(said: Iterable[HarnessReply], given: BenchmarkData, data: Path) -> Mapping[str, HarnessReply]:
    """Match replies with questions.

    Raises:
        AvereError: one answers no question of these, or other options, or a question has two replies.
    """
    questions = {question.id: question for question in given.questions}
    found: dict[str, HarnessReply] = {}
    for one in said:
        question = questions.get(one.question)
        if question is None or not question.choices:
            raise AvereError(
                f"{one.place}: no closed question of '{data}' is called '{one.question}'; {MEND}"
            )
        if one.choices not in (None, question.choices):
            raise AvereError(f"{one.place}: '{one.question}' had other options than in '{data}'; {MEND}")
        first = found.setdefault(one.question, one)
        if first.reply != one.reply:
            raise AvereError(
                f"{first.place} and {one.place} differ on '{one.question}'; give the files of one run"
            )
    return found


MEND = "give the --data that the run was made with"


def _predictions(
    questions: Iterable[Question], said: Mapping[str, HarnessReply], source: RunSource
) -> Iterator[Prediction]:
    """Yield a prediction for each question that has a reply; the others count as not asked."""
    for question in questions:
        if (one := said.get(question.id)) is None:
            continue
        inputs = _sha(question.model_dump_json())
        yield Prediction(
            key=_sha(json.dumps([inputs, CONDITION, source.harness, source.model, one.reply])),
            question=question.id,
            condition=CONDITION,
            model=source.model,
            reply=one.reply,
            status=one.status,
            reason=one.reason,
            made_by=Provenance(
                recipe=f"import/{EvaluationRecipe().benchmark}",
                inputs=inputs,
                model=_fingerprint(source),
                version=__version__,
            ),
        )


def _fingerprint(source: RunSource) -> str:
    """Name a model by what is known of it: who asked it, and what it is called."""
    return _sha(f"{source.harness} {source.model}")


def _sha(text: str) -> str:
    """Compute a digest as the plan's keys are."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
