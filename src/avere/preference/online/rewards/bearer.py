"""Reward for not taking what somebody else shows for the person's expression.

Range 0 or 1. Formula: 1 where a supporting cue and no displaced one is named. Source: our own; a displaced
cue has the words of evidence and is another bearer's (a poster, a distant voice). Applies only where the clip
shows a displaced cue in what is asked about. Gamed by naming a single sure cue: give `cue_recall` a weight
too.
"""

from avere.preference.online.truth import PolicyAnswer, Truth, count_cues
from avere.settings import Settings


class Config(Settings):
    """What a recipe may say of this reward: nothing."""


def reward(answer: PolicyAnswer, truth: Truth, config: Config) -> float | None:
    """Compute whether the answer keeps to the person where somebody else shows something."""
    del config
    counts = count_cues(answer, truth)
    if counts is None or not any(
        cue.present and cue.bearer == "other" and truth.target in (cue.modality, "audiovisual")
        for cue in truth.cues
    ):
        return None
    return float(counts.supporting > 0 and counts.displaced == 0)
