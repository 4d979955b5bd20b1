"""What a stage asks of an annotator: the key of a question, the form of its reply, and what is kept of it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from avere import __version__, prompts
from avere.annotate import _forms
from avere.annotate.annotations import StageAnswer
from avere.answers.forms import Unparsed
from avere.asking import desk
from avere.asking.desk import REPAIR, AskingPolicy, Desk
from avere.asking.replies import Replies
from avere.construct.construction import Stage
from avere.errors import AvereError
from avere.interfaces import Prompt, Reply, Responder
from avere.records import Provenance

F = TypeVar("F", bound=BaseModel)
Job = desk.Job[str]
"""One question to an annotator, about a clip and modality or a question."""


class Order(NamedTuple, Generic[F]):
    """How the questions of a stage are asked."""

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


def schema_of(form: type[BaseModel]) -> dict[str, Any] | None:
    """Make the schema that replies of a form are held to; None for plain text."""
    return None if form is _forms.TextSaid else form.model_json_schema()


def open_desk(file: Path, annotator: Responder, order: Order[F]) -> Desk[str, F]:
    """Open the desk where one annotator is asked the questions of one stage; ``file`` is the journal."""
    form = schema_of(order.form)

    def key(prompt: Prompt) -> str:
        turns = [(turn.text, turn.response) for turn in prompt.history]
        given = (prompt.video, prompt.audio)
        media = [None if one is None else str(one.identity(missing_ok=True)) for one in given]
        what = [prompt.text, turns, *media, form]
        how = [annotator.fingerprint, order.stage, order.max_tokens, order.seed]
        return hashlib.sha256(json.dumps([what, how]).encode()).hexdigest()[:32]

    def respond(asked: Iterable[Prompt]) -> Iterator[Reply]:
        return annotator.respond(asked, max_tokens=order.max_tokens, seed=order.seed, schema=form)

    policy: AskingPolicy[str, F] = AskingPolicy(
        who=annotator.name,
        what=f"questions of stage '{order.stage}'",
        key=key,
        respond=respond,
        parse=lambda _, words: _forms.parse(words, order.form),
        record=lambda job, reply: _record_answer(annotator, order, job, reply),
        again=order.again,
    )
    return Desk(Replies(file, StageAnswer), policy, sync=False)


def find_outcome(desk: Desk[str, F], job: Job) -> Outcome[F]:
    """Find what came of a job, by its first reply or by the repaired one.

    Raises:
        AvereError: it was never answered.
    """
    parsed, replies = desk.find_answer(job)
    if not replies:
        raise AvereError(f"{desk.policy.who} was never asked about '{job.about}'; run the stage again")
    if parsed is None:
        return Outcome(None, f"no answer: {replies[-1].status}")
    if isinstance(parsed, Unparsed):
        return Outcome(None, "unreadable answer, also after one repair")
    return Outcome(parsed, None)


def _record_answer(annotator: Responder, order: Order[F], job: Job, reply: Reply) -> StageAnswer:
    """Make the record of a reply."""
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
