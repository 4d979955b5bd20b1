"""From samples and rewards to a folder of records to learn from, with counts of all that gave none."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from avere import files
from avere.errors import AvereError
from avere.preference.online.grouping import BestRules, MadeRecords, keep_records, make_best, make_groups
from avere.preference.online.mining import PairRules, mine_pairs
from avere.preference.online.prompts import CLIPS, CUES, PAIRS
from avere.preference.online.rewarding import RewardRecipe
from avere.preference.online.scoring import (
    ScoredRun,
    count_reasons,
    measure_habits,
    measure_rewards,
    score_samples,
)
from avere.records import MinedPair, Record, jsonl
from avere.records.samples import MINED
from avere.settings import Settings

REWARDS, SUMMARY = "rewards.jsonl", "summary.json"
RecordForm = Literal["pairs", "groups", "best"]


class LearningRecipe(Settings):
    """What is made of samples."""

    rewards: RewardRecipe
    form: RecordForm = "pairs"
    """``pairs`` for preference losses, ``groups`` for GRPO, ``best`` for fine-tuning on the best answers."""
    pairs: PairRules = PairRules()
    best: BestRules = BestRules()
    records: int | None = Field(default=None, ge=1)
    """At most, of prompts drawn at random; None takes all."""
    seed: int = Field(default=0, ge=0)
    """Of this draw."""
    on_nothing: Literal["refuse", "skip"] = "refuse"
    """Where no record can be made: stop and say why, or write none."""


class RecordSummary(Record):
    """What became of the samples."""

    prompts: int
    samples: int
    records: int
    skipped: dict[str, int]
    """Prompts, or samples, that gave no record, by the reason."""
    unrewarded: dict[str, int]
    """Samples without a reward, by the reason."""
    rewards: dict[str, float]
    """Means, of the sum and of each reward."""
    habits: dict[str, float]
    """Shares of answers by which a policy may game rewards, and the mean number of words."""


def make_records(samples: Path, recipe: LearningRecipe, out: Path) -> RecordSummary:
    """Reward the samples of a folder and write records, clips, cues, rewards and a summary to another one.

    Raises:
        AvereError: prompts have a single sample each, a reward failed, or no record can be made and the
            recipe does not say to go on.
    """
    run = score_samples(samples, recipe.rewards)
    _refuse_single(run)
    made, sources = _make(run, recipe)
    if recipe.records is not None:
        made = keep_records(made, recipe.records, recipe.seed)
    if recipe.form == "pairs":
        kept = {one.id for one in made.pairs}
        jsonl.write(out / MINED, (one for one in sources if one.pair in kept))
    jsonl.write(out / REWARDS, (one.score() for one in run.samples))
    jsonl.write(out / CLIPS, run.data.clips.values())
    jsonl.write(out / CUES, run.data.cues)
    jsonl.write(out / PAIRS, made.pairs)
    summary = RecordSummary(
        prompts=len(run.groups),
        samples=len(run.samples),
        records=len(made.pairs),
        skipped=dict(sorted(made.skipped.items())),
        unrewarded=dict(count_reasons(run)),
        rewards=measure_rewards(run),
        habits=measure_habits(run),
    )
    files.write_text(out / SUMMARY, json.dumps(summary.model_dump(mode="json"), indent=1) + "\n")
    if not made.pairs and recipe.on_nothing == "refuse":
        told = ", ".join(f"{count}: {reason}" for reason, count in made.skipped.most_common())
        raise AvereError(
            f"no record can be made of {len(run.samples)} samples ({told}); draw more answers, raise the "
            f"temperature, or look at '{out / REWARDS}'"
        )
    return summary


def _make(run: ScoredRun, recipe: LearningRecipe) -> tuple[MadeRecords, list[MinedPair]]:
    """Make the records, and of pairs also where their answers came from."""
    if recipe.form == "groups":
        return make_groups(run), []
    if recipe.form == "best":
        return make_best(run, recipe.best), []
    mined = mine_pairs(run, recipe.pairs)
    return MadeRecords(mined.pairs, mined.skipped), mined.sources


def _refuse_single(run: ScoredRun) -> None:
    """Refuse samples of which there is one a prompt: there is nothing to compare.

    Raises:
        AvereError: so it is.
    """
    if all(len(group.samples) < 2 for group in run.groups):
        raise AvereError(
            "there is one answer to each prompt, which leaves nothing to compare; draw two or more "
            "(`avere sample --count 8`)"
        )


def read_summary(folder: Path) -> dict[str, Any]:
    """Read what became of the samples of a folder of records."""
    found: dict[str, Any] = files.read_json(folder / SUMMARY)
    return found
