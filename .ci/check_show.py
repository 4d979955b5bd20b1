"""Check the page of ``avere show`` in a real browser: examples, uploads, what is refused, and what is kept.

gradio runs in an environment of its own; torch and what it needs come from this project's. Chromium is taken
from the system, or installed from its packages.
"""

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

from check_potato import find_browser

ROOT = Path(__file__).resolve().parent.parent
GRADIO, PLAYWRIGHT = "gradio==6.31.0", "playwright==1.65.2"
INSIDE = "--inside"
WAIT = 120_000
HOSTILE = "</script><img src=x onerror=document.title='taken'>{{ 7 * 7 }}"


def run(*command: str | Path) -> None:
    """Run a command and stop everything where it fails."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def main() -> int:
    """Make an environment with gradio, start the page in it and drive it."""
    browser = find_browser()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / "bin" / "python"
        run(python, "-m", "pip", "install", "--quiet", GRADIO, PLAYWRIGHT)
        # gradio's own packages come first; then those of this project, added at the end of the path.
        theirs = sysconfig.get_path("purelib", vars={"base": str(folder / "env")})
        ours = next((ROOT / ".venv").glob("lib/python*/site-packages"))
        Path(theirs, "project.pth").write_text(f"{ROOT / 'src'}\n{ours}\n")
        run(python, Path(__file__), INSIDE, folder, browser)
    return 0


class Page:
    """The command, on a free port, with a folder for temporary files of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        words = ["show", "tiny", "--beside", "scripted:always-yes", "--examples", "2", "--max-seconds", "5"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "avere", *words, "--port", str(self.port)],
            env={**os.environ, "TMPDIR": str(self.scratch), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = next(
            line.split()[1] for line in self.process.stdout if line.startswith("page: http://127.0.0.1")
        )

    def end(self) -> None:
        """Tell it to end, and refuse anything that it left."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.process.returncode
        left = [path.name for path in self.scratch.iterdir() if path.name.startswith("avere-show")]
        assert left == [], left


def film(path: Path, seconds: float) -> Path:
    """Write a grey clip without sound."""
    import numpy as np

    from avere import media

    media.write_video(path, np.full((round(4 * seconds), 64, 64, 3), 128, np.uint8), 4)
    return path


def inside(folder: Path, browser: str) -> None:
    """Drive the page and look at what it says."""
    from playwright.sync_api import sync_playwright

    shots = Path(os.environ.get("SHOTS", folder / "shots"))
    served = Page(folder)
    outside: list[str] = []
    near = ("http://127.0.0.1", "data:", "blob:")
    with sync_playwright() as program:
        chromium = program.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(WAIT)
        page.on("request", lambda one: None if one.url.startswith(near) else outside.append(one.url))
        page.goto(served.address)
        assert "there is no clip yet" in ask(page, ".reason")
        page.locator("tbody tr").first.click()
        page.locator("video").first.wait_for()
        both = ask(page, ".answers", said="always-yes")
        assert ": there" in both or ": not there" in both, both
        assert "words of the prompt" in both, both
        assert page.locator("section.answer").count() == 2
        page.screenshot(path=shots / "show-1400.png", full_page=True)
        page.get_by_label("Question").fill(HOSTILE)
        ask(page, ".answers", said="always-yes")
        assert page.title() == "avere show", page.title()
        upload(page, film(folder / "'><b>clip.mp4", 2))
        told = ask(page, ".answers", said="nobody knows")
        assert "It has no sound" in told, told
        assert "knows only the drawings" in told, told
        upload(page, film(folder / "long.mp4", 9))
        assert "the clip is 9 s long and at most 5 s are taken" in ask(page, ".reason", said="9 s long")
        page.set_viewport_size({"width": 390, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"the page is {wide} points wide on a phone"
        page.screenshot(path=shots / "show-390.png", full_page=True)
        chromium.close()
    served.end()
    assert outside == [], outside
    print("the page answered, marked cues, refused what is too long, asked nobody else and kept nothing")


def ask(page: object, where: str, said: str = "") -> str:
    """Press the button and wait for what appears."""
    page.get_by_role("button", name="Ask", exact=True).click()
    found = page.locator(where, has_text=said).first
    found.wait_for()
    return found.inner_text()


def upload(page: object, clip: Path) -> None:
    """Put another clip in the place of the present one."""
    page.get_by_role("button", name="Clear").first.click()
    page.locator("input[type=file]").first.set_input_files(clip)
    page.locator("video").first.wait_for()


if __name__ == "__main__":
    if sys.argv[1:2] == [INSIDE]:
        inside(Path(sys.argv[2]), sys.argv[3])
        sys.exit(0)
    sys.exit(main())
