"""AVHBench: whether a model hears what it only sees, sees what it only hears, and notices a mismatch.

Sung-Bin et al., 2025 (arXiv 2410.18325). A folder holds ``QA.json`` (or ``qa.json``, or one file a video in
``json/``) with entries of video_id, task, text and label, and the videos beside it, in ``video/`` or in
``videos/``. Captions are open questions, measured by CIDEr-D against the one caption that the file gives;
METEOR, which needs lists of synonyms, is left out.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from avere import __version__, prompts
from avere.answers.captions import count_rarity, score_cider
from avere.benchmark import _yes_no
from avere.benchmark._media import media_fields
from avere.benchmark._tallies import Tallies, Tally
from avere.benchmark._yes_no import CHOICES, options, parse
from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.records import Clip, Prediction, Provenance, Question, Target, jsonl
from avere.settings import Settings

FAMILY = "yes_no"
TARGETS: dict[str, Target] = {
    "audio-driven_video_hallucination": "video",
    "video-driven_audio_hallucination": "audio",
    "av_matching": "audiovisual",
    "audio_only": "audio",
    "video_only": "video",
    "av_captioning": "audiovisual",
}
"""Tasks, named as published but for case and blanks, and what each asks about."""
CAPTIONS = "av_captioning"
WITHHELD = {"audio_only": "video", "video_only": "audio"}
"""What the copies of questions for one medium do not show."""
FIELDS = ("video_id", "task", "text", "label")

__all__ = ["FAMILY", "Config", "clips", "options", "parse", "prompt", "questions", "tallies", "template"]


class Config(Settings):
    """What a recipe may say of the data."""

    one_medium: bool = True
    """Also ask the copies of questions that come with one medium alone, where the file has them."""
    captions: bool = True
    """Also ask for the captions."""


def clips(path: Path, config: Config | None = None) -> Iterator[Clip]:
    """Yield the videos that are asked about; each holds its sound."""
    names = dict.fromkeys(question.clip for question in questions(path, config))
    for name in names:
        file = _video(path, name)
        yield Clip(id=name, video=file, audio=file, source="avhbench", split="test")


def questions(path: Path, config: Config | None = None) -> Iterator[Question]:
    """Yield the questions in the order of the files.

    Raises:
        AvereError: no file of questions, or an entry is not what it should be.
    """
    chosen = config or Config()
    number = 0
    for file in _files(path):
        for row in _yes_no.rows(file, FIELDS):
            task = "_".join(str(row["task"]).casefold().split())
            number += 1
            if (task == CAPTIONS and not chosen.captions) or (task in WITHHELD and not chosen.one_medium):
                continue
            place = f"'{file}', question {number}"
            if task not in TARGETS:
                known = ", ".join(TARGETS)
                raise AvereError(f"{place}: no task is called '{row['task']}'; known: {known}")
            label, free = str(row["label"]).strip(), task == CAPTIONS
            yield Question(
                id=f"{number:05d}",
                clip=str(row["video_id"]),
                task=task,
                text=str(row["text"]).strip(),
                choices=() if free else CHOICES,
                answer=None if free else _yes_no.answer_of(label, place),
                references=(label,) if free else (),
                target=TARGETS[task],
                made_by=Provenance(version=__version__),
            )


def prompt(question: Question, clip: Clip) -> Prompt:
    """Word the question with both media of its clip, or the one that its task shows."""
    if question.task == CAPTIONS:
        return Prompt(text=prompts.render("open", question=question.text), **media_fields(clip))
    asked = _yes_no.prompt(question, clip)
    hidden = WITHHELD.get(question.task)
    return asked if hidden is None else asked.model_copy(update={hidden: None})


def template(question: Question) -> str:
    """Name the template that ``prompt`` fills."""
    return "open" if question.task == CAPTIONS else _yes_no.template(question)


def tallies(out: Path) -> Tallies:
    """Make what scores the captions of a run folder; how rare words are, the captions of the run tell.

    Raises:
        RecordError: the folder holds no questions.
    """
    asked = jsonl.read(out / "questions.jsonl", Question)
    known = count_rarity(one.references[0] for one in asked if one.task == CAPTIONS)

    def tally(question: Question, prediction: Prediction | None) -> Tally:
        if prediction is None or not prediction.reply.strip():
            return Tally(None, {"cider": 0.0}, "no caption")
        score = round(score_cider(prediction.reply, question.references[0], known), 6)
        return Tally(score, {"cider": score})

    return tally


def _files(path: Path) -> list[Path]:
    """Find the files of questions.

    Raises:
        AvereError: there are none.
    """
    if path.is_file():
        return [path]
    found = [path / name for name in ("QA.json", "qa.json") if (path / name).exists()][:1]
    found = found or sorted((path / "json").glob("*.json"))
    if not found:
        raise AvereError(f"'{path}' holds neither QA.json nor json/*.json; give the folder of AVHBench")
    return found


@cache
def _video(path: Path, name: str) -> Path:
    """Find the path of a video, or the one where it should lie."""
    home = path if path.is_dir() else path.parent
    places = [home / folder / f"{name}.mp4" for folder in ("video", "videos", ".")]
    return next((place for place in places if place.exists()), places[0])
