"""Records of single answers from samples: all of a group with what they earned, or only the best ones."""

import statistics
from collections import Counter
from itertools import groupby
from typing import NamedTuple

import numpy as np
from pydantic import Field

from avere import __version__
from avere.preference.online.mining import why_alike
from avere.preference.online.scoring import ScoredGroup, ScoredRun, ScoredSample
from avere.records import GroupReward, PreferencePair, Provenance
from avere.settings import Settings


class BestRules(Settings):
    """Which samples are good enough to be imitated (rejection sampling; RAFT, arXiv 2304.06767)."""

    keep: int = Field(default=1, ge=1)
    """At most, of a prompt: different answers, the best first."""
    least: float = Field(default=0.5, ge=0, le=1)
    """What an answer must have earned."""


class MadeRecords(NamedTuple):
    """Records, and why other prompts or samples gave none."""

    pairs: list[PreferencePair]
    skipped: Counter[str]


def make_groups(run: ScoredRun) -> MadeRecords:
    """Make a record of every usable sample of the prompts whose answers did not all earn the same.

    Mean and standard deviation are of all samples with a reward, also of those that are cut off or empty and
    so never learnt from. Groups without a difference move nothing and are left out (DAPO, arXiv 2503.14476).
    """
    found = MadeRecords([], Counter())
    for group in run.groups:
        valued = [one for one in group.samples if one.earned.value is not None]
        if alike := why_alike(valued):
            found.skipped[alike] += 1
            continue
        values = [one.value for one in valued]
        mean, std = statistics.fmean(values), statistics.stdev(values)
        for one in group.samples:
            if one.usable:
                earned = GroupReward(reward=one.value, mean=mean, std=std, log_prob=one.sample.log_prob)
                found.pairs.append(_record(group, one, earned))
            else:
                found.skipped[_why_unusable(one)] += 1
    return found


def make_best(run: ScoredRun, rules: BestRules) -> MadeRecords:
    """Make records of the best answers of each prompt, to be imitated."""
    found = MadeRecords([], Counter())
    for group in run.groups:
        good = [one for one in group.samples if one.usable and one.right and one.value >= rules.least]
        if not good:
            found.skipped["no right answer without a known fault earned enough"] += 1
            continue
        ranked = sorted(good, key=lambda one: (-one.value, one.sample.number))
        different = {one.sample.reply: one for one in reversed(ranked)}
        kept = sorted(different.values(), key=ranked.index)[: rules.keep]
        found.pairs.extend(_record(group, one, None) for one in kept)
    return found


def keep_records(made: MadeRecords, most: int, seed: int) -> MadeRecords:
    """Keep the records of prompts that are drawn at random, as many prompts as give no more than ``most``.

    The records of a prompt stay together, since answers of a group are judged against one another.
    """
    prompts = [list(each) for _, each in groupby(made.pairs, lambda one: (one.clip, one.target, one.prompt))]
    kept, count = set(), 0
    for place in np.random.default_rng([seed, len(prompts)]).permutation(len(prompts)).tolist():
        if count + len(prompts[place]) <= most:
            kept.add(place)
            count += len(prompts[place])
    beyond = len(made.pairs) - count
    skipped = made.skipped + Counter({f"records beyond {most}": beyond})
    return MadeRecords([one for place in sorted(kept) for one in prompts[place]], skipped)


def _record(group: ScoredGroup, one: ScoredSample, earned: GroupReward | None) -> PreferencePair:
    made_by = Provenance(
        recipe="the policy's own answers",
        model=one.sample.made_by.model,
        seed=one.sample.made_by.seed,
        version=__version__,
    )
    return group.prompt.model_copy(
        update={
            "id": one.sample.key,
            "chosen": one.sample.reply,
            "spurious": None,
            "hallucinated": None,
            "group": earned,
            "made_by": made_by,
        }
    )


def _why_unusable(one: ScoredSample) -> str:
    if one.sample.status != "ok" or one.earned.value is None:
        return "answers without a reward"
    return "answers cut off at max_tokens" if not one.sample.ended else "empty answers"
