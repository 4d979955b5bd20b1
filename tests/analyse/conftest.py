"""A run folder whose every answer is chosen by the test."""

from pathlib import Path

import pytest

from avere.evaluate import rescore_run
from avere.records import Clip, Prediction, Provenance, Question, jsonl

MADE = Provenance(version="0", model="print", recipe="emorealm closed=log-prob")
OPTIONS = ("w", "x", "y", "z")


def question(name, clip, task="reasoning_basic_audio", kind=None, answer=0):
    choices = OPTIONS if "basic" in task else ("Yes", "No")
    return Question(
        id=name,
        clip=clip,
        task=task,
        kind=kind,
        text=f"{task}?",
        choices=choices,
        answer=answer,
        target="audiovisual",
        made_by=Provenance(version="0"),
    )


def prediction(asked, chosen, condition="av", logs=None, **changes):
    """Return an answer by log-probabilities; ``chosen`` None: refused."""
    values = logs or tuple(-0.1 if place == chosen else -3.0 for place in range(len(asked.choices)))
    ill = {"status": "refused", "choice_log_probs": None} if chosen is None and logs is None else {}
    return Prediction(
        key=f"{condition}-{asked.id}",
        question=asked.id,
        condition=condition,
        model="m",
        reply="",
        choice_log_probs=values,
        status="ok",
        made_by=MADE,
    ).model_copy(update={**ill, **changes})


def write(out: Path, questions, predictions) -> Path:
    jsonl.write(out / "questions.jsonl", questions)
    jsonl.write(
        out / "clips.jsonl", [Clip(id=name, source="t") for name in sorted({q.clip for q in questions})]
    )
    jsonl.write(out / "cues.jsonl", [])
    jsonl.write(out / "journal.jsonl", predictions)
    rescore_run(out)
    return out


@pytest.fixture
def folder(tmp_path):
    """Make the function that writes a run: name, questions, what is chosen of each."""

    def make(name, questions, chosen, **changes):
        predictions = [prediction(q, one, **changes) for q, one in zip(questions, chosen, strict=True)]
        return write(tmp_path / name, questions, predictions)

    return make
