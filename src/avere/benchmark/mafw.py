"""MAFW: eleven emotions and their compounds, each clip voted on by eleven annotators (`avere.corpora.mafw`).

Beside the one label of a clip, answers are set against all votes: what share of the annotators chose the
model's label, and what the best answer to each clip would reach.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from avere.answers import emotions, word_lists
from avere.answers.strict import ParsedChoice
from avere.benchmark import _recognition
from avere.benchmark._recognition import FAMILY, options, prompt, template
from avere.corpora import mafw
from avere.errors import AvereError
from avere.records import Clip, Question
from avere.settings import Settings

JOINT = " and "
"""Between the words of a compound, as they are asked: "anger and disgust"."""

__all__ = ["FAMILY", "Config", "clips", "options", "parse", "prompt", "questions", "template"]


class Config(Settings):
    """What a recipe says of the data."""

    labels: Literal["single", "compound"]
    """Which label is asked for; there is no default, for papers differ."""
    fold: Literal[1, 2, 3, 4, 5, "all"] = "all"
    """The test part of one fold, or every clip that has such a label; folds are of single labels alone."""
    prepared: bool = False
    """Media at 24 frames a second and 16 kHz, as the published preparation writes them."""


def clips(path: Path, config: Config) -> Iterator[Clip]:
    """Yield the clips; votes are for single emotions, so that with compounds there are none.

    Raises:
        AvereError: a fold of compound labels.
    """
    if config.fold == "all":
        found = mafw.clips(path, prepared=config.prepared)
        single = config.labels == "single"
        yield from found if single else (clip.model_copy(update={"votes": {}}) for clip in found)
    elif config.labels == "compound":
        raise AvereError(f"fold {config.fold} of MAFW has single labels alone; give fold=all with compounds")
    else:
        yield from mafw.clips(path, fold=config.fold, split="test", prepared=config.prepared)


def questions(path: Path, config: Config) -> Iterator[Question]:
    """Yield a question for each clip with a label of the chosen kind.

    The compounds to choose from are those that the data hold, in the order of their words.
    """
    if config.labels == "single":
        yield from _recognition.questions(clips(path, config), mafw.LABELS)
        return
    found = [
        (clip, clip.attributes["compound"]) for clip in clips(path, config) if "compound" in clip.attributes
    ]
    order = {label: place for place, label in enumerate(mafw.LABELS)}
    compounds = sorted(
        {compound for _, compound in found}, key=lambda one: [order.get(word, 99) for word in one.split("+")]
    )
    labels = [compound.replace("+", JOINT) for compound in compounds]
    for clip, compound in found:
        yield _recognition.question(clip, labels, compound.replace("+", JOINT))


def parse(question: Question, reply: str, how: str = "strict") -> ParsedChoice:
    """Parse a reply that is a label; the words of a compound may come in any order and with commas."""
    if not any(JOINT in choice for choice in question.choices):
        return _recognition.parse(question, reply, how)
    said = frozenset(word_lists.parse(reply))
    if how == "lenient":
        named = (emotions.parse(word, mafw.LABELS, "lenient").label for word in said)
        said = frozenset(word for word in named if word)
    same = [place for place, one in enumerate(question.choices) if frozenset(one.split(JOINT)) == said]
    if same:
        return ParsedChoice(same[0], None)
    return ParsedChoice(None, "not exactly one of the compounds" if reply.strip() else "empty reply")
