"""Check verification by driving the real annotation program: three scripted people in a real browser.

Potato runs as a program of its own, in an environment of its own. The people agree, read, practise, play each
clip to its end, answer, flag, write notes, close the page and come back; the server is killed in the middle
and started again. What is read back must be what they typed. Chromium is taken from the system, or installed
from its packages.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
POTATO, PLAYWRIGHT = "potato-annotation==2.12.1", "playwright==1.65.2"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MAKE, INSIDE, COMPARE = "--make", "--inside", "--compare"
PEOPLE, QUESTIONS, KILLED_AT = 3, 10, 4
HOSTILE = "</script><img src=x onerror=document.title='taken'>{{ 7 * 7 }} \u202egnp.exe\u202c"
NOTE = "n\u00f6te {} </script> {{{{ 1 }}}} \u05d0\u05d1"
WAIT = 60_000
READY = (
    "() => { const wait = document.getElementById('loading-state');"
    " return document.readyState === 'complete' && (!wait || getComputedStyle(wait).display === 'none'); }"
)


def run(*command: str | Path, **more: str) -> None:
    """Run a command and stop everything where it fails."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env={**os.environ, **more})


def find_browser() -> str:
    """Find Chromium, installing it where this is root on a system with apt."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.exit("this check needs Chromium; install it with the system's packages")
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
    return find_browser()


def main() -> int:
    """Make a project of EmoWorld, and drive it."""
    browser = find_browser()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for env in ("theirs", "ours"):
            venv.create(folder / env, with_pip=True)
        theirs, ours = (folder / env / "bin" for env in ("theirs", "ours"))
        run(theirs / "pip", "install", "--quiet", POTATO, PLAYWRIGHT)
        run(ours / "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", ".[judge]")
        project, typed = folder / "people", folder / "typed.json"
        shots = Path(os.environ.get("SHOTS", folder / "shots"))
        run(ours / "python", "-I", Path(__file__), MAKE, folder)
        run(theirs / "python", "-I", Path(__file__), INSIDE, project, browser, typed, shots)
        run(ours / "python", "-I", Path(__file__), COMPARE, project, typed)
    return 0


def make_project(folder: Path) -> None:
    """Export ten questions, one of them hostile, for three people who answer all of them."""
    from avere.cli.main import run as avere
    from avere.records import Clip, Question, jsonl

    world, data, out = folder / "world", folder / "data", folder / "people"
    assert avere(["world", "make", "--clips", "6", "--identities", "3", "--out", str(world)]) == 0
    assert avere(["construct", str(world), "--out", str(data)]) == 0
    asked = [one for one in jsonl.read(data / "questions.jsonl", Question) if one.choices]
    clips = list(jsonl.read(data / "clips.jsonl", Clip))
    chosen = asked[:: max(1, len(asked) // QUESTIONS)][:QUESTIONS]
    chosen[0] = chosen[0].model_copy(update={"text": HOSTILE, "id": HOSTILE})
    for place, rows in (("asked", chosen), ("certain", [one for one in asked if one not in chosen])):
        jsonl.write(folder / place / "clips.jsonl", clips)
        jsonl.write(folder / place / "questions.jsonl", rows)
    words = ["verify", "export", "potato", str(folder / "asked"), "--people", str(PEOPLE), "--out", str(out)]
    certain = str(folder / "certain")
    words += ["--training", certain, "--gold", certain, "--train-items", "2", "--gold-each", "1"]
    assert avere(words) == 0


def compare(project: Path, typed: dict[str, dict[str, dict]]) -> None:
    """Read the results and refuse any difference from what was typed."""
    from avere.verify.import_verdicts import import_verdicts, read_participants, read_verdicts
    from avere.verify.project import read_project

    found = import_verdicts(project)
    items = {one.question.id: one for one in read_project(project).of_role("question")}
    told = {(one.person, one.question): one for one in read_verdicts(project)}
    assert found.people == {"counted": PEOPLE}, found
    assert len(told) == PEOPLE * QUESTIONS, found
    for (person, question), verdict in told.items():
        said, item = typed[person][items[question].id], items[question]
        place = None if said["choice"] is None else item.order[said["choice"]]
        assert verdict.answer == place, (person, question)
        assert verdict.keep is said["keep"], (person, question)
        assert verdict.flags == tuple(said["flags"]), (person, question)
        assert verdict.note == said["note"], (person, question, verdict.note)
        assert verdict.plays == 1, (person, question, verdict.plays)
        assert verdict.seconds is not None
        assert verdict.seconds > 0
    assert all(one.doubt is None for one in read_participants(project).values())
    print(f"{len(told)} verdicts of {PEOPLE} people in a browser: all as they were typed")


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


def inside(project: Path, browser: str, typed: Path, shots: Path) -> None:
    """Drive the pages, three people in turns, and take down what they typed."""
    from playwright.sync_api import sync_playwright

    server = Server(project)
    server.start()
    links = dict(line.split(",", 1) for line in (project / "private/links.csv").read_text().splitlines()[1:])
    known = [json.loads(line) for line in (project / "private/items.jsonl").open()]
    with sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=browser,
            args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
        )
        people = [
            Person(chromium, person, link.partition("/?")[2], server, known, shots)
            for person, link in sorted(links.items())
        ]
        for person in people:
            person.arrive()
        turn = 0
        while not all(person.done for person in people):
            turn += 1
            for person in people:
                if not person.done:
                    person.answer(turn)
            if turn == KILLED_AT:
                server.kill()
                server.start()
                for person in people:
                    person.come_back()
        chromium.close()
    typed.write_text(json.dumps({person.name: person.typed for person in people}), encoding="utf-8")
    server.kill()


class Person:
    """One scripted person with a browser of its own."""

    def __init__(self, chromium, name, query, server, known, shots):
        self.chromium, self.name, self.query, self.server = chromium, name, query, server
        self.known, self.shots = known, shots
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

    def come_back(self) -> None:
        """Open the link again and go on; what was stored is still there."""
        self.open()

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
        """Take a screenshot, to be looked at."""
        self.page.screenshot(path=str(self.shots / f"{self.name}_{name}.png"), full_page=True)

    def arrive(self) -> None:
        """Agree, read, and practise."""
        self.open()
        self.shoot("consent")
        self.page.click("form[data-schema-name=consent] label")
        self.next()
        self.shoot("instructions")
        self.next()
        while self.page.query_selector(".training-progress"):
            self.play()
            item = self.find_item()
            self.choose(item["order"].index(item["question"]["answer"]))
            self.shoot("practice")
            self.next()

    def find_item(self) -> dict:
        """Find what stands on the page, by its medium and its words."""
        medium = self.page.get_attribute(".avere-clip video, .avere-clip audio", "src").rpartition("/")[2]
        words = self.page.inner_text(".avere-question").strip()
        training = bool(self.page.query_selector(".training-progress"))
        found = [
            one
            for one in self.known
            if one["medium"] == medium
            and " ".join(one["question"]["text"].split()) == " ".join(words.split())
            and (one["role"] == "training") == training
        ]
        name = self.page.evaluate("() => (document.getElementById('instance_id') || {}).value || ''")
        (item,) = [one for one in found if training or one["id"] == name][:1]
        return item

    def play(self) -> None:
        """Find the answers locked, by mouse and by key; play the clip, and find them open."""
        self.page.wait_for_selector("body.avere-locked")
        self.page.evaluate("() => document.querySelector('form[data-schema-name=answer] input').click()")
        self.page.keyboard.press("1")
        chosen = "form[data-schema-name=answer] input:checked"
        assert self.page.query_selector(chosen) is None, "an answer was taken before the clip was played"
        self.page.evaluate(
            "() => { const clip = document.querySelector('.avere-clip video, .avere-clip audio');"
            " clip.muted = true; return clip.play(); }"
        )
        self.page.wait_for_selector("body:not(.avere-locked)")

    def check_kept(self, said: dict) -> None:
        """Check that the page shows what was typed before, and is not locked again."""
        chosen = self.page.get_attribute("form[data-schema-name=answer] input:checked", "value")
        assert chosen == ("cannot_tell" if said["choice"] is None else "ABCD"[said["choice"]])
        field = "form[data-schema-name=note] input, form[data-schema-name=note] textarea"
        assert self.page.input_value(field) == said["note"]
        assert self.page.query_selector("body.avere-locked") is None

    def choose(self, place: int | None) -> None:
        """Choose an answer by its place; None: cannot tell."""
        value = "cannot_tell" if place is None else "ABCD"[place]
        self.page.click(f"form[data-schema-name=answer] input[value={value}] + label")

    def answer(self, turn: int) -> None:
        """Answer one item; every third time after closing the page and coming back."""
        if turn % 3 == 0:
            self.come_back()
        if not self.page.query_selector(".avere-clip"):
            self.shoot("done")
            self.done = True
            return
        item = self.find_item()
        if item["id"] in self.typed:
            # Whoever comes back finds the last answer as it was given, and goes on from there.
            self.shoot(f"{turn}_back")
            self.check_kept(self.typed[item["id"]])
            self.next()
            return
        self.shoot(f"{turn}_locked")
        self.play()
        seed = int(self.name[1:]) + turn
        said = {
            "choice": None if seed % 5 == 0 else seed % len(item["order"]),
            "keep": seed % 4 != 0,
            "flags": ["ambiguous"] if seed % 3 == 0 else [],
            "note": NOTE.format(seed) if seed % 2 == 0 else "",
        }
        self.choose(said["choice"])
        self.page.click(f"input[value={'keep' if said['keep'] else 'drop'}] + label")
        if said["flags"]:
            self.page.click("form[data-schema-name=flags] label >> nth=0")
        if said["note"]:
            field = "form[data-schema-name=note] input, form[data-schema-name=note] textarea"
            self.page.fill(field, said["note"])
        assert "taken" not in self.page.title()
        self.shoot(f"{turn}_answered")
        self.typed[item["id"]] = said
        self.next()


if __name__ == "__main__":
    if MAKE in sys.argv:
        make_project(Path(sys.argv[2]))
    elif INSIDE in sys.argv:
        place, program, result, pictures = sys.argv[2:]
        Path(pictures).mkdir(parents=True, exist_ok=True)
        inside(Path(place), program, Path(result), Path(pictures))
    elif COMPARE in sys.argv:
        compare(Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text(encoding="utf-8")))
    else:
        sys.exit(main())
