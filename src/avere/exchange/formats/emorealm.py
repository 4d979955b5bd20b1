"""The question file published with EmoReAlM, and its media where the published evaluator looks for them.

The folder is that evaluator's data root: ``EmoReAlM/emorealm_v1.json`` names each video below
``dfew/dfew_original_clips_24fps``; its sound has the same name, as ``.wav``, below
``dfew/dfew_original_clips_16khz``. Pictures keep their own frame rate.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from avere.answers.published import published_row
from avere.errors import AvereError
from avere.exchange.formats._folder import DataFolder, FormatOptions, LeftOut, Way, Written
from avere.exchange.formats._lists import write_list
from avere.exchange.formats._shelf import Shelf, file_name
from avere.records import Question

MEDIA: tuple[Way, ...] = ("copy", "link", "none")
FILE = "EmoReAlM/emorealm_v1.json"
VIDEOS, SOUNDS = "dfew/dfew_original_clips_24fps", "dfew/dfew_original_clips_16khz"
BASIC = ("reasoning_basic_audio", "reasoning_basic_video")
YES_NO = ("modality_agreement", "reasoning_stress_audio", "reasoning_stress_video")


def write(data: DataFolder, out: Path, options: FormatOptions) -> Written:
    """Write the closed questions, each with its media.

    Ids are quoted, because the evaluator names the file of a prediction by its question's id.

    Raises:
        RecordError: the questions cannot be read.
    """
    left_out = LeftOut(list)
    shelf = Shelf(out, data, options)
    rows = write_list(out / FILE, _rows(data, shelf, left_out, place=options.media != "none"))
    return Written(out / FILE, rows, left_out)


def _rows(data: DataFolder, shelf: Shelf, left_out: LeftOut, *, place: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows; count what the form or the evaluator cannot hold."""
    for question in data.questions():
        reason = _unfit(question)
        if reason is not None:
            left_out[reason].append(question.id)
            continue
        try:
            clip = data.clip(question.clip)
            name = file_name(clip.id, ".mp4")
            if place:
                shelf.real(clip, "video", VIDEOS)
                shelf.real(clip, "audio", SOUNDS)
            row = published_row(question)
        except AvereError as error:
            left_out[str(error)].append(question.id)
            continue
        yield {"id": quote(question.id, safe=""), "video": name, **{k: row[k] for k in row if k != "id"}}


def _unfit(question: Question) -> str | None:
    """Explain why the published evaluator could not score a question; None where it can."""
    if question.choices and question.answer is None:
        return "a question without a known answer"
    if not question.choices:
        return "an open question, which the published file cannot hold"
    if question.task not in (*BASIC, *YES_NO):
        return f"task '{question.task}', which the published evaluator does not know"
    if question.task in YES_NO:
        words = {choice.casefold().strip(" .") for choice in question.choices}
        if words != {"yes", "no"}:
            return f"options other than yes and no in {question.task}"
    return None
