"""Watching for collapse: a policy can win every comparison while its own answers fall apart.

A preference loss reads answers that are given; what the policy would say itself it never sees. So at each
reading of the held-out pairs some of their prompts are answered freely, and the share of broken answers is
logged beside the drift of the chosen ones.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from avere.interfaces import Prompt, Responder

logger = logging.getLogger("avere.preference")

WORDS, TIMES = 3, 3
"""So many words in a row, so many times, are a loop."""
LONGER = 3
"""An answer with more than so many times the words of the chosen one does not end where it should."""
SHORTEST = 8
"""Words that any answer may have."""
MAX_TOKENS = 256
Watched = Sequence[tuple[Prompt, str]]
"""Held-out prompts on real media, each with its chosen answer."""
RISE, FALL = 0.2, 5.0
"""Warn where the share of broken answers rose by more, or the chosen answers' mean log-prob fell by more."""


def is_broken(answer: str, chosen: str) -> bool:
    """True where an answer is empty, goes round in a loop, or is far longer than the chosen one.

    >>> is_broken("", "The face looks sad."), is_broken("It looks sad.", "The face looks sad.")
    (True, False)
    >>> is_broken("the wet tears and the wet tears and the wet tears and", "Because of the wet tears.")
    True
    """
    words, right = answer.split(), chosen.split()
    if not words:
        return True
    runs = Counter(tuple(words[place : place + WORDS]) for place in range(len(words) - WORDS + 1))
    return max(runs.values(), default=0) >= TIMES or len(words) > max(SHORTEST, LONGER * len(right))


def count_broken(model: object, watched: Watched) -> dict[str, float]:
    """Let a model answer prompts greedily and compute the share of ``broken`` ones; a failed one is broken.

    Nothing where nothing is watched, or where the model only scores answers.
    """
    if not watched or not isinstance(model, Responder):
        return {}
    replies = model.respond((prompt for prompt, _ in watched), max_tokens=MAX_TOKENS, seed=0)
    broken = [reply.status != "ok" or is_broken(reply.text, watched[reply.index][1]) for reply in replies]
    return {"broken": sum(broken) / len(broken)}


def tell_collapse(found: Mapping[str, float], history: Sequence[Mapping[str, Any]], prefix: str) -> None:
    """Warn where answers break more than they did at first, or the chosen ones became far less likely."""
    name, drift = f"{prefix}_answers/broken", found.get(f"{prefix}_drift/chosen", 0.0)
    if name in found:
        first = next((entry[name] for entry in history if name in entry), found[name])
        if found[name] - first > RISE:
            logger.warning(
                "the policy's own answers are breaking: %.0f %% of the watched held-out prompts get an "
                "empty, looping or endless one, %.0f %% did at first; lower optimiser.learning_rate, or hold "
                "the chosen answers up with loss.anchor=nll",
                100 * found[name],
                100 * first,
            )
    if drift < -FALL:
        logger.warning(
            "chosen answers became less likely, by %.1f in their mean log-probability, although they are "
            "preferred: lower optimiser.learning_rate, or hold them up with loss.anchor=nll",
            -drift,
        )
