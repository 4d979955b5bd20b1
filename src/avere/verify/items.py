"""What people are asked: questions, pairs and waiting cues, each as a closed question about one clip.

A question is asked as it stands. Of a cue that annotators do not agree on, people say whose it is; they are
not told what the annotators said. Of a preference pair they choose among its answers without knowing which
is the chosen one. So one page, one result and one rule of acceptance serve all three.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from avere.annotate.annotations import Waiting
from avere.answers.strict import LETTERS
from avere.errors import AvereError, RecordError
from avere.records import Clip, Cue, PreferencePair, Provenance, Question, Record, jsonl

R = TypeVar("R", bound=Record)
CUE_TASK, PAIR_TASK = "cue", "pair"
"""Tasks of the questions that are made of cues and pairs."""
CUE_CHOICES = ("Yes, the main person's own", "Yes, but not the main person's own", "No")


class Items(NamedTuple):
    """What can be asked, and what cannot."""

    questions: dict[str, Question]
    """By id; each has choices and an answer."""
    clips: dict[str, Clip]
    pairs: list[PreferencePair]
    """Those that questions are made of."""
    cues: list[Cue]
    """What is known of the clips."""
    left_out: Counter[str]
    """By reason."""


def gather_items(sources: Iterable[Path]) -> Items:
    """Gather what people shall be asked from folders of questions and from files.

    Args:
        sources: folders with ``questions.jsonl``, or files of questions, of pairs or of the cues that wait
        for
            people; ``clips.jsonl`` stands beside each.

    Raises:
        AvereError: there is nothing that can be asked, or two different things have one id.
        RecordError: a file is missing or wrong.
    """
    found: dict[str, Question] = {}
    clips: dict[str, Clip] = {}
    pairs: list[PreferencePair] = []
    cues: dict[Cue, None] = {}
    left_out: Counter[str] = Counter()
    for source in sources:
        file = source / "questions.jsonl" if source.is_dir() else source
        known = jsonl.read_by_id(file.with_name("clips.jsonl"), Clip)
        _join(clips, known, file)
        pairs += _of_kind(file, PreferencePair)
        if (beside := file.with_name("cues.jsonl")).exists():
            cues |= dict.fromkeys(jsonl.read(beside, Cue))
        for question in read_questions(file):
            fault = _fault(question, known)
            if fault is not None:
                left_out[fault] += 1
            elif found.setdefault(question.id, question) != question:
                raise AvereError(f"'{file}': two items have the id '{question.id}'; give each its own")
    if not found:
        told = "; ".join(f"{count} {reason}" for reason, count in left_out.items()) or "the files are empty"
        raise AvereError(f"nothing can be asked: {told}; give closed questions whose answers are known")
    return Items(found, clips, pairs, list(cues), left_out)


def read_questions(file: Path) -> Iterator[Question]:
    """Yield the records of a file as questions, whatever of the three kinds they are.

    Raises:
        RecordError: the file is missing, or a line is wrong.
    """
    kind = _kind(file)
    if kind is Waiting:
        yield from map(ask_about_cue, jsonl.read(file, Waiting))
    elif kind is PreferencePair:
        yield from map(ask_about_pair, jsonl.read(file, PreferencePair))
    else:
        yield from jsonl.read(file, Question)


def ask_about_cue(waiting: Waiting) -> Question:
    """Word the question about a cue; its answer is what the record says of the cue.

    >>> from avere.records import Cue
    >>> cue = Cue(clip="c", modality="audio", name="laugh", text="a laugh", present=True, bearer="other")
    >>> asked = ask_about_cue(Waiting(id="c/audio/laugh", clip="c", cue=cue, said=(), agreement=None,
    ...                               question="Do you hear 'a laugh', and is it the main person's own?"))
    >>> asked.choices[asked.answer]
    "Yes, but not the main person's own"
    """
    cue = waiting.cue
    answer = 2 if not cue.present else 0 if cue.bearer == "person" else 1
    return Question(
        id=waiting.id,
        clip=waiting.clip,
        task=CUE_TASK,
        kind=cue.modality,
        text=waiting.question,
        choices=CUE_CHOICES,
        answer=answer,
        target=cue.modality,
        cue=cue,
        made_by=_made(),
    )


def ask_about_pair(pair: PreferencePair) -> Question:
    """Ask which answer of a pair is right; the chosen one is.

    Equal answers are offered once.
    """
    rejected = (text for text in (pair.spurious, pair.hallucinated) if text is not None)
    choices = tuple(dict.fromkeys((pair.chosen, *rejected)))
    return Question(
        id=pair.id,
        clip=pair.clip,
        task=PAIR_TASK,
        kind=pair.target,
        text=pair.prompt,
        choices=choices,
        answer=0,
        target=pair.target,
        made_by=pair.made_by,
    )


def order_choices(question: Question, random: np.random.Generator) -> tuple[int, ...]:
    """Draw in which order choices are shown: yes and no as they stand, others at random.

    Returns:
        For each place on the page the index of the choice.
    """
    if question.task == CUE_TASK or {choice.casefold() for choice in question.choices} == {"yes", "no"}:
        return tuple(range(len(question.choices)))
    return tuple(int(index) for index in random.permutation(len(question.choices)))


def _kind(file: Path) -> type[Question] | type[PreferencePair] | type[Waiting]:
    """Tell the three kinds of files apart by the keys of the first line."""
    first = next(jsonl.lines(file), (0, b"{}"))[1]
    try:
        keys: Sequence[str] = list(json.loads(first))
    except (ValueError, TypeError) as error:
        raise RecordError(f"'{file}' is no JSONL file ({error}); give questions, pairs or a queue") from error
    if "said" in keys:
        return Waiting
    return PreferencePair if "chosen" in keys else Question


def _of_kind(file: Path, kind: type[R]) -> list[R]:
    """Read the records of a file, where they are of that kind."""
    return list(jsonl.read(file, kind)) if _kind(file) is kind else []


def _fault(question: Question, clips: Mapping[str, Clip]) -> str | None:
    """Say why people cannot be asked a question; None where they can."""
    clip = clips.get(question.clip)
    if clip is None:
        return "about a clip that clips.jsonl lacks"
    if len(question.choices) < 2:
        return "open, without choices"
    if question.answer is None:
        return "without a known answer"
    if len(question.choices) > len(LETTERS):
        return f"with more than {len(LETTERS)} choices"
    if clip.video is None and (clip.audio is None or question.target != "audio"):
        return f"about {question.target} of a clip without it"
    return None


def _join(clips: dict[str, Clip], known: Mapping[str, Clip], file: Path) -> None:
    """Add clips to those of other sources.

    Raises:
        AvereError: another clip has the same id.
    """
    for name, given in known.items():
        # Two files may say in two ways where one medium lies.
        clip = given.moved(lambda path: Path(os.path.abspath(path)))
        if clips.setdefault(name, clip) != clip:
            raise AvereError(f"'{file}': another source has another clip '{name}'; export them apart")


def _made() -> Provenance:
    from avere import __version__

    return Provenance(version=__version__)
