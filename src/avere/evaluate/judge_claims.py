"""Asking judges what free descriptions claim, and keeping what they say."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from rich.progress import Progress

from avere import prompts
from avere.answers import claims
from avere.answers.claims import SaidClaims
from avere.answers.forms import Unparsed
from avere.asking.desk import AskingPolicy, Desk, Job
from avere.asking.replies import Replies
from avere.errors import AvereError
from avere.evaluate._judges import Sitting, describe_judging, refuse_other_judging
from avere.interfaces import Prompt, Reply, Responder
from avere.records import Cue, Judgement, Modality, Prediction, Question, journal, jsonl, runs

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


def judge_claims(run: Path, judges: Sequence[Responder], *, condition: str = "av", repeats: int = 1) -> Path:
    """Have judges read every free description of a run; write what it claims to ``judged/judgements.jsonl``.

    Replies are kept in a journal of their own, so that nothing is asked twice. Only words are sent. The
    number of the repeat is the seed; a greedy judge says the same each time.

    Raises:
        AvereError: the run holds no description under the condition whose cues are known, two judges are the
            same, it was judged by others or in another way, or another process is judging it.
    """
    if len({one.fingerprint for one in judges}) < len(judges):
        raise AvereError("the same judge was given twice; name two different ones, or ask for --repeats")
    found = descriptions(run, condition)
    if not found:
        raise AvereError(
            f"'{run}' holds no free description under '{condition}' of a clip whose cues are known; "
            "evaluate with description questions and cues.jsonl"
        )
    sittings = [Sitting(one, repeat, PROMPT, TOKENS) for one in judges for repeat in range(repeats)]
    home, answers = run / FOLDER, [one.answer for one in found]
    chosen = {"condition": condition, "repeats": repeats, "prompt": PROMPT, "max_tokens": TOKENS}
    info = describe_judging(run, judges, chosen, answers)
    refuse_other_judging(home, info, kept=(home / journal.NAME).exists())
    desks = [
        (one, Desk(Replies(home / journal.NAME, Prediction), _make_policy(one), sync=True))
        for one in sittings
    ]
    spoken = [one for one in found if _says_something(one)]
    path = home / FILE
    with runs.recorded(home, info):
        with Progress(transient=True) as progress:
            task = progress.add_task("judge", total=len(sittings) * len(spoken))
            for _, desk in desks:
                desk.ask_all(lambda: map(_job, spoken), lambda: progress.advance(task))
        jsonl.write(path, (_judgement(sitting, one, desk) for sitting, desk in desks for one in found))
    return path


def descriptions(run: Path, condition: str) -> list[JudgedDescription]:
    """List the free answers of a run to questions about one modality whose cues are known, in order.

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


def _make_policy(sitting: Sitting) -> AskingPolicy[JudgedDescription, SaidClaims]:
    """Say how a judge is asked, and what is kept of its replies."""
    return AskingPolicy(
        who=sitting.judge.name,
        what="descriptions",
        key=sitting.key,
        respond=lambda asked: _replies(sitting, asked),
        parse=lambda job, words: claims.parse(words, job.about.answer.reply, job.about.cues),
        record=lambda job, reply: sitting.record(job.about.answer, job.key, job.template, reply),
    )


def _job(one: JudgedDescription) -> Job[JudgedDescription]:
    """Word the question about a description."""
    words = prompts.render(PROMPT, description=one.answer.reply, cues=claims.numbered(one.cues))
    return Job(one, Prompt(text=words), PROMPT)


def _replies(sitting: Sitting, asked: Iterable[Prompt]) -> Iterator[Reply]:
    """Yield the judge's replies, held to the form where it can be; a local model refuses a form at once."""
    waiting = list(asked)
    schema = SaidClaims.model_json_schema()
    try:
        held = sitting.judge.respond(waiting, max_tokens=TOKENS, seed=sitting.seed, schema=schema)
        first = next(held, None)
    except AvereError:
        yield from sitting.judge.respond(waiting, max_tokens=TOKENS, seed=sitting.seed)
        return
    if first is not None:
        yield from chain([first], held)


def _judgement(
    sitting: Sitting, one: JudgedDescription, desk: Desk[JudgedDescription, SaidClaims]
) -> Judgement:
    """Make the record of what a judge read in a description, by its first answer or by the repaired one."""
    told = _told(one, desk)
    judgement = Judgement(
        question=one.question.id,
        condition=one.answer.condition,
        judge=sitting.judge.name,
        fingerprint=sitting.judge.fingerprint,
        repeat=sitting.seed,
        reason=told.fault if isinstance(told, Unparsed) else None,
    )
    if isinstance(told, Unparsed):
        return judgement
    read = claims.classify(told, one.cues, one.target)
    missed = claims.missed(read, one.cues, one.target)
    return judgement.model_copy(update={"claims": read, "missed": missed})


def _told(one: JudgedDescription, desk: Desk[JudgedDescription, SaidClaims]) -> SaidClaims | Unparsed:
    """Find a judge's claims, or why there are none."""
    if one.answer.status != "ok":
        return Unparsed(f"the model gave no answer: {one.answer.status}")
    if not _says_something(one):
        return SaidClaims(claims=())
    parsed, replies = desk.find_answer(_job(one))
    if isinstance(parsed, SaidClaims):
        return parsed
    fault = parsed.fault if parsed is not None else f"the judge gave no reply: {replies[-1].status}"
    return Unparsed(fault if len(replies) == 1 else f"also after one repair: {fault}")


def _says_something(one: JudgedDescription) -> bool:
    """True where there is anything to judge."""
    return one.answer.status == "ok" and bool(one.answer.reply.strip())
