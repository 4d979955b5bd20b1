"""NeMo RL (its main branch of 2026): JSON lines of prompts with media, a plug-in, a starting script, a YAML.

The package index has no release of it, so that what is written here follows its source and was never read by
its own code.
"""

import json
from collections.abc import Sequence
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from avere import files
from avere.preference.online.exporting import RolloutRow

PROMPTS, PLUGIN, START, CONFIG = "prompts.jsonl", "avere_rollouts.py", "train.py", "grpo.yaml"


def write(rows: Sequence[RolloutRow], out: Path, model: str) -> tuple[Path, ...]:
    """Write prompts, plug-in, the script that registers it, and configuration."""
    folder = out.resolve()
    with files.create_whole(out / PROMPTS) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(_row(row, folder)) + "\n" for row in rows)
    here = resources("avere.preference.online.engines")
    config = here.joinpath("_nemo_rl.yaml").read_text(encoding="utf-8")
    files.write_text(out / CONFIG, config.format(model=json.dumps(model), folder=folder))
    for name, source in ((PLUGIN, "_nemo_rl_plugin.txt"), (START, "_nemo_rl_start.txt")):
        files.write_text(out / name, here.joinpath(source).read_text(encoding="utf-8"))
    return out / PROMPTS, out / PLUGIN, out / START, out / CONFIG


def _row(row: RolloutRow, folder: Path) -> dict[str, Any]:
    """Make a row of a prompt; the plug-in puts video before sound before words."""
    media = {"video": row.video, "audio": row.audio}
    places = {name: None if place is None else str(folder / place) for name, place in media.items()}
    return {"id": row.id, "text": row.text, **places, "truth": row.truth}
