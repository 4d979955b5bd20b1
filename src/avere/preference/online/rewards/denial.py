"""Reward for denying a cue that the prompt suggests and that is not the person's.

Range 0 or 1. Formula: 1 where the answer says no and does not give the suggested cue as evidence. Source: the
stress questions of EmoReAlM (AVERE, arXiv 2602.07054), whose prompts name a cue. Applies where the prompt
names a cue and the right verdict is no. Gamed by denying everything: give `yes_no` a weight too, which a
refusal of true cues costs.
"""

from avere.answers import descriptions
from avere.preference.online.truth import PolicyAnswer, Truth, find_verdict
from avere.settings import Settings


class Config(Settings):
    """What a recipe may say of this reward: nothing."""


def reward(answer: PolicyAnswer, truth: Truth, config: Config) -> float | None:
    """Compute whether the answer withstands the suggestion."""
    del config
    suggested = {fact.name for fact in descriptions.parse(truth.prompt).named}
    if truth.verdict != "no" or not suggested:
        return None
    if answer.claims is None:
        given = {fact.name for fact in descriptions.parse(answer.text).named}
    else:
        given = {one.cue for one in answer.claims if one.verdict in descriptions.VERDICTS and one.cue}
    return float(find_verdict(answer.text) == "no" and not suggested & given)
