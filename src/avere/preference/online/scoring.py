"""Samples with their rewards, prompt by prompt, and the habits by which a policy may game them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from avere.answers import descriptions
from avere.errors import AvereError
from avere.preference.online.faults import AnswerFault, FaultKind, list_faults
from avere.preference.online.prompts import PromptData, read_prompts
from avere.preference.online.rewarding import RewardRecipe, RewardValue, reward_answer
from avere.preference.online.sample import read_samples
from avere.preference.online.truth import PolicyAnswer, Truth, find_verdict, know_prompts
from avere.records import PolicySample, PreferencePair, Score

LIST = 6
"""An answer that names more facts is a list."""


class ScoredSample(NamedTuple):
    """A sample, what it earned, and what is wrong with it."""

    sample: PolicySample
    earned: RewardValue
    faults: tuple[AnswerFault, ...]
    misjudges: bool = False
    """Whether it has another verdict than the right one, or none, where one is asked for."""

    @property
    def right(self) -> bool:
        """Whether it can be learnt as a good answer: nothing is known against it."""
        return not self.faults and not self.misjudges

    @property
    def usable(self) -> bool:
        """Whether it can be learnt from: it ended by itself, says something and has a reward."""
        return self.sample.ended and bool(self.sample.reply.strip()) and self.earned.value is not None

    @property
    def value(self) -> float:
        """What it earned; samples without a reward are not asked."""
        assert self.earned.value is not None
        return self.earned.value

    def has_fault(self, kind: FaultKind) -> bool:
        """True where it has a fault of this kind."""
        return any(fault.kind == kind for fault in self.faults)

    def score(self) -> Score:
        """Make the record of what it earned."""
        return Score(
            key=self.sample.key,
            value=self.earned.value,
            parts=self.earned.parts,
            read_as="; ".join(f"{fault.kind}: {fault.reason}" for fault in self.faults) or None,
            reason=self.earned.reason,
        )


class ScoredGroup(NamedTuple):
    """All samples of a prompt."""

    prompt: PreferencePair
    truth: Truth
    samples: tuple[ScoredSample, ...]


class ScoredRun(NamedTuple):
    """All samples of a folder."""

    data: PromptData
    groups: tuple[ScoredGroup, ...]

    @property
    def samples(self) -> list[ScoredSample]:
        """List all samples, prompt by prompt."""
        return [one for group in self.groups for one in group.samples]


def score_samples(folder: Path, recipe: RewardRecipe) -> ScoredRun:
    """Compute the reward of every sample of a folder that `avere sample` filled.

    Raises:
        AvereError: samples are still to come, or a reward failed and the recipe does not say to skip it.
    """
    data, samples = read_prompts(folder), read_samples(folder)
    truths = know_prompts(data.pairs, data.clips, data.cues)
    by_prompt: dict[str, list[PolicySample]] = {}
    for one in samples.values():
        by_prompt.setdefault(one.prompt, []).append(one)
    lacking = [pair.id for pair in data.pairs if pair.id not in by_prompt]
    if lacking or len({len(each) for each in by_prompt.values()}) > 1:
        raise AvereError(
            f"'{folder}' lacks answers to some prompts; run the same `avere sample` again to go on"
        )
    groups = []
    for pair in data.pairs:
        drawn = sorted(by_prompt[pair.id], key=lambda one: one.number)
        scored = tuple(_score(one, truths[pair.id], recipe) for one in drawn)
        groups.append(ScoredGroup(pair, truths[pair.id], scored))
    return ScoredRun(data, tuple(groups))


def _score(sample: PolicySample, truth: Truth, recipe: RewardRecipe) -> ScoredSample:
    if sample.status != "ok":
        return ScoredSample(sample, RewardValue(None, {}, f"{sample.status}: {sample.reason}"), ())
    answer = PolicyAnswer(sample.reply)
    misjudges = truth.verdict is not None and find_verdict(sample.reply) != truth.verdict
    return ScoredSample(sample, reward_answer(answer, truth, recipe), list_faults(answer, truth), misjudges)


def measure_rewards(run: ScoredRun) -> dict[str, float]:
    """Average the sum and each reward over the samples that have it."""
    values: dict[str, list[float]] = {}
    for one in run.samples:
        if one.earned.value is not None:
            values.setdefault("reward", []).append(one.earned.value)
        for name, value in one.earned.parts.items():
            values.setdefault(f"reward/{name}", []).append(value)
    return {name: sum(each) / len(each) for name, each in values.items()}


def measure_habits(run: ScoredRun) -> dict[str, float]:
    """Compute the shares of answers by which rewards are gamed, and the mean number of words.

    Lists of more than LIST facts, answers that say nothing, copies of the prompt; of the answers to yes/no
    prompts the shares of "no" and of those that say neither; of right "no" and "yes" there would be as many
    in a balanced set.
    """
    asked = [(group.truth, one) for group in run.groups for one in group.samples if one.sample.status == "ok"]
    closed = [find_verdict(one.sample.reply) for truth, one in asked if truth.verdict is not None]
    verdicts = {
        "denials": _share(one == "no" for one in closed),
        "evasions": _share(not one for one in closed),
    }
    texts = [(truth, one.sample.reply) for truth, one in asked]
    found = {
        "empty": _share(not text.strip() for _, text in texts),
        "lists": _share(len(descriptions.parse(text).named) > LIST for _, text in texts),
        "copies": _share(truth.prompt.casefold() in text.casefold() for truth, text in texts),
        "hallucinated": _share(one.has_fault("hallucinated") for _, one in asked),
        "spurious": _share(one.has_fault("spurious") for _, one in asked),
        "words": sum(len(text.split()) for _, text in texts) / max(1, len(texts)),
    }
    return found | (verdicts if closed else {})


def _share(each: Iterable[bool]) -> float:
    values = list(each)
    return sum(values) / len(values) if values else 0.0


def count_reasons(run: ScoredRun) -> Mapping[str, int]:
    """Count the samples without a reward by the reason."""
    counts: dict[str, int] = {}
    for one in run.samples:
        if one.earned.value is None:
            counts[str(one.earned.reason)] = counts.get(str(one.earned.reason), 0) + 1
    return counts
