"""Errors of annotators: cues that are missed, and cues of the label that are not there; some are shared."""

import zlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from avere.records import Modality
from avere.world.cues import BY_NAME, PLAIN, typical_cues

Perceived = Mapping[str, str]
"""What is perceived in one modality of a clip: names of cues, and whose they are."""
Senses = Mapping[tuple[str, Modality], Perceived]
"""The same by the name of the file, without its ending, and the modality."""
BIAS = 0.8
"""How often a cue that is not there is one of the label; else any of the modality."""


class Errors(NamedTuple):
    """How an annotator errs."""

    rate: float = 0.0
    """Share of the cues that it misses (half of them) or takes for one that is not there (the others)."""
    shared: float = 0.0
    """Of the second annotator: how often it perceives a cue as the first one does, right or wrong."""
    seed: int = 0
    second: bool = False


def perceive_with_errors(truth: Senses, labels: Mapping[str, str], errors: Errors) -> Senses:
    """Perceive cues as an annotator who errs does.

    Args:
        truth: what is there.
        labels: emotion label by the name of the file; what is imagined is mostly typical of it.
        errors: how often.
    """
    if not errors.rate:
        return truth
    return {place: _side(place, found, labels[place[0]], errors) for place, found in truth.items()}


def _side(place: tuple[str, Modality], found: Perceived, label: str, errors: Errors) -> Perceived:
    perceived: dict[str, str] = {}
    for name, whose in found.items():
        copies = errors.second and _random(errors.seed, "shared", *place, name).random() < errors.shared
        who = "second" if errors.second and not copies else "first"
        random = _random(errors.seed, who, *place, name)
        chance = random.random()
        if chance >= errors.rate:
            perceived[name] = whose
        elif chance >= errors.rate / 2 and (other := _imagined(place[1], name, found, label, random)):
            perceived.setdefault(other, "scene" if whose == "scene" else "person")
    return perceived


def _imagined(
    modality: Modality, name: str, found: Perceived, label: str, random: np.random.Generator
) -> str | None:
    """Return a cue that is not there: for a plain fact another one, else mostly one of the label."""
    if BY_NAME[name].emotion is None:
        names = [k.name for k in PLAIN if k.modality == modality and k.name not in found]
    elif random.random() < BIAS:
        names = [k.name for k in typical_cues(label, modality) if k.name not in found]
    else:
        names = [k.name for k in BY_NAME.values() if k.modality == modality and k.emotion is not None]
        names = [other for other in names if other not in found]
    return names[int(random.integers(len(names)))] if names else None


def _random(seed: int, *of: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32("/".join(of).encode())])
