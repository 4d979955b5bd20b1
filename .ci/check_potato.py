"""Check verification by driving the real annotation program: three scripted people in a real browser.

Potato runs as a program of its own, in an environment of its own. The people agree, read, practise, play each
clip to its end, answer, flag, write notes, close the page and come back; the server is killed in the middle
and started again. Then two people compare descriptions in a user study. What is read back must be what they
typed. Chromium is taken from the system, or installed from its packages.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from _browser import find_browser
from _environments import install_packages, make_environment, run_command
from _study_pages import Judge, compare_study, make_study
from _visitors import Server, Visitor, read_links, save_typed

POTATO, PLAYWRIGHT = "potato-annotation==2.12.1", "playwright==1.65.2"
INSIDE = "--inside"
PEOPLE, QUESTIONS, KILLED_AT = 3, 10, 4
HOSTILE = "</script><img src=x onerror=document.title='taken'>{{ 7 * 7 }} \u202egnp.exe\u202c"
NOTE = "n\u00f6te {} </script> {{{{ 1 }}}} \u05d0\u05d1"


def main() -> int:
    """Make a project of EmoWorld, and drive it."""
    browser = find_browser()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        theirs = make_environment(folder / "env")
        install_packages(theirs, POTATO, PLAYWRIGHT)
        make_project(folder)
        make_study(folder)
        shots = os.environ.get("SHOTS", "")
        run_command(theirs, "-E", Path(__file__), INSIDE, folder, browser, shots)
        compare(folder / "people", json.loads((folder / "typed.json").read_text(encoding="utf-8")))
        compare_study(folder / "study", json.loads((folder / "chosen.json").read_text(encoding="utf-8")))
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
    # A page reports its time after the answer is stored: a server killed in between, as twice here, loses it.
    timed = [one.seconds for one in told.values() if one.seconds is not None]
    assert len(timed) >= len(told) - 2 * PEOPLE, timed
    assert all(seconds > 0 for seconds in timed), timed
    assert all(one.doubt is None for one in read_participants(project).values())
    print(f"{len(told)} verdicts of {PEOPLE} people in a browser: all as they were typed")


def inside(folder: Path, browser: str, shots: Path | None) -> None:
    """Drive the pages, people in turns, and take down what they typed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=browser,
            args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
        )
        check_questions(chromium, folder / "people", folder / "typed.json", shots)
        judge_descriptions(chromium, folder / "study", folder / "chosen.json", shots)
        chromium.close()


def check_questions(chromium: object, project: Path, typed: Path, shots: Path | None) -> None:
    """Let three people check questions; the server dies in the middle."""
    server = Server(project)
    server.start()
    known = [json.loads(line) for line in (project / "private/items.jsonl").open()]
    people = [
        Checker(chromium, person, query, server, shots, known)
        for person, query in read_links(project).items()
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
                person.open()
    save_typed(people, typed)
    server.kill()


def judge_descriptions(chromium: object, project: Path, chosen: Path, shots: Path | None) -> None:
    """Let two people compare what two models wrote."""
    server = Server(project)
    server.start()
    people = [Judge(chromium, person, query, server, shots) for person, query in read_links(project).items()]
    for person in people:
        person.agree()
        turn = 0
        while not person.done:
            turn += 1
            person.answer(turn)
    save_typed(people, chosen)
    server.kill()


class Checker(Visitor):
    """Somebody who checks questions."""

    def __init__(self, chromium, name, query, server, shots, known):
        super().__init__(chromium, name, query, server, shots)
        self.known = known

    def arrive(self) -> None:
        """Agree, read, and practise."""
        self.agree()
        while self.page.query_selector(".training-progress"):
            self.play("answer")
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
            self.open()
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
        self.play("answer")
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
    if INSIDE in sys.argv:
        place, program, shots = sys.argv[2:5]
        inside(Path(place), program, Path(shots) if shots else None)
    else:
        sys.exit(main())
