"""Two small runs on disk, made by hand, with one real clip and hostile words in a model's answer."""

import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from avere.analyse import summarise_run
from avere.evaluate import rescore_run
from avere.records import Clip, Cue, MediaTokens, Prediction, Provenance, Question, Shown, jsonl

HOSTILE = '<script>alert("x")</script> wet tears & broad smile'
CLIPS = 24
"""Of a run; the last one is answered wrongly by all, so that resampling varies."""
KINDS = ("supporting", "displaced", "hallucinated", "plain")


def film(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=12)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for level in range(6):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 40 * level, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def questions(clip):
    made = Provenance(version="0")
    for index, kind in enumerate(KINDS):
        yield Question(
            id=f"{clip}/{kind}",
            clip=clip,
            task="reasoning_stress_video",
            kind=kind,
            text="Does the smile show it?",
            choices=("Yes", "No"),
            answer=int(index > 0),
            target="video",
            made_by=made,
        )
    yield Question(
        id=f"{clip}/describe",
        clip=clip,
        task="description_video",
        text="What shows it?",
        target="video",
        made_by=made,
    )


def write_run(out: Path, video: Path, right, conditions=("av",)) -> Path:
    """Write a run; ``right(kind)`` says whether it answers that kind rightly."""
    clips = [
        Clip(id=f"clip-{i}", video=video, shown=Shown(video="happiness", audio="fear"), source="t")
        for i in range(CLIPS)
    ]
    asked = [question for clip in clips for question in questions(clip.id)]
    cues = [
        Cue(
            clip=clip.id,
            modality="video",
            name="smile",
            text="broad smile",
            present=True,
            evidence_of="happiness",
        )
        for clip in clips
    ]
    jsonl.write(out / "questions.jsonl", asked)
    jsonl.write(out / "clips.jsonl", clips)
    jsonl.write(out / "cues.jsonl", cues)
    jsonl.write(
        out / "journal.jsonl",
        [_prediction(question, condition, right) for condition in conditions for question in asked],
    )
    rescore_run(out)
    summarise_run(out, draws=60)
    return out


def _prediction(question, condition, right):
    logs, reply = None, HOSTILE
    if question.choices:
        known = right(question.kind) and question.clip != f"clip-{CLIPS - 1}"
        chosen = question.answer if known else 1 - question.answer
        logs, reply = ((-0.1, -3.0) if chosen == 0 else (-3.0, -0.1)), ""
    return Prediction(
        key=f"{condition}-{question.id}",
        question=question.id,
        condition=condition,
        model="tiny",
        reply=reply,
        choice_log_probs=logs,
        media_tokens=MediaTokens(),
        status="ok",
        made_by=Provenance(version="0", model="f" * 16),
    )


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """The runs as they were written, only to be read."""
    home = tmp_path_factory.mktemp("written")
    video = home / "clip.mp4"
    film(video)
    # The world that the questions were made of: its records hold the clips, so a page may show them.
    jsonl.write(home / "clips.jsonl", (Clip(id=f"clip-{i}", video=video, source="t") for i in range(CLIPS)))
    write_run(home / "base", video, lambda kind: kind == "supporting", ("av", "text"))
    write_run(home / "after", video, lambda kind: kind == "displaced")
    return home


@pytest.fixture
def runs(written, tmp_path):
    """Two runs of the test's own."""
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return [tmp_path / "base", tmp_path / "after"]
