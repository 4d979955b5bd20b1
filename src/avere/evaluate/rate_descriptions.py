"""Having a judge score the descriptions of a run, once each, by one judge and one prompt."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from avere import __version__, prompts
from avere.answers import ratings
from avere.answers.forms import Unparsed
from avere.answers.ratings import Scores
from avere.asking.desk import AskingPolicy, Desk, Job
from avere.asking.replies import Replies
from avere.benchmark import emer, name_benchmark
from avere.errors import AvereError
from avere.evaluate._judges import Sitting, describe_judging, refuse_other_judging
from avere.interfaces import Prompt, Reply, Responder
from avere.records import Prediction, Provenance, Question, Rating, journal, jsonl, runs

FOLDER = "judged"
"""Of the judge's replies, inside the run."""
TOKENS = 400
"""Most of a judge's reply."""


def rate_descriptions(out: Path, model: Responder, seed: int = 0) -> Path:
    """Have every description of a run judged that is not judged yet; write the ratings to one file.

    Replies are kept in ``judged/journal.jsonl``, so that nothing is asked twice, and ratings that an earlier
    version wrote count as they are. A reply that cannot be parsed is asked for once more; what cannot be
    parsed then is kept with the reason. Descriptions that are empty, or could not be had, are not judged and
    count 0.

    Raises:
        AvereError: no run of EMER, it was judged by another judge or in another way, another process is
            judging it, or the judge cannot go on; what it said is kept.
    """
    path = out / emer.JUDGEMENTS
    made_by = Provenance(
        prompt=prompts.digest(emer.JUDGE), model=model.fingerprint, seed=seed, version=__version__
    )
    done = list(jsonl.read(path, Rating)) if path.exists() else []
    every, judged = list(_jobs(out)), {one.key for one in done}
    home, chosen = out / FOLDER, {"prompt": emer.JUDGE, "max_tokens": TOKENS, "seed": seed}
    info = describe_judging(out, [model], chosen, [job.about for job in every])
    refuse_other_judging(home, info, kept=bool(done) or (home / journal.NAME).exists())
    _same_judge(done, made_by, path)
    jobs = [job for job in every if job.about.key not in judged]
    if jobs:
        replies = Replies(home / journal.NAME, Prediction)
        desk = Desk(replies, _make_policy(Sitting(model, seed, emer.JUDGE, TOKENS)), sync=True)
        with runs.recorded(home, info):
            desk.ask_all(lambda: jobs, lambda: None)
            done += [_rate(desk, job, made_by) for job in jobs]
            jsonl.write(path, done)
    elif not path.exists():
        jsonl.write(path, done)
    return path


def _jobs(out: Path) -> Iterator[Job[Prediction]]:
    """Word the questions about the descriptions that a judge can rate.

    Raises:
        AvereError: the folder holds no run of EMER.
    """
    predictions = journal.read(out)
    if not predictions:
        raise AvereError(f"'{out}' holds no journal.jsonl; give the folder that `avere evaluate` wrote")
    questions = jsonl.read_by_id(out / "questions.jsonl", Question)
    if (name := name_benchmark(out)) != "emer":
        raise AvereError(f"'{out}' is a run of {name}, which needs no judge; use `avere score`")
    for one in predictions.values():
        if one.status == "ok" and one.reply.strip() and one.question in questions:
            yield Job(one, emer.judging(questions[one.question], one), emer.JUDGE)


def _make_policy(sitting: Sitting) -> AskingPolicy[Prediction, Scores]:
    """Say how the judge is asked, and what is kept of its replies."""

    def respond(asked: Iterable[Prompt]) -> Iterator[Reply]:
        return sitting.judge.respond(asked, max_tokens=sitting.max_tokens, seed=sitting.seed)

    return AskingPolicy(
        who=sitting.judge.name,
        what="descriptions",
        key=sitting.key,
        respond=respond,
        parse=lambda _, words: ratings.parse(words),
        record=lambda job, reply: sitting.record(job.about, job.key, job.template, reply),
        repair=emer.REPAIR,
    )


def _rate(desk: Desk[Prediction, Scores], job: Job[Prediction], made_by: Provenance) -> Rating:
    """Make the rating of one description; the last reply counts."""
    parsed, replies = desk.find_answer(job)
    reason = f"it gave no reply: {replies[-1].status}" if parsed is None else None
    return Rating(
        key=job.about.key,
        replies=tuple(one.reply for one in replies),
        scores=parsed.model_dump() if isinstance(parsed, Scores) else {},
        reason=parsed.fault if isinstance(parsed, Unparsed) else reason,
        made_by=made_by,
    )


def _same_judge(done: Sequence[Rating], made_by: Provenance, path: Path) -> None:
    """Refuse to mix judges or prompts in one file."""
    for one in done:
        if (one.made_by.model, one.made_by.prompt) != (made_by.model, made_by.prompt):
            raise AvereError(
                f"'{path}' holds judgements by another judge or another prompt, and they cannot be mixed; "
                "go on with that judge, or delete the file"
            )
