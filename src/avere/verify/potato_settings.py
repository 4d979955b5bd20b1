"""The settings of a project for Potato: phases, forms, who may answer what, and where it listens."""

from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from avere.answers.strict import name_letter
from avere.verify.project import CANNOT_TELL, FLAGS

TEMPLATES = Path(__file__).with_name("templates")
MEDIA = "media"
REQUIRED = {"label_requirement": {"required": True}}
PLAYS = {"annotation_type": "text", "name": "plays", "description": "Times played"}
"""A hidden field that the script of the page fills."""
PASS_SHARE = 0.6
"""Of the items to practise on, so many must be right."""
HELD_HOURS = 24
"""After so long an item that somebody took and did not answer goes to others."""


class ProjectPlan(NamedTuple):
    """What a project shall be."""

    people: int
    per_question: int = 3
    training: Path | None = None
    """Items with certain answers; None: EmoWorld's."""
    gold: Path | None = None
    train_items: int = 5
    gold_each: int = 4
    """Hidden gold items that a person meets, on average."""
    seed: int = 0
    address: str = "http://127.0.0.1:8000"
    """Where people will reach the pages."""
    consent: str | None = None


def make_config(
    schemes: list[dict[str, Any]], items: int, practice_items: int, plan: ProjectPlan, tokens: list[str]
) -> dict[str, Any]:
    """Make Potato's settings.

    Args:
        schemes: the form under every clip.
        items: how many there are to answer.
        practice_items: how many there are to practise on.
        plan: the project.
        tokens: of the people.
    """
    order = ["consent", "instructions", *(["training"] if practice_items else ()), "annotation"]
    phases = {
        "consent": {"type": "consent", "file": "surveys/consent.json"},
        "instructions": {"type": "instructions", "file": "surveys/instructions.html"},
        **({"training": {"type": "training", "file": "data/training.json"}} if practice_items else {}),
    }
    share = ceil(items * plan.per_question / plan.people)
    passing = {"min_correct": ceil(PASS_SHARE * plan.train_items), "max_mistakes": plan.train_items + 1}
    training = {
        "enabled": True,
        "data_file": "data/training.json",
        "annotation_schemes": ["answer"],
        "passing_criteria": passing,
        "allow_retry": False,
        "failure_action": "move_to_done",
        "feedback": {"show_explanations": True, "allow_retry": False},
    }
    return {
        "annotation_task_name": "Questions about clips",
        "task_dir": ".",
        "output_annotation_dir": "annotation_output",
        "host": "127.0.0.1",
        "port": 8000,
        "debug": False,
        "data_files": ["data/items.jsonl"],
        "item_properties": {"id_key": "id", "text_key": "text"},
        "media_directory": MEDIA,
        "login": {"type": "url_direct", "url_argument": "invite"},
        "crowdsourcing": {
            "provider": "expert",
            "expert": {
                "id_param": "invite",
                "invites_file": "invites.yaml",
                "completion": {"message": "Thank you. All your answers are stored; you can close this page."},
            },
        },
        "user_config": {"allow_all_users": False, "users": tokens},
        "assignment_strategy": "random",
        "random_seed": plan.seed,
        "num_annotators_per_item": plan.per_question,
        "max_annotations_per_user": min(items, 2 * share),
        "instance_reclaim": {"enabled": True, "timeout_hours": HELD_HOURS},
        "jumping_to_id_disabled": True,
        "phases": {"order": order, **phases},
        **({"training": training} if practice_items else {}),
        "annotation_schemes": [*schemes, dict(PLAYS)],
        "custom_footer_html": (TEMPLATES / "page.html").read_text(encoding="utf-8"),
    }


def list_schemes(most: int) -> list[dict[str, Any]]:
    """Word the form under a question; ``most``: choices of the item with most of them."""
    letters = [
        {
            "name": name_letter(place),
            "displayed_label": name_letter(place),
            "key_value": str((place + 1) % 10),
        }
        for place in range(most)
    ]
    for label in letters[10:]:
        del label["key_value"]
    unsure = {"name": CANNOT_TELL, "displayed_label": "I cannot tell", "key_value": "u"}
    return [
        {
            "annotation_type": "radio",
            "name": "answer",
            "description": "Your answer",
            "labels": [*letters, unsure],
            "dynamic_options": True,
            "dynamic_options_field": "visible_labels",
            **REQUIRED,
        },
        {
            "annotation_type": "radio",
            "name": "keep",
            "description": "Is this a fair question about this clip?",
            "labels": [
                {"name": "keep", "displayed_label": "Yes, keep it", "key_value": "k"},
                {"name": "drop", "displayed_label": "No, drop it", "key_value": "d"},
            ],
            **REQUIRED,
        },
        {
            "annotation_type": "multiselect",
            "name": "flags",
            "description": "What is wrong with it? Tick nothing where all is well.",
            "labels": [{"name": name, "displayed_label": words} for name, words in FLAGS.items()],
        },
        {"annotation_type": "text", "name": "note", "description": "A note, if you like"},
    ]
