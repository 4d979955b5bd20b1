"""The same questions for Label Studio: tasks with a labelling configuration, and its JSON export read back.

Accounts of Label Studio see one another's work, and an annotator is a number of that server, so it is a
bridge for those who have it already; a study of strangers belongs into a project for Potato.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from avere import files
from avere.answers.strict import name_letter
from avere.errors import AvereError
from avere.verify.answers import StoredAnswer, StoredPerson, cut_note, last_of
from avere.verify.items import Items
from avere.verify.potato_project import ItemMaker, WrittenProject
from avere.verify.potato_settings import MEDIA
from avere.verify.project import (
    CANNOT_TELL,
    FLAGS,
    SERVED,
    ShownItem,
    describe_export,
    refuse_used,
    write_private,
)
from avere.verify.showing import Showcase

TASKS, CONFIG, EXPORTS = "tasks.json", "labels.xml", "exports"
FAULTS = (ValueError, TypeError, AttributeError, KeyError, IndexError)


START = """# Questions for Label Studio

1. Make a project, paste `project/labels.xml` into its labelling interface, and import `project/tasks.json`.
2. Let browsers find `project/media`. Unless `avere verify export label-studio --media` was given another
   address, Label Studio serves local files: start it with LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and
   LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT=.../project, and add `.../project/media` to the project as a storage
   of local files, for it serves no other folder.
3. Start it without telemetry and open accounts: COLLECT_ANALYTICS=False SENTRY_DSN= FRONTEND_SENTRY_DSN=
   LATEST_VERSION_CHECK=False LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true.
4. Put each JSON export into `project/exports/` and run `avere verify import`. Everybody with an account sees
   the answers of the others; use Potato for a blind study.
"""


def export_label_studio(items: Items, out: Path, media: str, seed: int) -> WrittenProject:
    """Write tasks, configuration and media to a new folder; nothing is practised and nothing is hidden.

    Raises:
        AvereError: the folder holds a project.
    """
    refuse_used(out)
    showcase = Showcase(out / SERVED / MEDIA)
    asked = ItemMaker(showcase, items.clips, seed).make(items.questions.values(), "question")
    left_out = {**items.left_out, **showcase.faults}
    write_tasks(out / SERVED, asked, media)
    write_private(out, describe_export("label-studio", 0, 1, seed, left_out), asked, [], items)
    files.write_text(out / "START.md", START)
    return WrittenProject(out, len(asked), 0, 0, left_out)


def write_tasks(folder: Path, items: list[ShownItem], address: str) -> None:
    """Write what Label Studio imports.

    Args:
        folder: the project's folder for programs.
        items: what is asked.
        address: under which browsers find the media folder.
    """
    tasks = [{"data": _data(item, address)} for item in items]
    files.write_text(folder / TASKS, json.dumps(tasks, indent=1))
    files.write_text(folder / CONFIG, _config())


def read_people(folder: Path) -> Iterator[StoredPerson]:
    """Yield the answers of each annotator, from all JSON exports that were put into the folder ``exports``.

    Raises:
        AvereError: a file is no such export.
    """
    found: dict[str, dict[str, StoredAnswer]] = {}
    place = folder / SERVED / EXPORTS
    for file in sorted(place.glob("*.json")) if place.is_dir() else []:
        advice = "export the project as JSON once more"
        rows = files.read_json(file, advice)
        try:
            for row in rows:
                for one in row["annotations"]:
                    if not one.get("was_cancelled"):
                        answer = _answer(str(row["data"]["item"]), one)
                        found.setdefault(_annotator(one), {})[answer.item] = answer
        except FAULTS as error:
            raise AvereError(f"'{file}' is no JSON export of Label Studio ({error!r}); {advice}") from error
    for number in sorted(found, key=lambda name: (len(name), name)):
        yield StoredPerson(number, tuple(found[number].values()), "passed")


def _annotator(annotation: Mapping[str, Any]) -> str:
    """Name an annotator by number alone; an export may hold the address beside it."""
    who = annotation["completed_by"]
    return str(int(who["id"] if isinstance(who, dict) else who))


def _answer(item: str, annotation: Mapping[str, Any]) -> StoredAnswer:
    """Read one annotation."""
    said: dict[str, list[str]] = {}
    for part in annotation["result"]:
        value = part["value"]
        said.setdefault(str(part["from_name"]), []).extend(
            map(str, value.get("choices") or value.get("text") or ())
        )
    keep = last_of(said, "keep")
    seconds = annotation.get("lead_time")
    return StoredAnswer(
        item=item,
        choice=last_of(said, "answer"),
        keep=None if keep is None else keep == "keep",
        flags=tuple(sorted(said.get("flags", ()))),
        note=cut_note(" ".join(said.get("note", ()))),
        seconds=round(float(seconds), 3) if seconds else None,
        at=str(annotation.get("updated_at") or annotation.get("created_at") or ""),
    )


def _data(item: ShownItem, address: str) -> dict[str, Any]:
    """Make the data of a task; Label Studio puts all of it before the annotator."""
    source = quoteattr(f"{address.rstrip('/')}/{item.medium}")
    element = f"<{item.plays_as} src={source} controls></{item.plays_as}>"
    options = [
        {"value": f"{name_letter(place)}. {item.question.choices[index]}", "alias": name_letter(place)}
        for place, index in enumerate(item.order)
    ]
    return {
        "item": item.id,
        "clip": element,
        "question": item.question.text,
        "options": [*options, {"value": "I cannot tell", "alias": CANNOT_TELL}],
    }


def _config() -> str:
    """Write the labelling configuration."""
    flags = "".join(
        f"    <Choice value={quoteattr(words)} alias={quoteattr(name)}/>\n" for name, words in FLAGS.items()
    )
    return (
        "<View>\n"
        '  <HyperText name="clip" value="$clip"/>\n'
        '  <Text name="question" value="$question"/>\n'
        '  <Choices name="answer" toName="question" value="$options" choice="single-radio"'
        ' required="true"/>\n'
        '  <Header value="Is this a fair question about this clip?"/>\n'
        '  <Choices name="keep" toName="question" choice="single-radio" required="true">\n'
        '    <Choice value="Yes, keep it" alias="keep"/>\n'
        '    <Choice value="No, drop it" alias="drop"/>\n'
        "  </Choices>\n"
        '  <Header value="Is something wrong with it?"/>\n'
        '  <Choices name="flags" toName="question" choice="multiple">\n'
        f"{flags}  </Choices>\n"
        '  <Header value="A note, if you have one: press Enter to keep it"/>\n'
        '  <TextArea name="note" toName="question" maxSubmissions="1"/>\n'
        "</View>\n"
    )
