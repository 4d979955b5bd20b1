"""Asking judges what free descriptions claim, and keeping what they say."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from rich.progress import Progress

from avere import __version__, prompts
from avere.answers import claims
from avere.answers.claims import SaidClaims
from avere.answers.forms import Unparsed
from avere.asking.desk import Desk, Job, Way
from avere.asking.replies import Replies
from avere.errors import AvereError
from avere.interfaces import Prompt, Reply, Responder
from avere.records import Cue, Judgement, Modality, Prediction, Provenance, Question, journal, jsonl

FOLDER, FILE = "judged", "judgements.jsonl"
PROMPT = "judge_description"
TOKENS = 1024
"""Of an answer at most."""


class JudgedDescription(NamedTuple):
    """One free answer to be judged, and what is known about its clip."""

    question: Question
    target: Modality
    answer: Prediction
    cues: tuple[Cue, ...]


class Sitting(NamedTuple):
    """One judge's one time through all descriptions."""

    judge: Responder
    repeat: int

    def provenance(self, template: str, answer: str) -> Provenance:
        """Return where a reply about an answer comes from."""
        return Provenance(
            recipe=PROMPT,
            prompt=prompts.digest(template),
            inputs=answer,
            model=self.judge.fingerprint,
            seed=self.repeat,
            version=__version__,
        )


def judge_claims(run: Path, judges: Sequence[Responder], *, condition: str = "av", repeats: int = 1) -> Path:
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
    desks = [(one, Desk(Replies(home / journal.NAME, Prediction), _way(one), sync=True)) for one in sittings]
    spoken = [one for one in found if _says_something(one)]
    with Progress(transient=True) as progress:
        task = progress.add_task("judge", total=len(sittings) * len(spoken))
        for _, desk in desks:
            desk.put(lambda: map(_job, spoken), lambda: progress.advance(task))
    path = home / FILE
    jsonl.write(path, (_judgement(sitting, one, desk) for sitting, desk in desks for one in found))
    return path


def descriptions(run: Path, condition: str) -> list[JudgedDescription]:
    """Return the free answers of a run to questions about one modality whose cues are known, in order.

    Raises:
        RecordError: a file of the run is missing or wrong.
    """
    cues: dict[str, list[Cue]] = {}
    for cue in jsonl.read(run / "cues.jsonl", Cue):
        cues.setdefault(cue.clip, []).append(cue)
    answers = {one.question: one for one in journal.read(run).values() if one.condition == condition}
    return [
        JudgedDescription(question, question.target, answers[question.id], tuple(cues[question.clip]))
        for question in jsonl.read(run / "questions.jsonl", Question)
        if not question.choices
        and question.target != "audiovisual"
        and question.id in answers
        and question.clip in cues
    ]


def _way(sitting: Sitting) -> Way[JudgedDescription, SaidClaims]:
    """Return how a judge is asked, and what is kept of its answers."""

    def key(prompt: Prompt) -> str:
        parts = [prompt.model_dump(mode="json"), sitting.judge.fingerprint, sitting.repeat, TOKENS]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    return Way(
        who=sitting.judge.name,
        what="descriptions",
        key=key,
        respond=lambda asked: _replies(sitting, asked),
        parse=lambda job, words: claims.parse(words, job.about.answer.reply, job.about.cues),
        record=lambda job, reply: _prediction(sitting, job, reply),
    )


def _job(one: JudgedDescription) -> Job[JudgedDescription]:
    """Return the question about a description."""
    words = prompts.render(PROMPT, description=one.answer.reply, cues=claims.numbered(one.cues))
    return Job(one, Prompt(text=words), PROMPT)


def _replies(sitting: Sitting, asked: Iterable[Prompt]) -> Iterator[Reply]:
    """Yield the judge's replies, held to the form where it can be; a local model refuses a form at once."""
    waiting = list(asked)
    schema = SaidClaims.model_json_schema()
    try:
        held = sitting.judge.respond(waiting, max_tokens=TOKENS, seed=sitting.repeat, schema=schema)
        first = next(held, None)
    except AvereError:
        yield from sitting.judge.respond(waiting, max_tokens=TOKENS, seed=sitting.repeat)
        return
    if first is not None:
        yield from chain([first], held)


def _prediction(sitting: Sitting, job: Job[JudgedDescription], reply: Reply) -> Prediction:
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
        made_by=sitting.provenance(job.template, job.about.answer.key),
    )


def _judgement(
    sitting: Sitting, one: JudgedDescription, desk: Desk[JudgedDescription, SaidClaims]
) -> Judgement:
    """Return what a judge read in a description, by its first answer or by the repaired one."""
    told = _told(one, desk)
    judgement = Judgement(
        question=one.question.id,
        condition=one.answer.condition,
        judge=sitting.judge.name,
        fingerprint=sitting.judge.fingerprint,
        repeat=sitting.repeat,
        reason=told.fault if isinstance(told, Unparsed) else None,
    )
    if isinstance(told, Unparsed):
        return judgement
    read = claims.classify(told, one.cues, one.target)
    missed = claims.missed(read, one.cues, one.target)
    return judgement.model_copy(update={"claims": read, "missed": missed})


def _told(one: JudgedDescription, desk: Desk[JudgedDescription, SaidClaims]) -> SaidClaims | Unparsed:
    """Return a judge's claims, or why there are none."""
    if one.answer.status != "ok":
        return Unparsed(f"the model gave no answer: {one.answer.status}")
    if not _says_something(one):
        return SaidClaims(claims=())
    found, told = desk.hear(_job(one))
    if isinstance(found, SaidClaims):
        return found
    fault = found.fault if found is not None else f"the judge gave no reply: {told[-1].status}"
    return Unparsed(fault if len(told) == 1 else f"also after one repair: {fault}")


def _says_something(one: JudgedDescription) -> bool:
    """Tell whether there is anything to judge."""
    return one.answer.status == "ok" and bool(one.answer.reply.strip())
