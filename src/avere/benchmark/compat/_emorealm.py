"""The published scoring of EmoReAlM: which replies count as right, and the numbers made of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from avere.answers.strict import LETTERS
from avere.errors import AvereError

YES_NO = ("modality_agreement", "reasoning_stress_audio", "reasoning_stress_video")
"""Tasks with yes/no numbers; every other name, also an unknown one, is scored as multiple choice."""
MARK = re.compile(r"\s*\(?([A-Za-z])[).:]")
PREFIX = re.compile(r"^(?:\([A-D]\)|[A-D][.:])")
NO_WORD = re.compile(r"[^a-z0-9]+")
PADDING = re.compile(r"(?:<unk>\s*)+$")


class PublishedAnswer(NamedTuple):
    """One item that has a prediction."""

    yes: bool | None
    """Whether the right answer counts as "yes"; None in multiple choice."""
    right: bool


def emorealm_correct(prediction: str, answer: str, choices: Sequence[str], *, parse: bool) -> bool:
    """True where the published script counts a prediction as right.

    Args:
        prediction: what the model said.
        answer: the letter of the right choice, in either case.
        choices: the options with their letters, such as "(A) a smile".
        parse: use the script's cleverer parsing, which its command line never switches on.
    """
    said = prediction.strip().lower()
    if parse:
        return _parsed(said, choices) == answer.upper()
    # Oddity: the right letter may stand anywhere, so the article of "(b) a smile" makes A right as well as B,
    # "I'd" says D, and "(A) or (B)" is right for both. Words without a letter, such as "yes", are wrong.
    return _has_word(said, answer.lower())


def emorealm_metrics(
    items: Iterable[Mapping[str, Any]], predictions: Mapping[str, str | None], *, parse: bool
) -> dict[str, float]:
    """Compute the published numbers in percent, under their published names.

    Args:
        items: rows of the question file: id, task, choices (with letters) and answer (a letter).
        predictions: what was said, by id; missing or None where there is no prediction file.
        parse: see ``emorealm_correct``.

    Raises:
        AvereError: no items, or a yes/no item whose right choice says neither yes nor no.
        ZeroDivisionError: in a yes/no task neither a "yes" nor a "no" item is right, or none was answered.
    """
    tasks: dict[str, list[PublishedAnswer]] = {}
    for item in items:
        answered = tasks.setdefault(item["task"], [])
        said = predictions.get(item["id"])
        # Oddity: what has no prediction leaves numerator and denominator; an empty one stays, as wrong.
        if said is not None:
            yes = _is_yes(item) if item["task"] in YES_NO else None
            answered.append(PublishedAnswer(yes, _right(item, said, parse=parse)))
    if not tasks:
        raise AvereError("no questions to score; give the items of the published file")
    found: dict[str, float] = {}
    for task, answered in tasks.items():
        numbers = _yes_no(answered) if task in YES_NO else {"overall_accuracy": _accuracy(answered)}
        found |= {f"{task}_{name}": value for name, value in numbers.items()}
    # Oddity: a task without any prediction enters the mean with accuracy 0.
    accuracies = [found[f"{task}_overall_accuracy"] for task in tasks]
    return found | {"average_accuracy": sum(accuracies) / len(accuracies)}


def choice_text(choice: str) -> str:
    """Take the letter from a choice.

    Oddity: only "(A)", "A." and "A:" of A to D in capitals are taken off; "A) x" and "(E) x" stay whole.
    """
    return PREFIX.sub("", choice.strip()).strip()


def plain(text: str) -> str:
    """Turn a text into lower case, and everything but letters and digits into single blanks."""
    return NO_WORD.sub(" ", text.lower()).strip()


def reply_text(generated: str) -> str:
    """Write what the published inference writes of a generated text: less final <unk>s and one final </s>.

    Oddity: in this order and once, so that "B<unk></s>" keeps its "<unk>".
    """
    return PADDING.sub("", generated).removesuffix("</s>").strip()


def _right(item: Mapping[str, Any], said: str, *, parse: bool) -> bool:
    """True where an item's prediction counts as right."""
    return emorealm_correct(said, item["answer"], item["choices"], parse=parse)


def _has_word(said: str, word: str) -> bool:
    """True where a word stands in a text on its own."""
    return re.search(rf"\b{re.escape(word)}\b", said) is not None


def _parsed(said: str, choices: Sequence[str]) -> str | None:
    """Find the letter that the cleverer parsing finds: by letter, by yes or no, by the option's text."""
    marked = {mark[1].upper(): choice for choice in choices if (mark := MARK.match(choice))}
    # Oddity: letters are tried in the order of the choices, so the article makes A of "D) a smile".
    for letter in marked:
        if _has_word(said, letter.lower()):
            return letter
    for word in ("yes", "no"):
        # Oddity: "yes" is found in "eyes" and "no" in "annoyed" or "not sure", and the last such choice wins.
        holding = [letter for letter, choice in marked.items() if word in choice.lower()]
        if holding and _has_word(said, word):
            return holding[-1]
    words = plain(said)
    # Oddity: option texts are sought as parts of words, so "nope" holds "no".
    texts = {letter: plain(choice).partition(" ")[2] for letter, choice in marked.items()}
    return next((letter for letter, text in texts.items() if text and text in words), None)


def _is_yes(item: Mapping[str, Any]) -> bool:
    """True where the right choice of an item counts as "yes".

    Raises:
        AvereError: it counts as neither.
    """
    text = choice_text(item["choices"][LETTERS.index(item["answer"].upper())]).lower()
    # Oddity: parts of words count and "yes" goes first, so "No, the eyes disagree" is a "yes".
    if "yes" in text:
        return True
    if "no" in text:
        return False
    raise AvereError(
        f"the right choice of '{item['id']}' is '{text}', which holds neither yes nor no, and the published "
        f"script cannot score that in {item['task']}; give the task another name"
    )


def _accuracy(answered: Sequence[PublishedAnswer]) -> float:
    """Compute the share of right items in percent, 0 of none."""
    return 100 * sum(one.right for one in answered) / len(answered) if answered else 0


def _yes_no(answered: Sequence[PublishedAnswer]) -> dict[str, float]:
    """Compute the numbers of a yes/no task.

    Raises:
        ZeroDivisionError: both "precision" and "recall" are 0.
    """
    # Oddity: "precision" is the recall of yes, "recall" the recall of no, and "f1_score" their harmonic mean,
    # which divides by zero where both are 0.
    precision = _accuracy([one for one in answered if one.yes])
    recall = _accuracy([one for one in answered if not one.yes])
    harmonic = 2 * precision * recall / (precision + recall)
    # Oddity: a wrong answer counts as the opposite of the right one, also where it says neither.
    said_yes = sum(one.right == bool(one.yes) for one in answered)
    return {
        "overall_accuracy": _accuracy(answered),
        "precision": precision,
        "recall": recall,
        "f1_score": harmonic,
        "model_yes_percentage": 100 * said_yes / len(answered),
    }
