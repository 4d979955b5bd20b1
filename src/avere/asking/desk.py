"""Asking a model for answers in a form: each question once; one chance to put a reply right."""

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
    """What it is about, for those who parse and record the reply."""
    prompt: Prompt
    template: str
    """Name of the prompt template that worded it."""
    key: str = ""
    """Digest of all that the reply depends on, once it is known."""


class KeptReply(Protocol):
    """A reply as a journal keeps it."""

    @property
    def reply(self) -> str:
        """The model's words."""

    @property
    def status(self) -> Status:
        """Whether there is an answer."""


class ReplyJournal(Protocol):
    """The replies of a journal, as `avere.asking.replies.Replies` finds them."""

    file: Path

    def refresh(self) -> None:
        """Take in what was appended since."""

    def get(self, key: str) -> KeptReply | None:
        """Find the reply under a key; None where there is none."""


class Answer(NamedTuple, Generic[T]):
    """What came of a question."""

    parsed: T | Unparsed | None
    """None where no reply can be had."""
    replies: tuple[KeptReply, ...]
    """The replies that were looked at, the one that counts last: none, the first, or both."""


class AskingPolicy(NamedTuple, Generic[A, T]):
    """What differs between those who ask: how the model is asked, and what is made of its replies."""

    who: str
    """The model's name."""
    what: str
    """Begins to name the questions, in a message that some have no answer."""
    key: Callable[[Prompt], str]
    """Names all that a reply depends on; equal keys are asked once."""
    respond: Callable[[Iterable[Prompt]], Iterator[Reply]]
    parse: Callable[[Job[A], str], T | Unparsed]
    record: Callable[[Job[A], Reply], Record]
    """Makes what is kept of a reply; it has the job's key."""
    again: bool = False
    """Whether what was refused or broke before is asked once more."""
    repair: str = REPAIR
    """The prompt template that asks to put an unreadable reply right."""


def repair_prompt(prompt: Prompt, reply: str, fault: str, template: str = REPAIR) -> Prompt:
    """Word the request to put a reply right; its author sees the reply before, and the same media."""
    history = (*prompt.history, Turn(text=prompt.text, response=reply[:LONGEST]))
    return prompt.model_copy(update={"text": prompts.render(template, fault=fault), "history": history})


class Desk(Generic[A, T]):
    """Where questions go out to one model and its replies come in, each kept in a journal.

    A question is asked once, whatever comes between: another process, a kill, a change of the order. A reply
    that cannot be parsed gets one request for repair. A reply of status ``failed`` is none: it may come
    another time and is never kept.
    """

    def __init__(self, kept: ReplyJournal, policy: AskingPolicy[A, T], *, sync: bool) -> None:
        self.policy = policy
        self._kept, self._sync = kept, sync

    def ask_all(self, jobs: Callable[[], Iterable[Job[A]]], tick: Callable[[], None]) -> None:
        """Ask what the journal does not hold, then ask for repair of what cannot be parsed.

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

    def find_answer(self, job: Job[A]) -> Answer[T]:
        """Find what came of a job, by its first reply or by the repaired one."""
        first = self._find(job.prompt)
        if first is None:
            return Answer(None, ())
        parsed = self._parse(job, first)
        if not isinstance(parsed, Unparsed):
            return Answer(parsed, (first,))
        second = self._find(self._repaired(job, first, parsed))
        if second is None:
            return Answer(parsed, (first,))
        return Answer(self._parse(job, second), (first, second))

    def _find(self, prompt: Prompt) -> KeptReply | None:
        return self._kept.get(self.policy.key(prompt))

    def _parse(self, job: Job[A], kept: KeptReply) -> T | Unparsed | None:
        return self.policy.parse(job, kept.reply) if kept.status == "ok" else None

    def _repaired(self, job: Job[A], first: KeptReply, parsed: Unparsed) -> Prompt:
        return repair_prompt(job.prompt, first.reply, parsed.fault, self.policy.repair)

    def _repair(self, job: Job[A]) -> Job[A] | None:
        """Make the request to put the reply to a job right, where it has one that cannot be parsed."""
        first = self._find(job.prompt)
        parsed = self._parse(job, first) if first is not None else None
        if first is None or not isinstance(parsed, Unparsed):
            return None
        return Job(job.about, self._repaired(job, first, parsed), self.policy.repair)

    def _is_done(self, key: str) -> bool:
        """True where the journal holds a reply that counts."""
        found = self._kept.get(key)
        if found is None or found.status == "failed":  # older journals kept those
            return False
        return found.status == "ok" or not self.policy.again

    def _todo(self, jobs: Iterable[Job[A]], tick: Callable[[], None]) -> Iterator[Job[A]]:
        """Yield the jobs that the journal does not answer, equal ones once."""
        flying: set[str] = set()
        for job in jobs:
            key = self.policy.key(job.prompt)
            if key in flying or self._is_done(key):
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
                for reply in self.policy.respond(_noted(jobs, waiting)):
                    lacking += keep(waiting.pop(reply.index), reply)
                    tick()
            except ConnectionError as error:
                raise AvereError(
                    f"{self.policy.who} cannot be reached ({error}); what it answered is kept: run the "
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
                f"{self.policy.who} left {len(lacking)} {self.policy.what} unanswered, the first because: "
                f"{lacking[0]}; all others are kept: run the same command again to ask the rest"
            )

    def _alone(self, job: Job[A]) -> Reply:
        """Ask one question by itself, after one of several failed; failing is a reply with a reason."""
        silent = Reply(index=0, text="", status="refused", reason="the model gave no reply")
        try:
            return next(iter(self.policy.respond([job.prompt])), silent)
        except tuple(kind for kind, _ in FAILURES) as error:
            status = next(status for kind, status in FAILURES if isinstance(error, kind))
            reason = " ".join(str(error).split()) or type(error).__name__
            return Reply(index=0, text="", status=status, reason=reason)

    def _keep(self, job: Job[A], reply: Reply, *, append: journal.Append) -> tuple[str, ...]:
        """Write one reply down; give the reason where none is kept, because one may come another time."""
        if reply.status == "failed":
            return (reply.reason or "no reason given",)
        append([self.policy.record(job, reply)])
        return ()


def _noted(jobs: Iterator[Job[A]], waiting: dict[int, Job[A]]) -> Iterator[Prompt]:
    """Yield the prompts of jobs and note which are on their way."""
    for index, job in enumerate(jobs):
        waiting[index] = job
        yield job.prompt


def _nothing() -> None:
    """Do nothing."""
