"""What the plug-ins of engines call: texts and truths go in, values come out; no torch is imported."""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from avere import files
from avere.errors import AvereError
from avere.preference.online.rewarding import RewardRecipe, reward_answer
from avere.preference.online.truth import PolicyAnswer, Truth
from avere.records import jsonl


def reward_texts(texts: Sequence[str], truths: Sequence[str], recipe: str | Path) -> list[float]:
    """Compute the reward of each text.

    Args:
        texts: what the policy said.
        truths: what is known of each prompt, as `avere export rl` wrote it into the rows.
        recipe: the ``rewards.json`` beside the plug-in.

    Returns:
        Values between 0 and 1; NaN where a reward failed and the recipe says to skip such samples.

    Raises:
        AvereError: a row has no truth, or a reward failed and the recipe says to stop.
    """
    if len(texts) != len(truths):
        raise AvereError(f"{len(texts)} answers came with {len(truths)} truths; pass each row's own")
    rules = read_rules(Path(recipe))
    found = []
    for text, told in zip(texts, truths, strict=True):
        truth = jsonl.parse(told, Truth, "a row's truth")
        value = reward_answer(PolicyAnswer(text), truth, rules).value
        found.append(math.nan if value is None else value)
    return found


@cache
def read_rules(file: Path) -> RewardRecipe:
    """Read the rewards that an export wrote down, once."""
    return RewardRecipe.model_validate(files.read_json(file))
