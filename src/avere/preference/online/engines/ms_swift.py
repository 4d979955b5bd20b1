"""ms-swift (4.6): JSON lines of messages with media, a plug-in for rewards, a YAML for ``swift rlhf``."""

import json
from collections.abc import Iterator, Sequence
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from avere import files
from avere.preference.online.exporting import RolloutRow

PROMPTS, PLUGIN, CONFIG = "prompts.jsonl", "plugin.py", "grpo.yaml"


def write(rows: Sequence[RolloutRow], out: Path, model: str) -> tuple[Path, ...]:
    """Write prompts, plug-in and configuration."""
    folder = out.resolve()
    with files.create_whole(out / PROMPTS) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in _rows(rows, folder))
    here = resources("avere.preference.online.engines")
    config = here.joinpath("_ms_swift.yaml").read_text(encoding="utf-8")
    files.write_text(out / CONFIG, config.format(model=json.dumps(model), folder=folder))
    files.write_text(out / PLUGIN, here.joinpath("_ms_swift_plugin.txt").read_text(encoding="utf-8"))
    return out / PROMPTS, out / PLUGIN, out / CONFIG


def _rows(rows: Sequence[RolloutRow], folder: Path) -> Iterator[dict[str, Any]]:
    """Yield a row a prompt: a placeholder for each medium before the words, video first."""
    for row in rows:
        media = {"videos": row.video, "audios": row.audio}
        marks = "".join(f"<{name.removesuffix('s')}>" for name, place in media.items() if place is not None)
        yield {
            "id": row.id,
            "messages": [{"role": "user", "content": marks + row.text}],
            **{name: [str(folder / place)] for name, place in media.items() if place is not None},
            "truth": row.truth,
        }
