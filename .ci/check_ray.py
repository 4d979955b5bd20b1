"""Check `avere construct --engine ray` on a Ray of two workers: the same files, after a kill too."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _environments import ROOT, install_packages, make_environment, run_command

CLIPS = "24"
FILES = ("questions", "pairs", "clips", "cues", "queue", "dropped")
ANNOTATORS = (
    "--annotator",
    "scripted_annotator:world?errors=0.1",
    "--validator",
    "scripted_annotator:world?errors=0.1&second=1",
    "--blind",
    "scripted:always-yes",
)
RAY = ("--engine", "ray", "--workers", "2")
PATIENCE = 600
"""Seconds for the first answers."""


def answered(data: Path) -> dict[str, list[str]]:
    """Return the keys of the answers in each journal; none stands there twice."""
    journals = sorted((data / "stages").glob("*.journal.jsonl"))
    keys = {
        journal.name: [json.loads(line)["key"] for line in journal.read_text().splitlines()]
        for journal in journals
    }
    assert all(len(found) == len(set(found)) for found in keys.values()), "something was asked twice"
    return {name: sorted(found) for name, found in keys.items()}


def files(data: Path) -> dict[str, bytes]:
    """Return the records that were made."""
    return {name: (data / f"{name}.jsonl").read_bytes() for name in FILES}


def killed(command: list[str], data: Path, cwd: Path) -> int:
    """Run a command until its first answers are kept, kill it, and return how many there are."""
    journal = data / "stages" / "describe.journal.jsonl"
    with subprocess.Popen(command, cwd=cwd, start_new_session=True) as process:
        until = time.monotonic() + PATIENCE
        while not (journal.exists() and journal.stat().st_size) and time.monotonic() < until:
            assert process.poll() is None, "the run ended before it was killed"
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    return journal.read_bytes().count(b"\n")


def main() -> int:
    """Make an environment with Ray and construct in it with both engines."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = make_environment(folder / "env")
        install_packages(python, "-c", ROOT / "constraints.txt", ".[ray]")
        avere = str(python.with_name("avere"))
        run_command(avere, "world", "make", "--clips", CLIPS, "--out", "world", cwd=folder)
        construct = [avere, "construct", "world", *ANNOTATORS, "--out"]
        run_command(*construct, "plain", cwd=folder)
        run_command(*construct, "spread", *RAY, cwd=folder)
        assert files(folder / "spread") == files(folder / "plain"), "Ray makes other records"
        assert answered(folder / "spread") == answered(folder / "plain"), "Ray asks something else"
        kept = killed([*construct, "resumed", *RAY], folder / "resumed", folder)
        run_command(*construct, "resumed", *RAY, cwd=folder)
        assert files(folder / "resumed") == files(folder / "plain"), "a kill changes the records"
        assert answered(folder / "resumed") == answered(folder / "plain"), (
            "after a kill something else is asked"
        )
        count = sum(map(len, answered(folder / "plain").values()))
        print(f"Ray makes the same {len(FILES)} files from {count} answers; killed after {kept} too")
    return 0


if __name__ == "__main__":
    sys.exit(main())
