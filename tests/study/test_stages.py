"""Stages are done once, in order, also over a stop."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import psutil
import pytest

from avere.errors import AvereError
from avere.study._stages import Stages


def test_a_finished_stage_is_not_done_again(tmp_path):
    done = []
    Stages(tmp_path, total=1).run("clips", lambda: done.append(1))
    again = Stages(tmp_path, total=1)
    again.run("clips", lambda: done.append(2))
    assert done == [1]
    assert set(again.seconds) == {"clips"}


def test_a_failed_stage_is_done_again(tmp_path):
    def fail():
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        Stages(tmp_path, total=2).run("train", fail)
    done = []
    Stages(tmp_path, total=2).run("train", lambda: done.append(1))
    assert done == [1]


def test_stages_side_by_side_are_done_once_and_logged(tmp_path):
    works = {name: partial(Path.mkdir, tmp_path / name) for name in ("first", "second", "third")}
    Stages(tmp_path, total=3).together(works, workers=2)
    again = Stages(tmp_path, total=3)
    again.together(works, workers=2)
    assert set(again.seconds) == set(works)
    assert all((tmp_path / name).is_dir() and (tmp_path / "logs" / f"{name}.log").exists() for name in works)


def test_one_that_fails_is_named_and_those_done_stay_done(tmp_path):
    (tmp_path / "second").mkdir()
    works = {name: partial(Path.mkdir, tmp_path / name) for name in ("first", "second")}
    with pytest.raises(AvereError, match=r"second: .*second.log"):
        Stages(tmp_path, total=2).together(works, workers=2)
    assert "second" not in Stages(tmp_path, total=2).seconds


def test_one_that_fails_stops_no_other(tmp_path):
    def fail():
        raise AvereError("no such file; give another")

    done = []
    stages = Stages(tmp_path, total=2)
    with pytest.raises(AvereError, match=r"^first: no such file; give another$"):
        stages.together({"first": fail, "second": lambda: done.append(2)}, workers=1)
    assert done == [2]
    assert set(stages.seconds) == {"second"}


@pytest.mark.parametrize("workers", [1, 2])
def test_when_the_minutes_are_over_no_stage_is_begun(tmp_path, workers):
    stages = Stages(tmp_path, total=1, minutes=0)
    stages.together({"clips": partial(Path.mkdir, tmp_path / "clips")}, workers)
    assert not (tmp_path / "clips").exists()
    assert stages.seconds == {}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stage_of_other_inputs_is_refused_before_any_work(tmp_path, workers):
    base = {"base": "a", "pairs": "1"}
    works = {"first": partial(Path.mkdir, tmp_path / "first")}
    Stages(tmp_path, total=1, inputs=lambda _: base).together(works, workers)
    again = Stages(tmp_path, total=2, inputs=lambda _: dict(base))
    again.together(works, workers)
    works["second"] = partial(Path.mkdir, tmp_path / "second")
    other = Stages(tmp_path, total=2, inputs=lambda _: {"base": "b", "pairs": "1"})
    with pytest.raises(AvereError, match=r"^stage 'first' of the study in '.*' began with other base; bring"):
        other.together(works, workers)
    assert not (tmp_path / "second").exists()


def test_stages_of_an_older_version_are_taken_as_they_are(tmp_path):
    (tmp_path / "stages.json").write_text('{"first": 1.5}')
    stages = Stages(tmp_path, total=1, inputs=lambda _: {"base": "b"})
    stages.together({"first": partial(Path.mkdir, tmp_path / "first")}, workers=1)
    assert stages.seconds == {"first": 1.5}


BLOCKED = """
from functools import partial
from pathlib import Path
from avere.study._stages import Stages

if __name__ == "__main__":
    works = {name: partial(Path.read_text, Path("never")) for name in ("first", "second")}
    Stages(Path("out"), total=2).together(works, workers=2)
"""


def test_nobody_works_on_after_a_study_was_killed(tmp_path):
    os.mkfifo(tmp_path / "never")  # reading waits until somebody writes
    (tmp_path / "study.py").write_text(BLOCKED)
    with subprocess.Popen([sys.executable, "study.py"], cwd=tmp_path, stdout=subprocess.DEVNULL) as study:
        logs = [tmp_path / "out" / "logs" / f"{name}.log" for name in ("first", "second")]
        while not all(log.exists() for log in logs):
            assert study.poll() is None
        workers = psutil.Process(study.pid).children(recursive=True)
        study.kill()
    _, left = psutil.wait_procs(workers, timeout=60)
    assert len(workers) >= 2
    assert not left
