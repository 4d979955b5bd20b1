"""One process has a folder to itself, and none keeps it after its end."""

import os
import signal
import subprocess
import sys
from multiprocessing import get_context

import pytest

from avere.errors import AvereError
from avere.records import locks

HOLD = """
import os, sys
from pathlib import Path
from avere.records import locks

with locks.hold(Path(sys.argv[1]), "busy"):
    if os.fork() == 0:  # a worker, which outlives its parent
        print("held", flush=True)
        sys.stdin.read()
        os._exit(0)
    os.waitpid(-1, 0)
"""


def test_a_second_one_is_refused_and_leaves_no_trace(tmp_path):
    with locks.hold(tmp_path / "run", "busy; wait"):
        with pytest.raises(AvereError, match=r"^busy; wait$"), locks.hold(tmp_path / "run", "busy; wait"):
            pass
        assert (tmp_path / "run" / locks.NAME).exists()
    assert list(tmp_path.iterdir()) == []
    with locks.hold(tmp_path / "run", "busy; wait"):
        pass


def test_a_killed_process_holds_nothing_though_its_worker_lives(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(AvereError, match="busy"), locks.hold(tmp_path, "busy"):
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    with locks.hold(tmp_path, "busy"):
        pass
    process.stdin.close()
    process.stdout.close()


def take_turns(folder, count):
    for _ in range(count):
        with locks.hold(folder, "busy", wait=True):
            number = int((folder / "number").read_text())
            (folder / "number").write_text(str(number + 1))


def test_those_who_wait_take_turns(tmp_path):
    (tmp_path / "number").write_text("0")
    started = [get_context("fork").Process(target=take_turns, args=(tmp_path, 50)) for _ in range(3)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    assert (tmp_path / "number").read_text() == "150"
    assert os.listdir(tmp_path) == ["number"]
