"""What the checks run in: this project's own environment, and others with a tool laid over it.

A tool gets an environment of its own whose packages come first; what this project is installed with comes
after them, and pip takes what is there as met. So the tool brings only what is missing, or wants otherwise.
"""

import os
import subprocess
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "NO_COLOR": "1"}


def run_command(*command: str | Path, cwd: Path = ROOT, **more: str) -> None:
    """Run a command without any hub, and stop everything where it fails."""
    told = [str(part) for part in command]
    subprocess.run(told, check=True, cwd=cwd, env={**os.environ, **OFFLINE, **more})


def lay_over(folder: Path, *installed: tuple[str | Path, ...]) -> Path:
    """Make an environment over that of this project, install by calls of pip, and return its interpreter."""
    python = make_environment(folder)
    theirs = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (theirs / "project.pth").write_text(f"{ROOT / 'src'}\n{sysconfig.get_path('purelib')}\n")
    for words in installed:
        install_packages(python, *words)
    return python


def make_environment(folder: Path) -> Path:
    """Make an empty environment and return its interpreter."""
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


def install_packages(python: Path, *words: str | Path) -> None:
    """Install packages where an interpreter finds them."""
    run_command(python, "-m", "pip", "install", "--quiet", "--no-compile", *words)
