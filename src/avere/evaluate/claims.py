"""Asking judges what free descriptions claim: each question once, with one chance to put an answer right."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.progress import Progress

from avere import __version__, prompts
from avere.answers import claims
from avere.answers.claims import Said
from avere.answers.forms import Unreadable
from avere.errors import AvereError
from avere.interfaces import Ask, Exchange, Reply, Responder
from avere.records import Cue, Judgement, Modality, Prediction, Provenance, Question, Record, journal, jsonl

FOLDER, FILE = "judged", "judgements.jsonl"
PROMPT, REPAIR = "judge_description", "repair"
TOKENS = 1024
"""Of an answer at most."""
LONGEST = 4_000
"""Characters of an unreadable answer that its author sees again."""


class Description(NamedTuple):
    """One free answer to be judged, and what is known about its clip."""

    question: Question
    target: Modality
    answer: Prediction
    cues: tuple[Cue, ...]


class Sitting(NamedTuple):
    """One judge's one time through all descriptions."""

    judge: Responder
    repeat: int

    def provenance(self, prompt: str, answer: str) -> Provenance:
        """Return where a reply to a prompt about an answer comes from."""
        return Provenance(
            recipe=PROMPT,
            prompt=prompts.digest(prompt),
            inputs=answer,
            model=self.judge.fingerprint,
            seed=self.repeat,
            version=__version__,
        )


class _Job(NamedTuple):
    """One question to a judge."""

    key: str
    ask: Ask
    prompt: str
    about: Description


def judge(run: Path, judges: Sequence[Responder], *, condition: str = "av", repeats: int = 1) -> Path:
    """Have judges read every free description of a run; write what it claims to ``judged/judgements.jsonl``.

    Replies are kept in a journal of their own, so that nothing is asked twice. Only words are sent. The
    number of the repeat is the seed; a greedy judge says the same each time.

    Raises:
        AvereError: the run holds no description under the condition whose cues are known, two judges are the
            same, or another process is judging it.
    """
    if len({one.fingerprint for one in judges}) < len(judges):
        raise AvereError("the same judge was given twice; name two different ones, or ask for --repeats")
    found = descriptions(run, condition)
    if not found:
        raise AvereError(
            f"'{run}' holds no free description under '{condition}' of a clip whose cues are known; "
            "evaluate with description questions and cues.jsonl"
        )
    sittings = [Sitting(one, repeat) for one in judges for repeat in range(repeats)]
    home = run / FOLDER
    with journal.appending(home / journal.NAME) as append, Progress(transient=True) as progress:
        task = progress.add_task("judge", total=len(sittings) * len(found))

        def keep(replies: Iterable[Record]) -> None:
            append(replies)
            progress.advance(task)

        for number, sitting in enumerate(sittings, start=1):
            _sit(sitting, found, home, keep)
            progress.update(task, completed=number * len(found))
    replies = journal.read(home)
    path = home / FILE
    jsonl.write(path, (_judgement(each, one, replies) for each in sittings for one in found))
    return path


def descriptions(run: Path, condition: str) -> list[Description]:
    """Return the free answers of a run to questions about one modality whose cues are known, in order.

    Raises:
        RecordError: a file of the run is missing or wrong.
    """
    cues: dict[str, list[Cue]] = {}
    for cue in jsonl.read(run / "cues.jsonl", Cue):
        cues.setdefault(cue.clip, []).append(cue)
    answers = {one.question: one for one in journal.read(run).values() if one.condition == condition}
    return [
        Description(question, question.target, answers[question.id], tuple(cues[question.clip]))
        for question in jsonl.read(run / "questions.jsonl", Question)
        if not question.choices
        and question.target != "audiovisual"
        and question.id in answers
        and question.clip in cues
    ]


def _sit(sitting: Sitting, found: Sequence[Description], home: Path, append: journal.Append) -> None:
    """Ask one judge once about every description, then for repair of what cannot be read."""
    firsts = {one.question.id: _first(sitting, one) for one in found if _says_something(one)}
    _ask(sitting, firsts.values(), journal.read(home), append)
    replies = journal.read(home)
    repairs = [_repair(sitting, job, replies) for job in firsts.values()]
    _ask(sitting, [job for job in repairs if job is not None], replies, append)


def _ask(
    sitting: Sitting, jobs: Iterable[_Job], known: Mapping[str, Prediction], append: journal.Append
) -> None:
    """Put to the judge what the journal does not answer; each reply is kept before the next is taken."""
    pending = list({job.key: job for job in jobs if job.key not in known}.values())
    if not pending:
        return
    for reply in _replies(sitting, [job.ask for job in pending]):
        job = pending[reply.index]
        append([_prediction(sitting, job, reply)])


def _replies(sitting: Sitting, asks: Sequence[Ask]) -> Iterator[Reply]:
    """Yield the judge's replies, held to the form where it can be; a local model refuses a form at once."""
    schema = Said.model_json_schema()
    try:
        held = sitting.judge.respond(asks, max_tokens=TOKENS, seed=sitting.repeat, schema=schema)
        first = next(held, None)
    except AvereError:
        yield from sitting.judge.respond(asks, max_tokens=TOKENS, seed=sitting.repeat)
        return
    if first is not None:
        yield first
    yield from held


def _prediction(sitting: Sitting, job: _Job, reply: Reply) -> Prediction:
    """Return the record of one reply."""
    return Prediction(
        key=job.key,
        question=job.about.question.id,
        condition=job.about.answer.condition,
        model=sitting.judge.name,
        reply=reply.text,
        status=reply.status,
        reason=reply.reason,
        seconds=reply.seconds,
        made_by=sitting.provenance(job.prompt, job.about.answer.key),
    )


def _judgement(sitting: Sitting, one: Description, replies: Mapping[str, Prediction]) -> Judgement:
    """Return what a judge read in a description, by its first answer or by the repaired one."""
    told = _told(sitting, one, replies)
    judgement = Judgement(
        question=one.question.id,
        condition=one.answer.condition,
        judge=sitting.judge.name,
        fingerprint=sitting.judge.fingerprint,
        repeat=sitting.repeat,
        reason=told.fault if isinstance(told, Unreadable) else None,
    )
    if isinstance(told, Unreadable):
        return judgement
    read = claims.classify(told, one.cues, one.target)
    missed = claims.missed(read, one.cues, one.target)
    return judgement.model_copy(update={"claims": read, "missed": missed})


def _told(sitting: Sitting, one: Description, replies: Mapping[str, Prediction]) -> Said | Unreadable:
    """Return a judge's claims, or why there are none."""
    if one.answer.status != "ok":
        return Unreadable(f"the model gave no answer: {one.answer.status}")
    if not _says_something(one):
        return Said(claims=())
    job = _first(sitting, one)
    told = _read(replies.get(job.key), one)
    repair = _repair(sitting, job, replies)
    if repair is None or repair.key not in replies:
        return told
    again = _read(replies[repair.key], one)
    return again if isinstance(again, Said) else Unreadable(f"also after one repair: {again.fault}")


def _read(reply: Prediction | None, one: Description) -> Said | Unreadable:
    """Return the claims of one reply, or why there are none."""
    if reply is None:
        return Unreadable("the judge gave no reply")
    if reply.status != "ok":
        return Unreadable(f"the judge gave no reply: {reply.status}")
    return claims.read(reply.reply, one.answer.reply, one.cues)


def _says_something(one: Description) -> bool:
    """Tell whether there is anything to judge."""
    return one.answer.status == "ok" and bool(one.answer.reply.strip())


def _first(sitting: Sitting, one: Description) -> _Job:
    """Return the question about a description."""
    words = prompts.render(PROMPT, description=one.answer.reply, cues=claims.numbered(one.cues))
    ask = Ask(text=words)
    return _Job(_key(sitting, ask), ask, PROMPT, one)


def _repair(sitting: Sitting, job: _Job, replies: Mapping[str, Prediction]) -> _Job | None:
    """Return the request to put the reply to a job right, where there is one that cannot be read."""
    first = replies.get(job.key)
    if first is None or first.status != "ok":
        return None
    told = _read(first, job.about)
    if isinstance(told, Said):
        return None
    earlier = Exchange(text=job.ask.text, response=first.reply[:LONGEST])
    ask = Ask(text=prompts.render(REPAIR, fault=told.fault), history=(earlier,))
    return _Job(_key(sitting, ask), ask, REPAIR, job.about)


def _key(sitting: Sitting, ask: Ask) -> str:
    """Return the digest of all that a judge's reply depends on."""
    parts = [ask.model_dump(mode="json"), sitting.judge.fingerprint, sitting.repeat, TOKENS]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
