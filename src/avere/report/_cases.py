"""Choosing the clips of a page, and all that is shown of them: true cues, questions, every run's answer."""

import base64
from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

from avere.analyse import Run
from avere.analyse.summary import count_status
from avere.answers import descriptions
from avere.answers.strict import name_letter
from avere.records import Clip, Cue, Modality, Question, Score
from avere.report._media_gate import MediaGate

UNREAD = "not parsed"


class Fact(NamedTuple):
    """A cue as it is shown: its words and what it is."""

    text: str
    verdict: str


class ShownAnswer(NamedTuple):
    """What one run made of one question."""

    text: str
    detail: str
    right: bool | None
    """None for descriptions."""
    facts: tuple[Fact, ...] = ()
    """Cues that a description names."""
    lacking: str = ""
    """Why it counts as no answer, in a word or two, such as ``refused``; empty where it is one."""
    value: float | None = None
    """Of descriptions: the share of the named cues that support; 0 where none is named."""


class CaseRow(NamedTuple):
    """One question with the answers of all runs."""

    question: Question
    kind: str
    choices: tuple[tuple[str, str, bool], ...]
    """Letter, text, whether it is the right one."""
    answers: tuple[ShownAnswer, ...]
    fixed: tuple[int, ...]
    """Runs that are right where the first is wrong, or describe with a larger share of supporting cues."""
    broken: tuple[int, ...]


class Case(NamedTuple):
    """One clip with all its questions."""

    clip: Clip
    media: str | None
    """The clip as a data address, or None where there is none, or it is left out."""
    left_out: str
    """Why it is left out; empty where it is not."""
    seen: tuple[Fact, ...]
    heard: tuple[Fact, ...]
    rows: tuple[CaseRow, ...]
    """The telling ones: where a run differs from the first; of a single run what is wrong."""
    rest: tuple[CaseRow, ...]


def choose(runs: Sequence[Run], condition: str, count: int, roots: Sequence[Path] = ()) -> list[Case]:
    """Choose the clips of most interest; media are shown from the first run's folder and from ``roots``.

    In turn for each later run: the clip where it mends most answers of the first run, the one where it spoils
    most; with a single run, the clips with most wrong answers.
    """
    first = runs[0]
    by_clip: dict[str, list[CaseRow]] = {}
    for question in first.questions.values():
        by_clip.setdefault(question.clip, []).append(_row(question, runs, condition))
    ranked = [_ranked({name: _wrong(rows) for name, rows in by_clip.items()})] if len(runs) == 1 else []
    for number in range(1, len(runs)):
        mended = {name: sum(number in row.fixed for row in rows) for name, rows in by_clip.items()}
        spoilt = {name: sum(number in row.broken for row in rows) for name, rows in by_clip.items()}
        ranked += [_ranked(mended), _ranked(spoilt)]
    turns = chain.from_iterable(zip_longest(*ranked))
    names = list(dict.fromkeys(name for name in (*turns, *by_clip) if name is not None))[:count]
    gate = MediaGate((first.folder, *roots))
    return [_case(first, name, by_clip[name], gate) for name in names]


def _wrong(rows: Sequence[CaseRow]) -> int:
    """Count the wrong answers of the first run."""
    return sum(row.answers[0].right is False for row in rows)


def _ranked(weights: Mapping[str, int]) -> list[str]:
    """List the clips that weigh anything, the heaviest first, ties in the order given."""
    return sorted((name for name in weights if weights[name]), key=lambda name: -weights[name])


def _row(question: Question, runs: Sequence[Run], condition: str) -> CaseRow:
    """Gather what is shown of one question."""
    answers = tuple(_answer(question, run, condition) for run in runs)
    better = [_gain(answers[0], answer) for answer in answers]
    return CaseRow(
        question=question,
        kind=question.kind or "",
        choices=tuple(
            (name_letter(index), text, index == question.answer)
            for index, text in enumerate(question.choices)
        ),
        answers=answers,
        fixed=tuple(i for i, value in enumerate(better) if value > 0),
        broken=tuple(i for i, value in enumerate(better) if value < 0),
    )


def _gain(first: ShownAnswer, other: ShownAnswer) -> float:
    """Measure how much better an answer is than the first run's: by right and wrong, or by what it names."""
    if first.right is not None and other.right is not None:
        return float(other.right) - float(first.right)
    return 0.0 if first.value is None or other.value is None else other.value - first.value


def _answer(question: Question, run: Run, condition: str) -> ShownAnswer:
    """Describe the answer of a run to a question."""
    prediction = run.predictions.get(condition, {}).get(question.id)
    score = run.score(condition, question.id)
    right = False if question.choices else None
    end = count_status(prediction, score)
    if prediction is None or score is None:
        return ShownAnswer("", "", right, lacking="not asked")
    if end == "unparsed":
        return ShownAnswer(prediction.reply, score.reason or "", right, lacking=UNREAD)
    if end != "ok":
        return ShownAnswer(prediction.reply, prediction.reason or "", right, lacking=end)
    if not question.choices:
        said = _description(question, prediction.reply, run.cues.get(question.clip, ()))
        return said._replace(value=(score.value or 0.0) if "named" in score.parts else None)
    return _closed(question, prediction.reply, score)


def _closed(question: Question, reply: str, score: Score) -> ShownAnswer:
    """Describe the answer to a closed question: the choice, and the words or odds behind it."""
    detail = reply
    if "yes_minus_no" in score.parts:
        detail = f"{reply}  log-odds of yes {score.parts['yes_minus_no']:+.1f}".strip()
    if score.value is None:
        return ShownAnswer(reply, score.reason or "", right=False, lacking=UNREAD)
    chosen = int(score.parts["chosen"])
    return ShownAnswer(
        f"({name_letter(chosen)}) {question.choices[chosen]}", detail, right=score.value == 1.0
    )


def _description(question: Question, reply: str, cues: Sequence[Cue]) -> ShownAnswer:
    """Show a description with the cues that it names, each judged."""
    if question.target == "audiovisual" or not cues:
        return ShownAnswer(reply, "", None)
    read = descriptions.parse(reply)
    facts = tuple(
        Fact(named.name.replace("-", " "), descriptions.judge(named, cues, question.target))
        for named in read.named
    )
    if not read.parsed:
        return ShownAnswer(reply, "names no known cue", None, facts, UNREAD)
    return ShownAnswer(reply, "", None, facts)


def _case(run: Run, name: str, rows: Sequence[CaseRow], gate: MediaGate) -> Case:
    """Gather what is shown of one clip."""
    cues = run.cues.get(name, ())
    clip = run.clips[name]
    fault = None if clip.video is None else gate.find_fault(name, "video", clip.video)
    address = None if clip.video is None or fault else _address(clip.video)
    telling = [row for row in rows if row.fixed or row.broken] or [
        row for row in rows if row.answers[0].right is False
    ]
    chosen = tuple(telling or rows[:3])
    rest = tuple(row for row in rows if row not in chosen)
    return Case(clip, address, fault or "", _facts(cues, "video"), _facts(cues, "audio"), chosen, rest)


def _facts(cues: Sequence[Cue], modality: Modality) -> tuple[Fact, ...]:
    """List the cues that can truly be seen or heard."""
    return tuple(Fact(cue.text, _standing(cue)) for cue in cues if cue.present and cue.modality == modality)


def _standing(cue: Cue) -> str:
    """Name the standing of a present cue: supporting, displaced or spurious."""
    if cue.evidence_of is None:
        return "spurious"
    return "supporting" if cue.bearer == "person" else "displaced"


def _address(path: Path) -> str:
    """Write a file as a data address."""
    return f"data:video/mp4;base64,{base64.b64encode(path.read_bytes()).decode()}"
