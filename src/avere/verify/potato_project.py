"""Writing a project for Potato, an annotation program: its settings, items, media and links.

Potato 2.12.1 puts the whole record of an item into the page, so a record holds nothing but what people may
see: neutral ids, media under random names, escaped words. Answers, gold and who is who stay in
``private/``. A person is known by a secret token, which is also the name in Potato, because Potato lets
anybody in under a known name.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from math import ceil
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, NamedTuple

import jinja2
import numpy as np

from avere import files
from avere.answers.strict import name_letter
from avere.records import Clip, Question
from avere.verify import practice
from avere.verify.items import Items, order_choices
from avere.verify.potato_settings import MEDIA, TEMPLATES, ProjectPlan, list_schemes, make_config
from avere.verify.project import (
    CANNOT_TELL,
    PRIVATE,
    SERVED,
    Invited,
    Role,
    ShownItem,
    describe_export,
    refuse_used,
    write_private,
)
from avere.verify.showing import Showcase

POTATO = "2.12.1"
"""The version that the project is tested with."""
DISTINCT_GOLD, EXAMPLES = 60, 2
"""Gold items that are made at most, and items that the instructions show."""
AGREED = "I agree and want to take part"


class WrittenProject(NamedTuple):
    """What was written."""

    folder: Path
    items: int
    gold: int
    training: int
    left_out: dict[str, int]


def export_potato(items: Items, out: Path, plan: ProjectPlan) -> WrittenProject:
    """Write a project for Potato to a new folder.

    Raises:
        AvereError: the folder holds a project, or nothing can be shown.
    """
    refuse_used(out)
    slots = ceil(plan.people * plan.gold_each / plan.per_question)
    counts = (plan.train_items + EXAMPLES if plan.train_items else 0, min(slots, DISTINCT_GOLD))
    with practice.opened(plan.training, plan.gold, counts, plan.seed) as certain:
        showcase = Showcase(out / SERVED / MEDIA)
        maker = ItemMaker(showcase, {**items.clips, **certain.clips}, plan.seed)
        asked = maker.make(items.questions.values(), "question")
        copies = [certain.gold[place % len(certain.gold)] for place in range(slots)] if certain.gold else []
        gold = maker.make(copies, "gold")
        training = maker.make(certain.training[EXAMPLES:], "training")
    left_out = {**items.left_out, **showcase.faults}
    people = invite_people(plan.people)
    lessons = Lessons(certain.training[:EXAMPLES], training)
    most = max(len(one.order) for one in (*asked, *gold, *training))
    served = Served(
        pages=[page_record(one) for one in (*asked, *gold)],
        lessons=_lessons(training),
        instructions=_instructions(lessons),
        schemes=list_schemes(most),
    )
    write_served(out / SERVED, served, people, plan)
    info = describe_export("potato", plan.people, plan.per_question, plan.seed, left_out)
    write_private(out, info, [*asked, *gold, *training], people, items)
    write_links(out, people, plan, {"questions": len(asked), "gold": len(gold), "training": len(training)})
    return WrittenProject(out, len(asked), len(gold), len(training), left_out)


class Lessons(NamedTuple):
    """What people see first."""

    examples: Sequence[Question]
    """In words, with their answers."""
    training: Sequence[ShownItem]


class ItemMaker:
    """Give items neutral ids and media in their places."""

    def __init__(self, showcase: Showcase, clips: dict[str, Clip], seed: int) -> None:
        self.showcase, self.clips = showcase, clips
        self._random = np.random.default_rng([seed, 19])
        self._number = 0

    def make(self, questions: Iterable[Question], role: Role) -> list[ShownItem]:
        """Make the items that can be shown."""
        made = []
        for question in questions:
            shown = self.showcase.place(self.clips[question.clip], question.target)
            if shown is None:
                continue
            self._number += 1
            made.append(
                ShownItem(
                    id=f"{'t' if role == 'training' else 'i'}{self._number:06d}",
                    role=role,
                    question=question,
                    order=order_choices(question, self._random),
                    medium=shown.name,
                    plays_as="video" if shown.kind == "video" else "audio",
                    seconds=round(shown.seconds, 3),
                )
            )
        return made


def render_item(item: ShownItem) -> str:
    """Render what a page shows of an item; every word of it is escaped."""
    options = [(name_letter(place), item.question.choices[index]) for place, index in enumerate(item.order)]
    return (
        open_templates()
        .get_template("item.html.j2")
        .render(kind=item.plays_as, medium=item.medium, text=item.question.text, options=options)
        .replace("\n", "")
    )


@cache
def open_templates() -> jinja2.Environment:
    """Give the templates, in which every word is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def hide_braces(html: str) -> str:
    """Write braces as references, so that no template engine takes them for its own.

    >>> hide_braces("{{ 7 * 7 }}")
    '&#123;&#123; 7 * 7 &#125;&#125;'
    """
    return html.replace("{", "&#123;").replace("}", "&#125;")


def page_record(item: ShownItem) -> dict[str, Any]:
    """Make the record that Potato gets of an item, all of which the page shows."""
    letters = [name_letter(place) for place in range(len(item.order))]
    text = hide_braces(render_item(item))
    return {"id": item.id, "text": text, "visible_labels": [*letters, CANNOT_TELL]}


def invite_people(count: int) -> list[Invited]:
    """Draw a secret for each of so many people."""
    return [Invited(person=f"p{number:04d}", token=token_urlsafe(16)) for number in range(1, count + 1)]


class Served(NamedTuple):
    """What the program reads, but for its settings and media."""

    pages: list[dict[str, Any]]
    lessons: list[dict[str, Any]]
    instructions: str
    schemes: list[dict[str, Any]]


def write_served(folder: Path, served: Served, people: list[Invited], plan: ProjectPlan) -> None:
    """Write what Potato reads, the pages in an order that tells nothing."""
    order = np.random.default_rng([plan.seed, 23]).permutation(len(served.pages))
    lines = (json.dumps(served.pages[int(place)]) + "\n" for place in order)
    files.write_text(folder / "data" / "items.jsonl", "".join(lines))
    files.write_text(folder / "data" / "training.json", json.dumps({"training_instances": served.lessons}))
    files.write_text(folder / "surveys" / "consent.json", json.dumps(_consent(plan)))
    files.write_text(folder / "surveys" / "instructions.html", served.instructions)
    tokens = [one.token for one in people]
    files.write_text(folder / "invites.yaml", json.dumps(dict(zip(tokens, tokens, strict=True)), indent=0))
    config = make_config(served.schemes, len(served.pages), len(served.lessons), plan, tokens)
    files.write_text(folder / "config.yaml", json.dumps(config, indent=1))


def _lessons(training: Sequence[ShownItem]) -> list[dict[str, Any]]:
    """Write practice items with their answers, which Potato tells after each."""
    return [
        {
            **page_record(item),
            "correct_answers": {"answer": _right(item)},
            "explanation": hide_braces(f"Right is {_right(item)}."),
        }
        for item in training
    ]


def _right(item: ShownItem) -> str:
    """Name the letter of the right choice on the page."""
    return name_letter(item.order.index(item.question.answer or 0))


def _consent(plan: ProjectPlan) -> list[dict[str, Any]]:
    text = plan.consent or (TEMPLATES / "consent.txt").read_text(encoding="utf-8")
    return [
        {
            "annotation_type": "radio",
            "name": "consent",
            "description": " ".join(text.replace("{", "(").replace("}", ")").split()),
            "labels": [AGREED],
            "label_requirement": {"required": True},
        }
    ]


def _instructions(lessons: Lessons) -> str:
    """Render the page of instructions."""
    examples = [
        {"text": one.text, "choices": one.choices, "right": one.choices[one.answer or 0]}
        for one in lessons.examples
    ]
    page = open_templates().get_template("instructions.html.j2")
    return hide_braces(page.render(examples=examples, training=len(lessons.training)))


def write_links(out: Path, people: Iterable[Invited], plan: ProjectPlan, counts: dict[str, int]) -> None:
    """Write the links, the script that starts Potato, and what to do."""
    address = plan.address.rstrip("/")
    rows = [f"{one.person},{address}/?invite={one.token}\n" for one in people]
    files.write_text(out / PRIVATE / "links.csv", "person,link\n" + "".join(rows))
    serve = files.write_text(out / "serve", (TEMPLATES / "serve.sh").read_text(encoding="utf-8"))
    serve.chmod(0o755)
    start = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    ).get_template("START.md.j2")
    files.write_text(
        out / "START.md",
        start.render(
            people=plan.people,
            per_question=plan.per_question,
            version=POTATO,
            folder=out.name,
            **counts,
        ),
    )
