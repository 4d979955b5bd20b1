"""Prompts with media, and what is known of them, for engines that train at scale with our rewards."""

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from avere import catalogue, files
from avere.errors import AvereError
from avere.exchange.formats import DataFolder, FormatOptions, Shelf
from avere.interfaces import EngineModule
from avere.preference.online.prompts import PromptData, list_unusable, read_prompts
from avere.preference.online.rewarding import RewardRecipe, reward_answer
from avere.preference.online.truth import PolicyAnswer, know_prompts

ENGINES = "avere.preference.online.engines"
RULES = "rewards.json"


class RolloutRow(NamedTuple):
    """A prompt for an engine; media by paths that start at the folder of the export."""

    id: str
    text: str
    video: str | None
    audio: str | None
    truth: str
    """What is known of it, as JSON that the plug-in reads."""


class EngineExport(NamedTuple):
    """What was written for an engine."""

    files: tuple[Path, ...]
    rows: int
    left_out: Counter[str]


def list_engines() -> dict[str, str]:
    """List the engines by the names that people use, and their modules.

    >>> sorted(list_engines())
    ['ms-swift', 'nemo-rl', 'verl']
    """
    return {name.replace("_", "-"): name for name in catalogue.names(ENGINES)}


def export_prompts(engine: str, data: Path, out: Path, rewards: RewardRecipe, model: str) -> EngineExport:
    """Write prompts, media, the plug-in with our rewards and the configuration of an engine.

    Videos are copied as .mp4 and sounds as .wav beside them, since engines read the two apart.

    Raises:
        AvereError: no such engine, ``out`` is the data itself, or no prompt can be used.
    """
    module = catalogue.find(ENGINES, list_engines().get(engine, engine), EngineModule)
    if out.resolve() == data.resolve():
        raise AvereError(f"'{out}' holds the prompts themselves; give another folder")
    prompts, left_out = read_prompts(data), Counter[str]()
    shelf = Shelf(out, DataFolder(data, prompts.clips), FormatOptions("copy"))
    rows = _rows(prompts, rewards, shelf, left_out)
    if not rows:
        told = ", ".join(f"{count}: {reason}" for reason, count in left_out.most_common(3))
        raise AvereError(f"no prompt of '{data}' can be used ({told})")
    files.write_text(out / RULES, json.dumps(rewards.model_dump(mode="json"), indent=1) + "\n")
    return EngineExport((*module.write(rows, out, model), out / RULES), len(rows), left_out)


def _rows(data: PromptData, rewards: RewardRecipe, shelf: Shelf, left_out: Counter[str]) -> list[RolloutRow]:
    """Make the rows; count the prompts that give none."""
    truths, unusable = know_prompts(data.pairs, data.clips, data.cues), dict(list_unusable(data))
    rows = []
    for pair in data.pairs:
        truth = truths[pair.id]
        if pair.id in unusable:
            left_out["their clip lacks what is asked about"] += 1
            continue
        if reward_answer(PolicyAnswer("?"), truth, rewards).value is None:
            left_out["no reward of the recipe applies to them"] += 1
            continue
        try:
            video, audio = shelf.own(pair, "video", "videos"), shelf.own(pair, "audio", "audios")
        except AvereError as error:
            left_out[str(error)] += 1
            continue
        told = truth.model_dump_json(exclude_defaults=True)
        rows.append(RolloutRow(pair.id, pair.prompt, video, audio, told))
    return rows
