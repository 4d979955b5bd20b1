"""A few clips of a run with all that the model was asked and answered about them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from avere import __version__
from avere.benchmark import find_benchmark, mark_reply, name_benchmark
from avere.errors import AvereError
from avere.evaluate.scores import likeliest_options
from avere.interfaces import BenchmarkModule, Prompt, Responder
from avere.records import Clip, Prediction, Provenance, Question, journal, jsonl

REAL = "av"
"""The condition with both of a clip's own media."""


class AskedQuestion(NamedTuple):
    """One question and what the model answered to it."""

    question: Question
    clip: Clip
    prompt: Prompt
    options: tuple[str, ...]
    """Responses whose likelihood answers a closed question; of an open one what the model replied."""
    answer: int
    """The model's own, as an index of the options."""

    @property
    def words(self) -> str:
        """The answer as a person reads it."""
        choices = self.question.choices
        return choices[self.answer] if choices else self.options[0]

    @property
    def right(self) -> bool | None:
        """Whether the answer is right; None where that is not known."""
        wanted = self.question.answer
        return None if wanted is None or not self.question.choices else wanted == self.answer


class RunSample(NamedTuple):
    """Some clips of a run, each with its questions."""

    clips: tuple[tuple[AskedQuestion, ...], ...]
    donors: tuple[Clip, ...]
    """All clips of the run, to lend their media."""
    fingerprint: str
    """Of the model that answered."""
    seed: int

    def made_by(self, analysis: str) -> Provenance:
        """Say what a record of an analysis comes from."""
        return Provenance(
            recipe=f"analyse/{analysis}", model=self.fingerprint, seed=self.seed, version=__version__
        )


def draw_sample(run: Path, clips: int, seed: int = 0) -> RunSample:
    """Draw clips of a run at random, the same of every run that was asked the same.

    Questions that were not answered are left out, and clips without any other.

    Raises:
        AvereError: the folder holds no run, or none with real media.
        RecordError: a line of a file is wrong.
    """
    if not journal.files(run):
        raise AvereError(f"'{run}' holds no journal.jsonl; give the folder that `avere evaluate` wrote")
    answers = {one.question: one for one in journal.read(run).values() if one.condition == REAL}
    benchmark = find_benchmark(name_benchmark(run))
    every = jsonl.read_by_id(run / "clips.jsonl", Clip)
    by_clip: dict[str, list[AskedQuestion]] = {}
    for question in jsonl.read(run / "questions.jsonl", Question):
        said = answers.get(question.id)
        found = None if said is None else _asked(benchmark, question, every[question.clip], said)
        if found is not None:
            by_clip.setdefault(question.clip, []).append(found)
    if not by_clip:
        raise AvereError(f"'{run}' holds no answer on real media; evaluate it with --conditions {REAL} first")
    names = np.random.default_rng(seed).permutation(sorted(by_clip)).tolist()[:clips]
    prints = sorted({one.made_by.model or "" for one in answers.values()})
    chosen = tuple(tuple(by_clip[name]) for name in sorted(names))
    return RunSample(chosen, tuple(every.values()), prints[0], seed)


def check_model(model: Responder, sample: RunSample, run: Path) -> None:
    """Refuse a model that is not the one of the run: why it answers so is not why another one did.

    Raises:
        AvereError: another fingerprint.
    """
    if model.fingerprint != sample.fingerprint:
        raise AvereError(
            f"'{run}' was answered by a model with fingerprint {sample.fingerprint[:8]}, and '{model.name}' "
            f"has {model.fingerprint[:8]}; give the --model and the --adapter of that run"
        )


def _asked(
    benchmark: BenchmarkModule, question: Question, clip: Clip, said: Prediction
) -> AskedQuestion | None:
    """Put a question beside its answer; None where there is no answer."""
    prompt = benchmark.prompt(question, clip)
    if not question.choices:
        return (
            AskedQuestion(question, clip, prompt, (said.reply,), 0)
            if said.status == "ok" and said.reply
            else None
        )
    options = benchmark.options(question)
    if said.choice_log_probs is not None:
        return AskedQuestion(question, clip, prompt, options, likeliest_options(said.choice_log_probs)[0])
    chosen = mark_reply(benchmark, question, said).choice
    return None if chosen is None else AskedQuestion(question, clip, prompt, options, chosen)


def keep_closed(asked: Sequence[AskedQuestion]) -> list[AskedQuestion]:
    """Keep the questions with options."""
    return [one for one in asked if one.question.choices]
