"""A user study: people compare what several models wrote about a clip, without knowing which wrote what.

The three questions are those of the user study of AVERE (arXiv 2602.07054): which description tells the
emotion best, which ties cues to it best, which contradicts the clip. Every description stands equally often
at every place of the page: orders are the rotations of one drawn order, in turn from item to item.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from avere.analyse import Run, read_run
from avere.answers.strict import name_letter
from avere.errors import AvereError
from avere.records import Question, Record, jsonl
from avere.verify.items import Items
from avere.verify.potato_project import (
    Served,
    hide_braces,
    invite_people,
    open_templates,
    write_links,
    write_served,
)
from avere.verify.potato_settings import MEDIA, REQUIRED, TEMPLATES, ProjectPlan
from avere.verify.project import PRIVATE, SERVED, describe_export, refuse_used, write_private
from avere.verify.showing import Showcase

FORM = "which_"
"""Before an aspect, the name of its form: the program has styles of its own for bare words."""
Aspect = Literal["description", "association", "inconsistent"]
ASPECTS: dict[Aspect, str] = {
    "description": "Which tells the emotion best?",
    "association": "Which names the signs of it best, and ties them to the emotion?",
    "inconsistent": "Which contradicts the clip most?",
}
NONE = "none"
STUDY = "study.jsonl"
FEWEST, MOST = 2, 4
"""Runs that are compared."""


class ComparedItem(Record):
    """One clip with the descriptions of all runs, in the order of the page."""

    id: str
    """On pages; it tells nothing."""
    question: str
    clip: str
    runs: tuple[str, ...]
    """By place on the page."""
    texts: tuple[str, ...]


class Described(NamedTuple):
    """A question with the reply of each run."""

    question: Question
    replies: dict[str, str]


def export_study(
    folders: Sequence[Path], out: Path, plan: ProjectPlan, condition: str = "av"
) -> list[ComparedItem]:
    """Write a project in which people compare the descriptions of runs.

    Args:
        folders: two to four runs on the same questions.
        out: the new folder.
        plan: how many people; nothing is practised and nothing hidden.
        condition: of the replies.

    Raises:
        AvereError: the runs share no described clip, two have one name, or ``out`` holds a project.
    """
    refuse_used(out)
    if not FEWEST <= len(folders) <= MOST:
        raise AvereError(f"{len(folders)} runs were given; people can compare {FEWEST} to {MOST}")
    runs = [read_run(folder) for folder in folders]
    names = _names(runs)
    showcase = Showcase(out / SERVED / MEDIA)
    items: list[ComparedItem] = []
    pages: list[dict[str, Any]] = []
    left_out: Counter[str] = Counter()
    orders = _orders(names, plan.seed)
    for described in _described(runs, names, condition, left_out):
        shown = showcase.place(runs[0].clips[described.question.clip], described.question.target)
        if shown is None:
            continue
        order = orders[len(items) % len(orders)]
        item = ComparedItem(
            id=f"s{len(items) + 1:06d}",
            question=described.question.id,
            clip=described.question.clip,
            runs=order,
            texts=tuple(described.replies[name] for name in order),
        )
        items.append(item)
        pages.append(_page(item, described.question.text, shown.kind, shown.name))
    if not items:
        raise AvereError("the runs share no clip that each of them describes; give runs with open questions")
    left_out.update(showcase.faults)
    people = invite_people(plan.people)
    instructions = hide_braces((TEMPLATES / "study_instructions.html").read_text(encoding="utf-8"))
    write_served(out / SERVED, Served(pages, [], instructions, _schemes(len(names))), people, plan)
    info = describe_export("potato", plan.people, plan.per_question, plan.seed, dict(left_out))
    write_private(
        out,
        info.model_copy(update={"asks": "study"}),
        [],
        people,
        Items({}, runs[0].clips, [], [], Counter()),
    )
    jsonl.write(out / PRIVATE / STUDY, items)
    write_links(out, people, plan, {"questions": len(items), "gold": 0, "training": 0})
    return items


def _names(runs: Sequence[Run]) -> list[str]:
    """Name the runs by their models, or by their folders where two are of one model."""
    models = [run.model for run in runs]
    names = models if len(set(models)) == len(models) else [run.folder.name for run in runs]
    if len(set(names)) < len(names):
        raise AvereError("two runs have one name; rename a folder")
    return names


def _described(
    runs: Sequence[Run], names: Sequence[str], condition: str, left_out: Counter[str]
) -> list[Described]:
    """List the open questions that every run answered in words."""
    found = []
    for question in runs[0].questions.values():
        if question.choices:
            continue
        said = [run.predictions.get(condition, {}).get(question.id) for run in runs]
        replies = [one.reply.strip() if one is not None and one.status == "ok" else "" for one in said]
        if all(replies):
            found.append(Described(question, dict(zip(names, replies, strict=True))))
        else:
            left_out["not described by every run"] += 1
    return found


def _orders(names: Sequence[str], seed: int) -> list[tuple[str, ...]]:
    """List the rotations of a drawn order.

    >>> orders = _orders(["a", "b", "c"], 0)
    >>> [sorted(order[place] for order in orders) for place in range(3)]
    [['a', 'b', 'c'], ['a', 'b', 'c'], ['a', 'b', 'c']]
    """
    drawn = [names[int(place)] for place in np.random.default_rng([seed, 29]).permutation(len(names))]
    return [(*drawn[turn:], *drawn[:turn]) for turn in range(len(drawn))]


def _page(item: ComparedItem, text: str, kind: str, medium: str) -> dict[str, Any]:
    """Make the record of a page; every word is escaped."""
    described = [(name_letter(place), words) for place, words in enumerate(item.texts)]
    template = open_templates().get_template("study_item.html.j2")
    html = template.render(kind=kind, medium=medium, text=text, descriptions=described)
    return {"id": item.id, "text": hide_braces(html.replace("\n", " "))}


def _schemes(runs: int) -> list[dict[str, Any]]:
    """Word the three questions."""
    letters = [name_letter(place) for place in range(runs)]
    none = {"name": NONE, "displayed_label": "None does"}
    return [
        {
            "annotation_type": "radio",
            "name": FORM + name,
            "description": words,
            "labels": [*letters, none] if name == "inconsistent" else list(letters),
            **REQUIRED,
        }
        for name, words in ASPECTS.items()
    ]
