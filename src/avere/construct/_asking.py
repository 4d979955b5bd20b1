"""Asking annotators: each question once, whatever happens meanwhile; one chance to put an answer right."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel

from avere import __version__, prompts
from avere.answers.forms import Unreadable
from avere.construct._replies import Replies
from avere.construct._said import TextSaid, read
from avere.construct.annotations import Answered, Stage
from avere.errors import AvereError, MediaError
from avere.interfaces import Ask, Exchange, Reply, Responder
from avere.records import Medium, Provenance, Status, journal

F = TypeVar("F", bound=BaseModel)
FAILURES: tuple[tuple[type[Exception], Status], ...] = (
    (MediaError, "media error"),
    (MemoryError, "out-of-memory"),
    (TimeoutError, "timeout"),
)
"""What may go wrong with one question; anything else, such as no connection, stops the stage."""
REPAIR = "repair"
SAMPLE = 65_536
LONGEST = 4_000
"""Characters of an unreadable answer that are shown to its author again."""
Attempt = Literal["first", "repair"]


class Job(NamedTuple):
    """One question to an annotator."""

    about: str
    ask: Ask
    prompt: str
    """Name of the prompt that worded it."""
    key: str = ""
    """Digest of all that the answer depends on, once it is known."""


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


class Desk(Generic[F]):
    """Where the questions of one stage go out to one annotator and the answers come in."""

    def __init__(self, file: Path, annotator: Responder, order: Order[F]) -> None:
        self._file, self._annotator, self._order = file, annotator, order
        self._schema = None if order.form is TextSaid else order.form.model_json_schema()
        self._replies = Replies(file)

    def put(self, jobs: Callable[[], Iterable[Job]], tick: Callable[[], None]) -> None:
        """Ask what the journal does not hold, then ask for repair of what cannot be read.

        Args:
            jobs: gives the questions anew each time; they are never held all at once.
            tick: called once a job, when it is answered.

        Raises:
            AvereError: the annotator cannot go on, or another process does this; what was answered is kept.
        """
        with journal.appending(self._file, sync=False) as append:
            self._replies.refresh()
            self._ask(self._todo(jobs(), tick), partial(self._keep, append=append, attempt="first"), tick)
            repairs = (job for first in jobs() if (job := self._repair(first)) is not None)
            silent = _nothing
            self._ask(
                self._todo(repairs, silent), partial(self._keep, append=append, attempt="repair"), silent
            )

    def outcome(self, job: Job) -> Outcome[F]:
        """Return what came of a job, by its first answer or by the repaired one.

        Raises:
            AvereError: it was never answered.
        """
        first = self._replies.get(self._key(job.ask))
        if first is None:
            raise AvereError(
                f"{self._annotator.name} was never asked about '{job.about}'; run the stage again"
            )
        found = self._read(first)
        if isinstance(found, Outcome):
            return found
        second = self._replies.get(self._key(_mended(job, first, found).ask))
        once_more = self._read(second) if second is not None else found
        if isinstance(once_more, Outcome):
            return once_more
        return Outcome(None, "unreadable answer, also after one repair")

    def _todo(self, jobs: Iterable[Job], tick: Callable[[], None]) -> Iterator[Job]:
        """Yield the jobs that the journal does not answer, equal ones once."""
        flying: set[str] = set()
        for job in jobs:
            key = self._key(job.ask)
            found = self._replies.get(key)
            if key in flying or (found is not None and not (self._order.again and found.status != "ok")):
                tick()
            else:
                flying.add(key)
                yield job._replace(key=key)

    def _ask(
        self, jobs: Iterator[Job], keep: Callable[[Job, Reply], tuple[str, ...]], tick: Callable[[], None]
    ) -> None:
        """Put jobs to the annotator and write each answer down before the next one is taken."""
        lacking: list[str] = []
        while True:
            waiting: dict[int, Job] = {}
            try:
                for reply in self._respond(_noted(jobs, waiting)):
                    lacking += keep(waiting.pop(reply.index), reply)
                    tick()
            except ConnectionError as error:
                raise AvereError(
                    f"{self._annotator.name} cannot be reached ({error}); what it answered is kept: run the "
                    "same command again to go on"
                ) from error
            except tuple(kind for kind, _ in FAILURES):
                if not waiting:
                    raise
                for job in waiting.values():
                    lacking += keep(job, self._alone(job))
                    tick()
                continue
            break
        self._replies.refresh()
        lacking += ["the model gave no reply"] * len(waiting)
        if lacking:
            raise AvereError(
                f"{self._annotator.name} left {len(lacking)} questions of stage '{self._order.stage}' "
                f"unanswered, the first because: {lacking[0]}; all others are kept: run the same command "
                "again to ask the rest"
            )

    def _respond(self, asks: Iterable[Ask]) -> Iterator[Reply]:
        order = self._order
        return self._annotator.respond(
            asks, max_tokens=order.max_tokens, seed=order.seed, schema=self._schema
        )

    def _alone(self, job: Job) -> Reply:
        """Ask one question by itself, after one of several failed; failing is a reply with a reason."""
        silent = Reply(index=0, text="", status="refused", reason="the model gave no reply")
        try:
            return next(iter(self._respond([job.ask])), silent)
        except tuple(kind for kind, _ in FAILURES) as error:
            status = next(status for kind, status in FAILURES if isinstance(error, kind))
            reason = " ".join(str(error).split()) or type(error).__name__
            return Reply(index=0, text="", status=status, reason=reason)

    def _keep(self, job: Job, reply: Reply, *, append: journal.Append, attempt: Attempt) -> tuple[str, ...]:
        """Write one answer down; return why, where there is none and one may come another time."""
        if reply.status == "failed":
            return (reply.reason or "no reason given",)
        made_by = Provenance(
            recipe=f"annotate/{self._order.stage}",
            prompt=prompts.digest(job.prompt),
            inputs=job.key,
            model=self._annotator.fingerprint,
            seed=self._order.seed,
            version=__version__,
        )
        record = Answered(
            key=job.key,
            stage=self._order.stage,
            about=job.about,
            attempt=attempt,
            model=self._annotator.name,
            asked=len(job.ask.text) + sum(len(turn.text) + len(turn.response) for turn in job.ask.history),
            reply=reply.text,
            status=reply.status,
            reason=reply.reason,
            media_tokens=reply.media_tokens,
            seconds=reply.seconds,
            usage=reply.usage,
            made_by=made_by,
        )
        append([record])
        return ()

    def _read(self, answered: Answered) -> Outcome[F] | Unreadable:
        if answered.status != "ok":
            return Outcome(None, f"no answer: {answered.status}")
        said = read(answered.reply, self._order.form)
        return said if isinstance(said, Unreadable) else Outcome(said, None)

    def _repair(self, job: Job) -> Job | None:
        """Return the request to put the answer to a job right, where it has one that cannot be read."""
        first = self._replies.get(self._key(job.ask))
        found = self._read(first) if first is not None else None
        return _mended(job, first, found) if first and isinstance(found, Unreadable) else None

    def _key(self, ask: Ask) -> str:
        """Return the digest of all that an answer depends on, wherever the media lie."""
        order = self._order
        turns = [(turn.text, turn.response) for turn in ask.history]
        what = [ask.text, turns, _medium(ask.video), _medium(ask.audio), self._schema]
        how = [self._annotator.fingerprint, order.stage, order.max_tokens, order.seed]
        return hashlib.sha256(json.dumps([what, how]).encode()).hexdigest()[:32]


def _mended(job: Job, first: Answered, found: Unreadable) -> Job:
    """Return the request to put an answer right."""
    text = prompts.render(REPAIR, fault=found.fault)
    history = (*job.ask.history, Exchange(text=job.ask.text, response=first.reply[:LONGEST]))
    return Job(job.about, job.ask.model_copy(update={"text": text, "history": history}), REPAIR)


def _noted(jobs: Iterator[Job], waiting: dict[int, Job]) -> Iterator[Ask]:
    """Yield the asks of jobs and note which are on their way."""
    for index, job in enumerate(jobs):
        waiting[index] = job
        yield job.ask


def _medium(medium: Medium | None) -> str | None:
    """Return what identifies a medium: its size, three pieces of its bytes, and its corruption.

    Whole files would be read again with every run; no two media differ in the rest alone.
    """
    if medium is None:
        return None
    corruption = medium.corruption.model_dump_json() if medium.corruption else ""
    try:
        size = medium.path.stat().st_size
        with medium.path.open("rb") as file:
            found = hashlib.sha256(str(size).encode())
            for place in (0, max(0, (size - SAMPLE) // 2), max(0, size - SAMPLE)):
                file.seek(place)
                found.update(file.read(SAMPLE))
    except OSError:
        return f"{medium.path.name} {corruption}"
    return f"{found.hexdigest()} {corruption}"


def _nothing() -> None:
    """Do nothing."""
