"""Asking for answers in a form: each question once, whatever comes between; one chance to put one right."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

from avere import prompts
from avere.answers.forms import Unparsed
from avere.errors import AvereError, MediaError
from avere.interfaces import Prompt, Reply, Turn
from avere.records import Record, Status, journal

A = TypeVar("A")
T = TypeVar("T")
FAILURES: tuple[tuple[type[Exception], Status], ...] = (
    (MediaError, "media error"),
    (MemoryError, "out-of-memory"),
    (TimeoutError, "timeout"),
)
"""What may go wrong with one question; anything else, such as no connection, stops the asking."""
REPAIR = "repair"
"""The prompt that asks for an answer once more."""
LONGEST = 4_000
"""Characters of an unreadable answer that are shown to its author again."""


class Job(NamedTuple, Generic[A]):
    """One question to a model."""

    about: A
    prompt: Prompt
    template: str
    """Name of the prompt template that worded it."""
    key: str = ""
    """Digest of all that the answer depends on, once it is known."""


class Told(Protocol):
    """An answer as it was kept."""

    @property
    def reply(self) -> str:
        """The model's words."""

    @property
    def status(self) -> Status:
        """Whether there is an answer."""


class Kept(Protocol):
    """The answers of a journal, as `avere.asking.replies.Replies` finds them."""

    file: Path

    def refresh(self) -> None:
        """Take in what was appended since."""

    def get(self, key: str) -> Told | None:
        """Return the answer under a key; None where there is none."""


class Heard(NamedTuple, Generic[T]):
    """What came of a question."""

    found: T | Unparsed | None
    """None where no answer can be had."""
    told: tuple[Told, ...]
    """The answers that were looked at, the one that counts last: none, the first, or both."""


class Way(NamedTuple, Generic[A, T]):
    """What is particular to one who asks."""

    who: str
    """The model's name."""
    what: str
    """Begins to name the questions, in a message that some have no answer."""
    key: Callable[[Prompt], str]
    respond: Callable[[Iterable[Prompt]], Iterator[Reply]]
    parse: Callable[[Job[A], str], T | Unparsed]
    record: Callable[[Job[A], Reply], Record | None]
    """What is kept of a reply; None where an answer may come another time."""
    again: bool = False
    """Whether what failed before is asked once more."""


def mended(prompt: Prompt, reply: str, fault: str, template: str = REPAIR) -> Prompt:
    """Return the request to put an answer right; its author sees the answer before, and the same media."""
    history = (*prompt.history, Turn(text=prompt.text, response=reply[:LONGEST]))
    return prompt.model_copy(update={"text": prompts.render(template, fault=fault), "history": history})


class Desk(Generic[A, T]):
    """Where questions go out to one model and its answers come in, each kept in a journal."""

    def __init__(self, kept: Kept, way: Way[A, T], *, sync: bool) -> None:
        self._kept, self._way, self._sync = kept, way, sync

    def put(self, jobs: Callable[[], Iterable[Job[A]]], tick: Callable[[], None]) -> None:
        """Ask what the journal does not hold, then ask for repair of what cannot be read.

        Args:
            jobs: gives the questions anew each time; they are never held all at once.
            tick: called once a job, when it is answered.

        Raises:
            AvereError: the model cannot go on, or another process does this; what was answered is kept.
        """
        with journal.appending(self._kept.file, sync=self._sync) as append:
            self._kept.refresh()
            self._ask(self._todo(jobs(), tick), append, tick)
            repairs = (job for first in jobs() if (job := self._repair(first)) is not None)
            self._ask(self._todo(repairs, _nothing), append, _nothing)

    def hear(self, job: Job[A]) -> Heard[T]:
        """Return what came of a job, by its first answer or by the repaired one."""
        first = self._find(job.prompt)
        if first is None:
            return Heard(None, ())
        found = self._parse(job, first)
        if not isinstance(found, Unparsed):
            return Heard(found, (first,))
        second = self._find(mended(job.prompt, first.reply, found.fault))
        if second is None:
            return Heard(found, (first,))
        return Heard(self._parse(job, second), (first, second))

    def _find(self, prompt: Prompt) -> Told | None:
        return self._kept.get(self._way.key(prompt))

    def _parse(self, job: Job[A], told: Told) -> T | Unparsed | None:
        return self._way.parse(job, told.reply) if told.status == "ok" else None

    def _repair(self, job: Job[A]) -> Job[A] | None:
        """Return the request to put the answer to a job right, where it has one that cannot be read."""
        first = self._find(job.prompt)
        found = self._parse(job, first) if first is not None else None
        if first is None or not isinstance(found, Unparsed):
            return None
        return Job(job.about, mended(job.prompt, first.reply, found.fault), REPAIR)

    def _todo(self, jobs: Iterable[Job[A]], tick: Callable[[], None]) -> Iterator[Job[A]]:
        """Yield the jobs that the journal does not answer, equal ones once."""
        flying: set[str] = set()
        for job in jobs:
            key = self._way.key(job.prompt)
            found = self._kept.get(key)
            if key in flying or (found is not None and not (self._way.again and found.status != "ok")):
                tick()
            else:
                flying.add(key)
                yield job._replace(key=key)

    def _ask(self, jobs: Iterator[Job[A]], append: journal.Append, tick: Callable[[], None]) -> None:
        """Put jobs to the model and write each answer down before the next one is taken."""
        keep = partial(self._keep, append=append)
        lacking: list[str] = []
        while True:
            waiting: dict[int, Job[A]] = {}
            try:
                for reply in self._way.respond(_noted(jobs, waiting)):
                    lacking += keep(waiting.pop(reply.index), reply)
                    tick()
            except ConnectionError as error:
                raise AvereError(
                    f"{self._way.who} cannot be reached ({error}); what it answered is kept: run the "
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
        self._kept.refresh()
        lacking += ["the model gave no reply"] * len(waiting)
        if lacking:
            raise AvereError(
                f"{self._way.who} left {len(lacking)} {self._way.what} unanswered, the first because: "
                f"{lacking[0]}; all others are kept: run the same command again to ask the rest"
            )

    def _alone(self, job: Job[A]) -> Reply:
        """Ask one question by itself, after one of several failed; failing is a reply with a reason."""
        silent = Reply(index=0, text="", status="refused", reason="the model gave no reply")
        try:
            return next(iter(self._way.respond([job.prompt])), silent)
        except tuple(kind for kind, _ in FAILURES) as error:
            status = next(status for kind, status in FAILURES if isinstance(error, kind))
            reason = " ".join(str(error).split()) or type(error).__name__
            return Reply(index=0, text="", status=status, reason=reason)

    def _keep(self, job: Job[A], reply: Reply, *, append: journal.Append) -> tuple[str, ...]:
        """Write one answer down; return why, where none is kept because one may come another time."""
        record = self._way.record(job, reply)
        if record is None:
            return (reply.reason or "no reason given",)
        append([record])
        return ()


def _noted(jobs: Iterator[Job[A]], waiting: dict[int, Job[A]]) -> Iterator[Prompt]:
    """Yield the asks of jobs and note which are on their way."""
    for index, job in enumerate(jobs):
        waiting[index] = job
        yield job.prompt


def _nothing() -> None:
    """Do nothing."""
