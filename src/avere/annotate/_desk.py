"""Asking annotators: what a stage's questions and answers are, and what is kept of them."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from avere import __version__, prompts
from avere.annotate import _forms
from avere.annotate.annotations import StageAnswer
from avere.answers.forms import Unparsed
from avere.asking import desk
from avere.asking.desk import REPAIR, Way
from avere.asking.replies import Replies
from avere.construct.construction import Stage
from avere.errors import AvereError
from avere.interfaces import Prompt, Reply, Responder
from avere.records import Provenance

F = TypeVar("F", bound=BaseModel)
Job = desk.Job[str]
"""One question to an annotator, about a clip and modality or a question."""


class Order(NamedTuple, Generic[F]):
    """How the questions of a stage are put."""

    stage: Stage
    form: type[F]
    max_tokens: int
    seed: int
    again: bool = False
    """Whether what failed before is asked once more."""


class Outcome(NamedTuple, Generic[F]):
    """What came of a job: an answer, or why there is none."""

    said: F | None
    reason: str | None


def schema(form: type[BaseModel]) -> dict[str, Any] | None:
    """Return the schema that answers of a form are asked for; None for plain text."""
    return None if form is _forms.TextSaid else form.model_json_schema()


class Desk(Generic[F]):
    """Where the questions of one stage go out to one annotator and the answers come in."""

    def __init__(self, file: Path, annotator: Responder, order: Order[F]) -> None:
        self._name = annotator.name
        self._desk = desk.Desk(Replies(file, StageAnswer), _way(annotator, order), sync=False)

    def put(self, jobs: Callable[[], Iterable[Job]], tick: Callable[[], None]) -> None:
        """Ask what the journal does not hold, then ask for repair of what cannot be read.

        Args:
            jobs: gives the questions anew each time; they are never held all at once.
            tick: called once a job, when it is answered.

        Raises:
            AvereError: the annotator cannot go on, or another process does this; what was answered is kept.
        """
        self._desk.put(jobs, tick)

    def outcome(self, job: Job) -> Outcome[F]:
        """Return what came of a job, by its first answer or by the repaired one.

        Raises:
            AvereError: it was never answered.
        """
        found, told = self._desk.hear(job)
        if not told:
            raise AvereError(f"{self._name} was never asked about '{job.about}'; run the stage again")
        if found is None:
            return Outcome(None, f"no answer: {told[-1].status}")
        if isinstance(found, Unparsed):
            return Outcome(None, "unreadable answer, also after one repair")
        return Outcome(found, None)


def _way(annotator: Responder, order: Order[F]) -> Way[str, F]:
    """Return how an annotator is asked, and what is kept of its answers."""
    form = schema(order.form)

    def key(prompt: Prompt) -> str:
        turns = [(turn.text, turn.response) for turn in prompt.history]
        given = (prompt.video, prompt.audio)
        media = [None if one is None else str(one.identity(missing_ok=True)) for one in given]
        what = [prompt.text, turns, *media, form]
        how = [annotator.fingerprint, order.stage, order.max_tokens, order.seed]
        return hashlib.sha256(json.dumps([what, how]).encode()).hexdigest()[:32]

    def respond(asked: Iterable[Prompt]) -> Iterator[Reply]:
        return annotator.respond(asked, max_tokens=order.max_tokens, seed=order.seed, schema=form)

    return Way(
        who=annotator.name,
        what=f"questions of stage '{order.stage}'",
        key=key,
        respond=respond,
        parse=lambda _, words: _forms.parse(words, order.form),
        record=lambda job, reply: _answered(annotator, order, job, reply),
        again=order.again,
    )


def _answered(annotator: Responder, order: Order[F], job: Job, reply: Reply) -> StageAnswer | None:
    """Return the record of an answer; None where one may come another time."""
    if reply.status == "failed":
        return None
    made_by = Provenance(
        recipe=f"annotate/{order.stage}",
        prompt=prompts.digest(job.template),
        inputs=job.key,
        model=annotator.fingerprint,
        seed=order.seed,
        version=__version__,
    )
    return StageAnswer(
        key=job.key,
        stage=order.stage,
        about=job.about,
        attempt="repair" if job.template == REPAIR else "first",
        model=annotator.name,
        asked=len(job.prompt.text) + sum(len(turn.text) + len(turn.response) for turn in job.prompt.history),
        reply=reply.text,
        status=reply.status,
        reason=reply.reason,
        media_tokens=reply.media_tokens,
        seconds=reply.seconds,
        usage=reply.usage,
        made_by=made_by,
    )
