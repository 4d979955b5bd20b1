"""Stages are done once, in order, also over a stop."""

import pytest

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
