"""Check pages in a real browser: a report by mouse and keyboard, and ``avere show`` with what it keeps.

axe-core looks for contrast, names and roles that a reader with weak eyes or a screen reader needs.

gradio runs in an environment of its own. Chromium is taken from the system, or installed from its packages.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from _browser import find_browser
from _environments import lay_over, run_command

GRADIO, PLAYWRIGHT, AXE = "gradio==6.31.0", "playwright==1.65.2", "axe-playwright-python==0.1.8"
INSIDE = "--inside"
WAIT = 120_000
PLAYED = """video => new Promise(done => {
    video.ontimeupdate = () => video.currentTime > 0 && done();
    video.play();
})"""
STORED = '#clip video[src*="/file="]'
"""A clip that the server has: before that the browser shows its own copy."""
HOSTILE = "</script><img src=x onerror=document.title='taken'>{{ 7 * 7 }}"


def main() -> int:
    """Make an environment with gradio and a driver of browsers, and drive both pages in it."""
    browser = find_browser()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = lay_over(folder / "env", (GRADIO, PLAYWRIGHT, AXE))
        run_command(python, Path(__file__), INSIDE, folder, browser)
    return 0


class Show:
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

    def __enter__(self) -> "Show":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()  # where the check failed before it could end it

    def end(self) -> None:
        """Tell it to end, and refuse anything that it left."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.process.returncode
        left = [str(path) for path in self.scratch.rglob("*.mp4")]
        assert left == [], left


def film(path: Path, seconds: float) -> Path:
    """Write a grey clip without sound."""
    import numpy as np

    from avere import media

    media.write_video(path, np.full((round(4 * seconds), 64, 64, 3), 128, np.uint8), 4)
    return path


def inside(folder: Path, browser: str) -> None:
    """Drive both pages; refuse any request that leaves this machine."""
    from playwright.sync_api import sync_playwright

    shots = Path(os.environ.get("SHOTS", folder / "shots"))
    report = make_report(folder)
    served = Show(folder)
    outside: list[str] = []
    near = ("http://127.0.0.1", "file:", "data:", "blob:")
    with served, sync_playwright() as program:
        chromium = program.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(WAIT)
        page.on("request", lambda one: None if one.url.startswith(near) else outside.append(one.url))
        page.goto(report.as_uri())
        read_report(page)
        page.goto(served.address)
        ask_models(page, folder)
        page.screenshot(path=shots / "show-390.png", full_page=True)
        chromium.close()
        served.end()
    assert outside == [], outside
    print(
        "report: filters, keyboard, clips; show: answers, cues, refusals, nothing kept; nobody else was asked"
    )


def make_report(folder: Path) -> Path:
    """Write a report of two scripted models on twelve clips."""
    from avere.cli.main import run as avere

    world, data, out = (str(folder / name) for name in ("world", "data", "report.html"))
    runs = [str(folder / name) for name in ("yes", "no")]
    commands = [
        ["world", "make", "--clips", "12", "--identities", "4", "--out", world],
        ["construct", world, "--out", data],
        *(
            ["evaluate", "--model", f"scripted:{rule}", "--data", data, "--out", run]
            for rule, run in zip(("always-yes", "always-no"), runs, strict=True)
        ),
        ["report", *runs, "--out", out],
    ]
    assert [avere(words) for words in commands] == [0] * len(commands)
    return Path(out)


def read_report(page: object) -> None:
    """Filter, page on and play as a reader does who has no mouse."""
    count, cases = page.locator("#count"), page.locator(".case:visible")
    every = count.inner_text()
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        check_access(page)
    cases.nth(5).wait_for()
    assert cases.count() == 6, cases.count()
    page.locator("#more").focus()
    page.keyboard.press("Enter")
    cases.nth(11).wait_for()
    page.locator("select[name=task]").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("every => document.getElementById('count').innerText !== every", arg=every)
    chosen = page.locator("select[name=task]").input_value()
    tasks = set(page.locator(".row:visible").evaluate_all("rows => rows.map(one => one.dataset.task)"))
    assert tasks == {chosen}, (tasks, chosen)
    page.locator("select[name=kind]").select_option("hallucinated")
    page.locator("select[name=task]").select_option("modality_agreement")
    page.locator("#empty").wait_for()
    page.get_by_role("button", name="Show all").focus()
    page.keyboard.press("Enter")
    page.locator("#empty").wait_for(state="hidden")
    assert count.inner_text() == every
    page.locator("video").first.evaluate(PLAYED)
    narrow(page)


def ask_models(page: object, folder: Path) -> None:
    """Ask about an example, about uploads, and about what is refused."""
    page.set_viewport_size({"width": 1400, "height": 1000})
    assert "there is no clip yet" in ask(page, ".reason")
    page.locator("tbody tr").first.click()
    page.locator(STORED).wait_for()
    both = ask(page, ".answers", said="always-yes")
    assert ": there" in both or ": not there" in both, both
    assert "words of the prompt" in both, both
    assert page.locator("section.answer").count() == 2
    check_access(page, "section.answer")
    page.get_by_label("Question").fill(HOSTILE)
    ask(page, ".answers", said="always-yes")
    assert page.title() == "avere show", page.title()
    upload(page, film(folder / "'><b>clip.mp4", 2))
    told = ask(page, ".answers", said="nobody knows")
    assert "It has no sound" in told, told
    assert "knows only the drawings" in told, told
    upload(page, film(folder / "long.mp4", 9))
    assert "the clip is 9 s long and at most 5 s are taken" in ask(page, ".reason", said="9 s long")
    narrow(page)


def check_access(page: object, part: str | None = None) -> None:
    """Refuse a page, or a part of it, in which axe-core finds a fault."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=part)
    assert found.violations_count == 0, found.generate_report()


def narrow(page: object) -> None:
    """Refuse a page that a telephone must scroll sideways."""
    page.set_viewport_size({"width": 390, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, f"the page is {wide} points wide on a telephone"


def ask(page: object, where: str, said: str = "") -> str:
    """Press the button and wait for what appears."""
    page.get_by_role("button", name="Ask", exact=True).click()
    found = page.locator(where, has_text=said).first
    found.wait_for()
    return found.inner_text()


def upload(page: object, clip: Path) -> None:
    """Put another clip in the place of the present one, and wait until the server has it."""
    page.locator("#clip").get_by_role("button", name="Clear").click()
    page.locator("#clip video").wait_for(state="detached")
    page.locator("#clip input[type=file]").set_input_files(clip)
    page.locator(STORED).wait_for()


if __name__ == "__main__":
    if sys.argv[1:2] == [INSIDE]:
        inside(Path(sys.argv[2]), sys.argv[3])
        sys.exit(0)
    sys.exit(main())
