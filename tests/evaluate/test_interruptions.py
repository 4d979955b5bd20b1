"""A real evaluation, killed at random moments: nothing is lost, nothing is made twice."""

import json
import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest

from avere import models
from avere.cli import main
from avere.evaluate import evaluate_model
from avere.records import Clip, Provenance, Question, jsonl

KILLS, CLIPS, QUESTIONS = 20, 60, 3


@pytest.fixture
def data(tmp_path):
    home, made = tmp_path / "data", Provenance(version="0")
    jsonl.write(home / "clips.jsonl", [Clip(id=f"c{i}", source="t") for i in range(CLIPS)])
    jsonl.write(home / "cues.jsonl", [])
    jsonl.write(
        home / "questions.jsonl",
        [
            Question(
                id=f"c{i}/{number}",
                clip=f"c{i}",
                task="reasoning_stress_audio",
                kind="supporting",
                text=f"Number {number}?",
                choices=("Yes", "No"),
                answer=0,
                target="audio",
                made_by=made,
            )
            for i in range(CLIPS)
            for number in range(QUESTIONS)
        ],
    )
    return home


def run_evaluation(data: Path, out: Path, errors: Path) -> None:
    with errors.open("wb") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    given = ["evaluate", "--model", "scripted:always-yes", "--data", data, "--out", out]
    sys.exit(main.run([*map(str, given), "--set", "clips_at_once=1"]))


def start(data: Path, out: Path) -> BaseProcess:
    # All processes are forked from one that has no thread and has imported what takes seconds.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["avere.cli.evaluate", "avere.evaluate"])
    process = context.Process(target=run_evaluation, args=(data, out, out.with_suffix(".errors")))
    process.start()
    return process


def finish(data: Path, out: Path) -> None:
    process = start(data, out)
    process.join()
    assert (process.exitcode, out.with_suffix(".errors").read_bytes()) == (0, b"")


def kill_at(process: BaseProcess, journal: Path, size: int) -> None:
    """Kill a process as soon as its journal has a size, wherever it stands then."""
    while process.is_alive() and not (journal.exists() and journal.stat().st_size >= size):
        process.join(0.001)
    process.kill()
    process.join()


def test_killed_twenty_times(data, tmp_path):
    whole, out = tmp_path / "whole", tmp_path / "killed"
    finish(data, whole)
    complete = (whole / "journal.jsonl").stat().st_size
    random = np.random.default_rng([20, 9])
    for size in np.sort(random.integers(0, complete, KILLS)).tolist():
        kill_at(start(data, out), out / "journal.jsonl", size)
    finish(data, out)
    lines = (out / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines]
    assert len(asked) == len(set(asked)) == CLIPS * QUESTIONS
    for name in ("scores.jsonl", "summary.json"):
        assert (out / name).read_bytes() == (whole / name).read_bytes()
    infos = [json.loads((run / "run.json").read_text(encoding="utf-8")) for run in (out, whole)]
    assert all(info.pop("begun") <= info.pop("ended") for info in infos)
    assert infos[0] == infos[1]
    assert {file.name for file in out.iterdir()} == {file.name for file in whole.iterdir()}


@pytest.mark.parametrize("seed", range(20))
def test_cut_off_at_any_byte(data, tmp_path, seed):
    """What a kill may leave, byte by byte: the first so many bytes of the journal."""
    out, model = tmp_path / "run", models.load("scripted:always-yes")
    scores = evaluate_model(model, data, out, limit=4).read_bytes()
    content = (out / "journal.jsonl").read_bytes()
    keys = [json.loads(line)["key"] for line in content.splitlines()]
    cut = int(np.random.default_rng([seed, 3]).integers(len(content)))
    (out / "journal.jsonl").write_bytes(content[:cut])
    assert evaluate_model(model, data, out, limit=4).read_bytes() == scores
    again = (out / "journal.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["key"] for line in again] == keys
