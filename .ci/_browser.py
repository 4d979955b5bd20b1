"""Chromium, from the system or installed from its packages, by one check at a time."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
LOCK = Path(tempfile.gettempdir(), "avere-chromium.lock")


def find_browser() -> str:
    """Find Chromium, installing it where this is root on a system with apt."""
    with LOCK.open("w") as lock:
        # Checks run side by side, and two installations at once would refuse each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _find() or _install()


def _find() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def _install() -> str:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.exit("this check needs Chromium; install it with the system's packages")
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", *words], check=True)
    return _find() or sys.exit("Chromium was installed and is not found")
