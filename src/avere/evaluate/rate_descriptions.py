"""Having a judge score the descriptions of a run, once each, by one judge and one prompt."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from avere import __version__, prompts
from avere.answers import ratings
from avere.answers.forms import Unparsed
from avere.asking.desk import mended
from avere.benchmark import emer, name_of
from avere.errors import AvereError
from avere.interfaces import Prompt, Responder
from avere.records import Prediction, Provenance, Question, Rating, journal, jsonl

TOKENS = 400
"""Most of a judge's reply."""
AT_ONCE = 16


class RatedCase(NamedTuple):
    """A description to be judged."""

    prediction: Prediction
    prompt: Prompt


def rate_descriptions(out: Path, model: Responder, seed: int = 0) -> Path:
    """Have every description of a run judged that is not judged yet, and return the file of ratings.

    A reply that cannot be read is asked for once more; what cannot be read then is kept with the reason.
    Descriptions that are empty, or could not be had, are not judged: they count 0.

    Raises:
        AvereError: no run of EMER, or its judgements are by another judge or another prompt.
    """
    path = out / emer.JUDGEMENTS
    made_by = Provenance(
        prompt=prompts.digest(emer.JUDGE), model=model.fingerprint, seed=seed, version=__version__
    )
    done = list(jsonl.read(path, Rating)) if path.exists() else []
    _same_judge(done, made_by, path)
    waiting = list(_pending(out, {one.key for one in done}))
    for start in range(0, len(waiting), AT_ONCE):
        done += _judged(model, waiting[start : start + AT_ONCE], made_by)
        jsonl.write(path, done)
    if not path.exists():
        jsonl.write(path, done)
    return path


def _pending(out: Path, judged: set[str]) -> Iterator[RatedCase]:
    """Yield the descriptions that wait for a judgement.

    Raises:
        AvereError: the folder holds no run of EMER.
    """
    predictions = journal.read(out)
    if not predictions:
        raise AvereError(f"'{out}' holds no journal.jsonl; give the folder that `avere evaluate` wrote")
    questions = {one.id: one for one in jsonl.read(out / "questions.jsonl", Question)}
    for one in predictions.values():
        if name_of(one) != "emer":
            raise AvereError(f"'{out}' is a run of {name_of(one)}, which needs no judge; use `avere score`")
        if one.key not in judged and one.status == "ok" and one.reply.strip() and one.question in questions:
            yield RatedCase(one, emer.judging(questions[one.question], one))


def _judged(model: Responder, cases: Sequence[RatedCase], made_by: Provenance) -> list[Rating]:
    """Return the judgements of some descriptions, after one repair where it is needed."""
    seed = made_by.seed or 0
    said = [(reply,) for reply in _said(model, [case.prompt for case in cases], seed)]
    read = [ratings.parse(reply) for (reply,) in said]
    ill = {place: one.fault for place, one in enumerate(read) if isinstance(one, Unparsed)}
    repairs = [mended(cases[place].prompt, *said[place], fault, emer.REPAIR) for place, fault in ill.items()]
    again = dict(zip(ill, _said(model, repairs, seed), strict=True)) if ill else {}
    replies = [(*one, again[place]) if place in again else one for place, one in enumerate(said)]
    return [_record(case, some, made_by) for case, some in zip(cases, replies, strict=True)]


def _record(case: RatedCase, replies: tuple[str, ...], made_by: Provenance) -> Rating:
    """Return the record of a judgement; the last reply counts."""
    read = ratings.parse(replies[-1])
    return Rating(
        key=case.prediction.key,
        replies=replies,
        scores={} if isinstance(read, Unparsed) else read.model_dump(),
        reason=read.fault if isinstance(read, Unparsed) else None,
        made_by=made_by,
    )


def _said(model: Responder, asked: Sequence[Prompt], seed: int) -> list[str]:
    """Return the reply to each ask, empty where there is none."""
    replies = {one.index: one.text for one in model.respond(asked, max_tokens=TOKENS, seed=seed)}
    return [replies.get(place, "") for place in range(len(asked))]


def _same_judge(done: Sequence[Rating], made_by: Provenance, path: Path) -> None:
    """Refuse to mix judges or prompts in one file."""
    for one in done:
        if (one.made_by.model, one.made_by.prompt) != (made_by.model, made_by.prompt):
            raise AvereError(
                f"'{path}' holds judgements by another judge or another prompt, and they cannot be mixed; "
                "go on with that judge, or delete the file"
            )
