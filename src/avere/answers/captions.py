"""Scoring a caption against one that people wrote: CIDEr-D, without any model or list of words."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from math import exp, log, sqrt
from typing import NamedTuple

LONGEST = 4
"""n-grams of one to so many words are compared."""
SPREAD = 6.0
"""Standard deviation, in words, of the bell by which another length lowers the score."""
Gram = tuple[str, ...]


class Rarity(NamedTuple):
    """In how many reference captions each n-gram stands."""

    captions: int
    holding: Mapping[Gram, int]

    def of(self, gram: Gram) -> float:
        """Compute the inverse document frequency of an n-gram; one that stands nowhere counts as in one."""
        return log(self.captions / max(1, self.holding.get(gram, 0)))


def count_rarity(references: Iterable[str]) -> Rarity:
    """Count how rare the n-grams of reference captions are among them."""
    found = [set(_grams(_words(text))) for text in references]
    return Rarity(len(found), Counter(gram for grams in found for gram in grams))


def score_cider(said: str, reference: str, known: Rarity) -> float:
    """Score a caption by CIDEr-D, from 0 to 10 (Vedantam et al., 2015, Section 4 and its variant D).

    Counts of n-grams times their rarity are compared as vectors for each n, those of the caption clipped to
    the reference's; the mean over n is lowered where the lengths differ. Words are runs of letters and digits
    in lower case, not stemmed; n-grams that there are none of count 0.

    Here there are no n-grams of 3 or 4 words:

    >>> round(score_cider("a dog", "A dog.", count_rarity(["A dog.", "Rain falls."])), 4)
    5.0
    """
    ours, theirs = _words(said), _words(reference)
    mine, right = _weighed(ours, known), _weighed(theirs, known)
    likeness = sum(_likeness(mine[n], right[n]) for n in range(1, LONGEST + 1)) / LONGEST
    return 10 * likeness * exp(-((len(ours) - len(theirs)) ** 2) / (2 * SPREAD**2))


def _likeness(mine: Mapping[Gram, float], right: Mapping[Gram, float]) -> float:
    """Compute the clipped cosine of two vectors, 0 where one is zero."""
    length = sqrt(sum(value**2 for value in mine.values()) * sum(value**2 for value in right.values()))
    shared = sum(min(mine[gram], right[gram]) * right[gram] for gram in mine if gram in right)
    return shared / length if length else 0.0


def _weighed(words: list[str], known: Rarity) -> dict[int, dict[Gram, float]]:
    """Weigh the count of each n-gram by its rarity, by n."""
    found: dict[int, dict[Gram, float]] = {n: {} for n in range(1, LONGEST + 1)}
    for gram, count in Counter(_grams(words)).items():
        found[len(gram)][gram] = count * known.of(gram)
    return found


def _grams(words: list[str]) -> list[Gram]:
    """List all n-grams of some words."""
    return [tuple(words[at : at + n]) for n in range(1, LONGEST + 1) for at in range(len(words) - n + 1)]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
