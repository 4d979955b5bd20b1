"""The annotation program on a free port, and people before it: they agree, play clips and come back."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

WAIT = 60_000
READY = (
    "() => { const wait = document.getElementById('loading-state');"
    " return document.readyState === 'complete' && (!wait || getComputedStyle(wait).display === 'none'); }"
)


def read_links(project: Path) -> dict[str, str]:
    """Read what stands behind the address of each person's link, by person."""
    lines = (project / "private/links.csv").read_text().splitlines()[1:]
    links = dict(line.split(",", 1) for line in lines)
    return {person: link.partition("/?")[2] for person, link in sorted(links.items())}


def save_typed(people: "list[Visitor]", file: Path) -> None:
    """Write down what people typed."""
    file.write_text(json.dumps({person.name: person.typed for person in people}), encoding="utf-8")


class Server:
    """The project's own ``serve`` script, on a free port."""

    def __init__(self, project: Path) -> None:
        self.project = project
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = Path(sys.executable).with_name("potato")
        with (self.project / "potato.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.project / "serve")],
                env={**os.environ, "POTATO": str(program), "PORT": str(self.port)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=2).read()
            except OSError:
                time.sleep(0.5)
            else:
                return
        sys.exit((self.project / "potato.log").read_text()[-3000:])

    def kill(self) -> None:
        """Kill it as a power cut does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Visitor:
    """One scripted person with a browser of its own."""

    def __init__(self, chromium, name, query, server, shots):
        self.chromium, self.name, self.query, self.server, self.shots = chromium, name, query, server, shots
        self.typed, self.done = {}, False
        self.context = self.page = None

    def open(self) -> None:
        """Open the link in a fresh browser, as somebody who comes back does."""
        if self.context is not None:
            self.context.close()
        self.context = self.chromium.new_context(viewport={"width": 1100, "height": 1000})
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT)
        self.page.goto(f"http://127.0.0.1:{self.server.port}/?{self.query}")
        self.ready()

    def ready(self) -> None:
        """Wait until the page can be used."""
        self.page.wait_for_function(READY)

    def next(self) -> None:
        """Go on to the next page, once what was typed has been stored."""
        self.page.wait_for_timeout(300)
        self.page.evaluate("() => { window.averePage = true; }")
        self.page.click("#next-btn")
        self.page.wait_for_function("() => !window.averePage")
        self.ready()

    def shoot(self, name: str) -> None:
        """Take a screenshot to be looked at, where the environment names a folder for them."""
        if self.shots is not None:
            self.page.screenshot(path=str(self.shots / f"{self.name}_{name}.png"), full_page=True)

    def agree(self) -> None:
        """Come for the first time: agree, and read the instructions."""
        self.open()
        self.shoot("consent")
        self.page.click("form[data-schema-name=consent] label")
        self.next()
        self.shoot("instructions")
        self.next()

    def play(self, form: str) -> None:
        """Find a form's answers locked, by mouse and by key; play the clip, and find them open."""
        self.page.wait_for_selector("body.avere-locked")
        self.page.evaluate(f"() => document.querySelector('form[data-schema-name={form}] input').click()")
        self.page.keyboard.press("1")
        chosen = f"form[data-schema-name={form}] input:checked"
        assert self.page.query_selector(chosen) is None, "an answer was taken before the clip was played"
        self.page.evaluate(
            "() => { const clip = document.querySelector('.avere-clip video, .avere-clip audio');"
            " clip.muted = true; clip.playbackRate = 8; return clip.play(); }"
        )
        self.page.wait_for_selector("body:not(.avere-locked)")
