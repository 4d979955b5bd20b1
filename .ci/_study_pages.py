"""A user study in real pages: people compare what two models wrote, close the page and come back."""

from pathlib import Path

from _visitors import Visitor

PEOPLE, EACH = 2, 2
ASPECTS = ("description", "association", "inconsistent")


def make_study(folder: Path) -> Path:
    """Export a study of two scripted models on the data of a folder; one repeats the question."""
    from avere.cli.main import run as avere

    runs = [str(folder / name) for name in ("yes", "echo")]
    for rule, run in zip(("always-yes", "echo"), runs, strict=True):
        words = ["evaluate", "--model", f"scripted:{rule}", "--data", str(folder / "data"), "--out", run]
        assert avere([*words, "--limit", str(EACH)]) == 0
    out = folder / "study"
    words = ["verify", "export", "study", *runs, "--people", str(PEOPLE), "--per-clip", str(PEOPLE)]
    assert avere([*words, "--out", str(out)]) == 0
    return out


def compare_study(project: Path, typed: dict[str, dict[str, dict]]) -> None:
    """Read the votes and refuse any difference from what was chosen."""
    from avere.records import jsonl
    from avere.verify.project import PRIVATE
    from avere.verify.study_project import STUDY, ComparedItem
    from avere.verify.study_votes import StudyVote, import_study

    _, not_taken = import_study(project)
    assert not_taken == {}, not_taken
    items = {one.id: one for one in jsonl.read(project / PRIVATE / STUDY, ComparedItem)}
    votes = list(jsonl.read(project / "results/votes.jsonl", StudyVote))
    assert len(votes) == sum(len(said) for each in typed.values() for said in each.values()), len(votes)
    for vote in votes:
        place = typed[vote.person][vote.item][vote.aspect]
        assert vote.chosen == (None if place is None else items[vote.item].runs[place]), vote
    print(f"{len(votes)} choices of {len(typed)} people in a study: all as they were made")


class Judge(Visitor):
    """Somebody who compares descriptions."""

    def answer(self, turn: int) -> None:
        """Compare the descriptions of one clip; every second time after closing the page and coming back."""
        if turn % 2 == 0:
            self.open()
        if not self.page.query_selector(".avere-clip"):
            self.done = True
            return
        item = self.page.input_value("#instance_id")
        if item in self.typed:
            for aspect, place in self.typed[item].items():
                kept = self.page.get_attribute(
                    f"form[data-schema-name=which_{aspect}] input:checked", "value"
                )
                assert kept == ("none" if place is None else "AB"[place]), (item, aspect, kept)
            self.next()
            return
        self.play("which_description")
        seed = int(self.name[1:]) + turn
        said = {aspect: (seed + place) % 2 for place, aspect in enumerate(ASPECTS)}
        if seed % 3 == 0:
            said["inconsistent"] = None
        for aspect, place in said.items():
            value = "none" if place is None else "AB"[place]
            self.page.click(f"form[data-schema-name=which_{aspect}] input[value={value}] + label")
        self.shoot(f"study_{turn}")
        self.typed[item] = said
        self.next()
