"""A person sees a short line a report, and the terminal is left as it was when a run fails."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from transformers import TrainerState

from avere.errors import AvereError
from avere.preference import _progress
from avere.preference.train import train_policy

HIDES, SHOWS = "\x1b[?25l", "\x1b[?25h"
"""What a terminal is told to do with its cursor."""


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Capture the lines that a terminal is told."""
    told = io.StringIO()
    terminal = Console(file=told, force_terminal=True, width=120, _environ={"TERM": "xterm"})
    monkeypatch.setattr(_progress, "Console", lambda **_: terminal)
    return told


def test_reports_are_short_lines(recipe: Any, tiny: Any, tmp_path: Path, screen: io.StringIO) -> None:
    train_policy(recipe(run={"log_every": 1}), tmp_path / "out", model=tiny())
    assert "step 1/" in screen.getvalue()
    assert "  margin 0" in screen.getvalue()
    assert "{" not in screen.getvalue()


def test_the_log_grows_with_each_report(tmp_path: Path, screen: io.StringIO) -> None:
    steps = _progress.Steps(str(tmp_path / "checkpoints"))
    state = TrainerState(max_steps=2)
    for number in (1, 2):
        state.log_history.append({"loss": float(number)})
        steps.tell(state, state.log_history[-1])
        assert len((tmp_path / "log.jsonl").read_text().splitlines()) == number
    assert screen.getvalue().count("loss") == 2


def test_a_failing_run_gives_the_cursor_back(
    recipe: Any, tiny: Any, tmp_path: Path, screen: io.StringIO
) -> None:
    model = tiny()
    model.module.register_forward_hook(lambda *call: call[2] * float("nan"))
    with pytest.raises(AvereError, match="not finite"):
        train_policy(recipe(), tmp_path / "out", model=model)
    assert screen.getvalue().count(HIDES) == screen.getvalue().count(SHOWS) == 1
