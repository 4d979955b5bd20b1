"""Controls of any multiple-choice task: how much media answer, how much words and the order of options."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from avere.analyse._bootstrap import (
    BootstrapValues,
    bootstrap_interval,
    bootstrap_parts,
    bootstrap_ratio,
    to_percent,
)
from avere.analyse.intervals import Interval, Numbers
from avere.analyse.measures import QuestionFilter, measure_accuracy
from avere.analyse.runs import Run
from avere.analyse.table import Table, read_table
from avere.answers.strict import name_letter

ROTATED = "rotate-"
"""Conditions under which options are rotated by so many places begin with it."""
GRID = ("av", "swap-audio", "swap-video", "swap-both")
"""Own picture and sound; own picture, other sound; other picture, own sound; both of another clip."""
TITLES = {
    "chance": "Chance",
    "modality_gain": "Gain of both media over the better one",
    "shortcut_rate": "Right without media",
    "shortcut_index": "Part of the answer that rests on the other medium",
    "position_consistency": "Same option in every order",
    "rotated_accuracy": "Accuracy over all orders",
    "rotated_unreadable": "Not readable in some order",
    "letter_prior": "Share of the letter over all orders",
}


def control_title(name: str) -> str:
    """Name a control for people.

    >>> control_title("letter_prior/4 options/A")
    'Share of the letter over all orders, 4 options, A'
    """
    head, *rest = name.split("/")
    return ", ".join([TITLES[head], *(part.replace("_", " ") for part in rest)])


def is_turn(condition: str) -> bool:
    """Check that a condition is one of the rotations of ``rotate``, which only controls read."""
    return condition.startswith(ROTATED)


def measure_controls(run: Run, weights: Numbers) -> dict[str, Interval]:
    """Measure every control that the run's conditions allow, task by task, in percent, without plain ones.

    The modality gain needs av, a and v; the shortcut rate text; the shortcut index, for yes/no questions
    about one medium, av and the three swaps; consistency and letters need av and rotate.
    """
    tables = {name: read_table(run, name) for name in run.predictions if not is_turn(name)}
    found: dict[str, BootstrapValues] = {}
    if {"av", "a", "v"} <= set(tables):
        found |= dict(_gains(tables, weights))
    if "text" in tables:
        for task in _tasks(tables["text"]):
            found[f"shortcut_rate/{task}"] = measure_accuracy(
                tables["text"], weights, QuestionFilter((task,))
            )
    if {*GRID} <= set(tables):
        found |= dict(_shortcuts(tables, weights))
    if "av" in tables and any(map(is_turn, run.predictions)):
        found |= dict(_turned(run, tables["av"], weights))
    if found:
        rows = tables.get("av", next(iter(tables.values())))
        found |= {f"chance/{task}": _chance(run, rows, task, weights) for task in _tasks(rows)}
    return {name: bootstrap_interval(to_percent(found[name])) for name in _ordered(found)}


def _ordered(found: Mapping[str, BootstrapValues]) -> list[str]:
    """Sort the names, kind by kind."""
    kinds = list(TITLES)
    return sorted(found, key=lambda name: (kinds.index(name.partition("/")[0]), name))


def _tasks(rows: Table) -> list[str]:
    """List the tasks of closed questions."""
    return sorted(set(rows.task[rows.closed].tolist()))


def _options(run: Run, rows: Table) -> NDArray[np.intp]:
    """Count the options of each question."""
    return np.array([len(run.questions[name].choices) for name in rows.questions], dtype=np.intp)


def _chance(run: Run, rows: Table, task: str, weights: Numbers) -> BootstrapValues:
    """Compute the accuracy of guessing."""
    asked = QuestionFilter((task,)).rows(rows)
    return bootstrap_ratio(rows, weights, asked / np.maximum(1, _options(run, rows)), asked)


def _gains(tables: Mapping[str, Table], weights: Numbers) -> Iterator[tuple[str, BootstrapValues]]:
    """Yield the gain of both media over the better one alone; which that is each draw decides anew."""
    for task in _tasks(tables["av"]):
        both, sound, sight = (
            measure_accuracy(tables[name], weights, QuestionFilter((task,))) for name in ("av", "a", "v")
        )
        yield (
            f"modality_gain/{task}",
            bootstrap_parts(both.values - np.maximum(sound.values, sight.values), both),
        )


def _shortcuts(tables: Mapping[str, Table], weights: Numbers) -> Iterator[tuple[str, BootstrapValues]]:
    """Yield the part of the answers' log-odds that rests on the medium which is not asked about.

    In the two-by-two grid of own and other picture and sound, the effect of a medium is how much lp(yes) -
    lp(no) changes when it is replaced, mean over both states of the other medium, in size. The index is the
    effect of the medium not asked about over the sum of both: 0 where only the asked one counts, 50 where
    both count alike.
    """
    own, no_sound, no_picture, neither = (tables[name].margin for name in GRID)
    effects = {
        "audio": np.abs(own + no_picture - no_sound - neither) / 2,
        "video": np.abs(own + no_sound - no_picture - neither) / 2,
    }
    both = effects["audio"] + effects["video"]
    for task in _tasks(tables["av"]):
        target = task.rpartition("_")[2]
        asked = QuestionFilter((task,)).rows(tables["av"]) & np.isfinite(both)
        if target in effects and asked.any():
            beside = np.where(asked, both - effects[target], 0.0)
            yield (
                f"shortcut_index/{task}",
                bootstrap_ratio(tables["av"], weights, beside, np.where(asked, both, 0.0)),
            )


def _turned(run: Run, rows: Table, weights: Numbers) -> Iterator[tuple[str, BootstrapValues]]:
    """Yield the measures of the full rotation of the options; an unreadable answer is never consistent."""
    options = _options(run, rows)
    chosen = _chosen(run, rows, int(options.max(initial=1)))
    orders = np.arange(len(chosen))[:, None] < options[None, :]
    read = (chosen >= 0) & orders
    same = np.all((chosen == chosen[0]) | ~orders, axis=0) & read[0]
    answers = np.array([-2 if (a := run.questions[name].answer) is None else a for name in rows.questions])
    right = np.sum((chosen == answers) & orders, axis=0) / np.maximum(1, options)
    for task in _tasks(rows):
        asked = QuestionFilter((task,)).rows(rows)
        yield f"position_consistency/{task}", bootstrap_ratio(rows, weights, same & asked, asked)
        yield f"rotated_accuracy/{task}", bootstrap_ratio(rows, weights, right * asked, asked)
        unread = np.any(~read & orders, axis=0)
        yield f"rotated_unreadable/{task}", bootstrap_ratio(rows, weights, unread & asked, asked)
    letters = (chosen - np.arange(len(chosen))[:, None]) % np.maximum(1, options)
    for count in sorted({int(k) for k in options if k > 1}):
        asked = (options == count) & (rows.kind != "plain")
        under = np.sum(read, axis=0) * asked
        for letter in range(count):
            over = np.sum(read & (letters == letter), axis=0) * asked
            name = f"letter_prior/{count} options/{name_letter(letter)}"
            yield name, bootstrap_ratio(rows, weights, over.astype(np.float64), under.astype(np.float64))


def _chosen(run: Run, rows: Table, most: int) -> NDArray[np.intp]:
    """Tabulate the option chosen at each rotation, [rotations, questions]; -1 where none could be parsed."""
    found = np.full((most, len(rows.questions)), -1, dtype=np.intp)
    for rotation in range(most):
        condition = f"{ROTATED}{rotation}" if rotation else "av"
        for place, name in enumerate(rows.questions):
            score = run.score(condition, name)
            found[rotation, place] = -1 if score is None else int(score.parts.get("chosen", -1))
    return found
