"""The folder of an evaluation: whose run it holds, and what is written beside the journal.

First lock, then compare, then write: a run that is refused leaves every byte as it was.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from avere import __version__
from avere.benchmark import BenchmarkData, keep_first, name_benchmark
from avere.evaluate import conditions
from avere.evaluate.plan import Item, Shard, benchmark_of, list_items, skipped_conditions, without_idle
from avere.evaluate.recipe import EvaluationRecipe
from avere.interfaces import KeepingBenchmark, Responder
from avere.records import PASSING, Clip, Prediction, Question, RunInfo, Skipped, journal, jsonl, locks, runs

FREE = frozenset({"conditions", "clips_at_once"})
"""What of a recipe may differ from command to command: a run grows by conditions, and how many clips a model
gets at once changes no score."""
QUESTIONS, CLIPS, CUES, SKIPPED = "questions.jsonl", "clips.jsonl", "cues.jsonl", "skipped.jsonl"
BUSY = "another process has begun to write to '{}'; run the command again"
Done = Mapping[tuple[str, str], Prediction]
"""The answers that count, by question and condition."""


class Asked(NamedTuple):
    """What one command asks, of all that a benchmark holds."""

    whole: BenchmarkData
    recipe: EvaluationRecipe
    limit: int | None

    @property
    def given(self) -> BenchmarkData:
        """The part that is asked."""
        return keep_first(self.whole, self.limit)

    def info(self, model: Responder) -> RunInfo:
        """Describe the run that asks this of a model."""
        return RunInfo(
            verb="evaluate",
            benchmark=self.recipe.benchmark,
            recipe=self.recipe.model_dump(mode="json"),
            models=(runs.describe_model(model),),
            data=digest_data(self.whole),
            limit=None if self.limit is None or self.limit >= len(self.whole.clips) else self.limit,
            seed=self.recipe.seed,
        )


class Opened(NamedTuple):
    """A folder that one process may write to."""

    append: journal.Append
    done: Done


def digest_data(whole: BenchmarkData) -> dict[str, str]:
    """Compute the digests of questions, clips and cues; of clips without their paths.

    Media count by their content, in the key of each question: they may lie elsewhere when a run goes on.
    """
    clips = (clip.model_copy(update={"video": None, "audio": None}) for clip in whole.clips.values())
    return {
        "questions": runs.digest_records(whole.questions),
        "clips": runs.digest_records(clips),
        "cues": runs.digest_records(whole.cues),
    }


@contextmanager
def opened(asked: Asked, model: Responder, out: Path, part: Shard) -> Iterator[Opened]:
    """Yield a folder whose run this one is or becomes; its data files are then as scoring needs them.

    Raises:
        AvereError: the folder holds another run, or another process writes the same journal.
    """
    with ExitStack() as kept:
        with locks.hold(out, BUSY.format(out), wait=True):
            old = find_run(asked, model, out)
            append = kept.enter_context(journal.appending(out / journal.name(*part)))
            grown = _grown(asked, old)
            keep_data(grown.given, grown.recipe, out)
            _keep_skipped(grown, out)
            _keep_info(grown.info(model), old, out)
        yield Opened(append, read_done(out))


def find_run(asked: Asked, model: Responder, out: Path) -> RunInfo | None:
    """Find the run that a folder holds already; nothing is written.

    Raises:
        AvereError: it is another one: of another model, recipe or data, or of other media.
    """
    old = runs.refuse_other(out, asked.info(model), free=FREE)
    done = read_done(out)
    if old is None and done:
        old = _before_run_files(asked, model, out, done)
    found = next(_other_answers(asked, model.fingerprint, done), None)
    if found is not None:
        raise runs.other_run(out, [found])
    return old


def read_done(out: Path) -> Done:
    """Read the answers that count; where none came the question is asked again."""
    predictions = journal.read(out).values()
    return {(one.question, one.condition): one for one in predictions if one.status not in PASSING}


def keep_data(given: BenchmarkData, recipe: EvaluationRecipe, out: Path) -> None:
    """Write beside the journal what scoring and reports need, so that they need nothing else."""
    jsonl.write(out / QUESTIONS, given.questions)
    jsonl.write(out / CLIPS, given.clips.values())
    jsonl.write(out / CUES, given.cues)
    benchmark = benchmark_of(recipe)
    if isinstance(benchmark, KeepingBenchmark):
        benchmark.keep(recipe.config(), out)


def finish(out: Path) -> None:
    """Note when the run ended, if every question of the folder has its answer."""
    info = runs.read_info(out)
    if info is None or info.ended is not None:
        return
    skipped = {one.condition for one in _read_skipped(out)}
    done = read_done(out)
    wanted = (
        (question.id, conditions.name(condition, rotation))
        for question in jsonl.read(out / QUESTIONS, Question)
        for condition in info.recipe["conditions"]
        if condition not in skipped
        for rotation in conditions.rotations_under(condition, question)
    )
    if all(one in done for one in wanted):
        runs.write_info(out, info.model_copy(update={"ended": runs.now()}))


def _grown(asked: Asked, old: RunInfo | None) -> Asked:
    """Put what is asked now to what the folder holds: conditions and clips are added, never taken away."""
    if old is None:
        return asked
    before = old.recipe.get("conditions", ())
    every = dict.fromkeys((*before, *asked.recipe.conditions))
    recipe = asked.recipe.model_copy(update={"conditions": tuple(every)})
    limit = None if None in (asked.limit, old.limit) else max(asked.limit or 0, old.limit or 0)
    return asked._replace(recipe=recipe, limit=limit)


def _keep_skipped(asked: Asked, out: Path) -> None:
    """Write which conditions are left out because they would change nothing."""
    reasons = skipped_conditions(asked.given, asked.recipe)
    if reasons or (out / SKIPPED).exists():
        jsonl.write(out / SKIPPED, (Skipped(condition=name, reason=why) for name, why in reasons.items()))


def _read_skipped(out: Path) -> Iterator[Skipped]:
    return jsonl.read(out / SKIPPED, Skipped) if (out / SKIPPED).exists() else iter(())


def _keep_info(new: RunInfo, old: RunInfo | None, out: Path) -> None:
    """Write what the run is; one that goes on stays the one that was begun, and is open again if it grows."""
    if old is None:
        runs.write_info(out, new)
        return
    recipe = {**old.recipe, "conditions": new.recipe["conditions"]}
    grown = old.model_copy(update={"limit": new.limit, "recipe": recipe})
    runs.write_info(out, grown if grown == old else grown.model_copy(update={"ended": None}))


def _other_answers(asked: Asked, fingerprint: str, done: Done) -> Iterator[str]:
    """Yield in what the answers of a folder differ from those that would be asked for now."""
    given = asked.given
    known = {question for question, _ in done}
    again = given._replace(questions=tuple(one for one in given.questions if one.id in known))
    for item in chain.from_iterable(list_items(again, without_idle(given, asked.recipe), fingerprint)):
        answer = done.get((item.question.id, item.condition))
        if answer is not None and answer.key not in {item.key, item.former_key}:
            yield _why_other(item, answer)


def _why_other(item: Item, answer: Prediction) -> str:
    """Say why an answer is to another question than the one of its name."""
    where = f"question '{item.question.id}' ({item.condition})"
    there, here = answer.made_by, item.made_by
    if there.model != here.model:
        return f"{where} was put to another model, {answer.model}"
    if there.inputs != here.inputs:
        return f"{where} read otherwise"
    if there.prompt != here.prompt:
        return f"{where} was put in other words, by version {there.version} of avere (this is {__version__})"
    if there.seed != here.seed:
        return f"{where} was asked with seed {there.seed}"
    return f"{where} was about other media, or asked with other settings"


def _before_run_files(asked: Asked, model: Responder, out: Path, done: Done) -> RunInfo:
    """Describe the run of a folder of version 0.1, which says less of itself.

    Raises:
        AvereError: it is another one, as far as it tells.
    """
    one = next(iter(done.values()))
    clips = sum(1 for _ in jsonl.read(out / CLIPS, Clip))
    info = asked.info(model)
    held = dict.fromkeys(conditions.base_name(condition) for _, condition in done)
    old = info.model_copy(
        update={
            "benchmark": name_benchmark(out),
            "recipe": {**info.recipe, "conditions": list(held)},
            "models": (
                info.models[0].model_copy(update={"name": one.model, "fingerprint": one.made_by.model or ""}),
            ),
            "limit": None if clips >= len(asked.whole.clips) else clips,
            "seed": one.made_by.seed,
        }
    )
    known = {question.id: question for question in asked.whole.questions}
    found = runs.list_differences(old, info, free=FREE)
    if any(known.get(each.id) != each for each in jsonl.read(out / QUESTIONS, Question)):
        found.append("other questions")
    if found:
        raise runs.other_run(out, found)
    return old
