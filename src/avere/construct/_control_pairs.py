"""True answers in the very form of the stress questions: the positive control of an experiment.

A model that learns from as many of these as a method gets pairs must do much better on stress questions;
where it does not, no comparison of methods in this world can tell anything.
"""

from collections.abc import Sequence

import numpy as np

from avere.construct._options import Draw, ask_yes_no, pick_name, pick_seen, pick_wrong
from avere.construct._swaps import stream_of
from avere.construct.facts import MODALITIES, ClipFacts, made_from
from avere.records import Modality, PreferencePair


def control_pairs(facts: Sequence[ClipFacts], count: int, seed: int) -> list[PreferencePair]:
    """Make ``count`` pairs a clip and modality, in random order: half yes, half a displaced or absent cue.

    Words and templates are those that the base may know; both rejected answers are the other letter.
    """
    random = np.random.default_rng([seed, stream_of("control")])
    made = [
        _control((fact, modality, number), seed, random)
        for number in range(count)
        for fact in facts
        for modality in MODALITIES
        if fact.side(modality).usable
    ]
    return [made[int(i)] for i in random.permutation(len(made))]


def _control(place: tuple[ClipFacts, Modality, int], seed: int, random: Draw) -> PreferencePair:
    """Make one question about a modality of a clip, with its letter."""
    fact, modality, number = place
    side = fact.side(modality)
    wrong = pick_wrong(side, random)
    true = bool(random.random() < 0.5) or not wrong
    cue = side.kind(pick_name(side.supporting if true else wrong, random))
    wording, template = pick_seen(random)
    question = side.lexicon.words.stress(modality, side.emotion, cue.wordings[wording], template)
    text, right = ask_yes_no(question, random, true=true)
    other = "B" if right == "A" else "A"
    return PreferencePair(
        id=f"{fact.clip.id}/tested_{modality}/{number}",
        clip=fact.clip.id,
        target=modality,
        prompt=text,
        chosen=right,
        spurious=other,
        hallucinated=other,
        made_by=made_from(fact.clip, seed),
    )
