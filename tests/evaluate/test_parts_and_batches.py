"""A real, tiny model: parts and batches of any size give the same scores and summary, byte by byte."""

import json

import numpy as np
import pytest

from avere import media
from avere.analyse import summarise_run
from avere.evaluate import evaluate_model, rescore_run
from avere.evaluate.plan import Shard
from avere.evaluate.recipe import EvaluationRecipe
from avere.models import qwen_omni
from avere.records import Clip, Provenance, Question, jsonl

CLIPS = 6
MADE = Provenance(version="0")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return qwen_omni.example(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    home = tmp_path_factory.mktemp("data")
    clips, questions = [], []
    for index in range(CLIPS):
        random = np.random.default_rng(index)
        frames = random.integers(0, 255, (4, 56, 56, 3), dtype=np.uint8)
        wave = (0.3 * np.sin(np.arange(8_000) * (index + 1) / 40)).astype(np.float32)
        path = home / f"{index}.mp4"
        media.write_video(path, frames, fps=8, wave=wave, rate=16_000)
        clips.append(Clip(id=f"c{index}", video=path, audio=path, source="test"))
        for number, choices in enumerate((("Yes", "No"), ("sob", "laugh", "sigh", "shout"))):
            questions.append(
                Question(
                    id=f"c{index}/{number}",
                    clip=f"c{index}",
                    task=("modality_agreement", "reasoning_basic_audio")[number],
                    text="What do you hear?",
                    choices=choices,
                    answer=index % 2,
                    target="audio",
                    made_by=MADE,
                )
            )
    jsonl.write(home / "clips.jsonl", clips)
    jsonl.write(home / "cues.jsonl", [])
    jsonl.write(home / "questions.jsonl", questions)
    return home


def run(model, data, out, parts=1, batch=8):
    """Return the log-probabilities, and the bytes of scores and summary."""
    for number in range(parts):
        recipe = EvaluationRecipe(clips_at_once=batch, conditions=("av", "rotate"))
        evaluate_model(model, data, out, recipe=recipe, shard=Shard(number, parts))
    rescore_run(out)
    summarise_run(out, draws=50)
    lines = [
        json.loads(line) for file in out.glob("journal*") for line in file.read_text("utf-8").splitlines()
    ]
    logs = {line["key"]: line["choice_log_probs"] for line in lines}
    return logs, [(out / name).read_bytes() for name in ("scores.jsonl", "summary.json")]


def test_parts_and_batches_change_nothing(model, data, tmp_path):
    logs, files = run(model, data, tmp_path / "1", batch=1)
    assert len(logs) == CLIPS * (2 + 4)
    for parts, batch in ((1, 4), (1, 16), (2, 4), (3, 16)):
        others, written = run(model, data, tmp_path / f"{parts}-{batch}", parts, batch)
        assert others.keys() == logs.keys()
        for key, values in logs.items():
            np.testing.assert_allclose(others[key], values, atol=1e-4)
        assert written == files
