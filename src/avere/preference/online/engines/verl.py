"""verl (0.9): a parquet file of chats with media, a plug-in with a reward, and a YAML over verl's own."""

import json
from collections.abc import Sequence
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from avere import files
from avere.errors import AvereError
from avere.preference.online.exporting import RolloutRow

PROMPTS, PLUGIN, CONFIG = "prompts.parquet", "plugin.py", "grpo.yaml"
SOURCE = "avere"


def write(rows: Sequence[RolloutRow], out: Path, model: str) -> tuple[Path, ...]:
    """Write prompts, plug-in and configuration.

    Raises:
        AvereError: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise AvereError("'pyarrow' is not installed; install it with: pip install pyarrow") from error
    folder = out.resolve()
    table = pyarrow.Table.from_pylist([_row(row, folder) for row in rows])
    with files.create_whole(out / PROMPTS) as unfinished:
        parquet.write_table(table, unfinished)
    here = resources("avere.preference.online.engines")
    config = here.joinpath("_verl.yaml").read_text(encoding="utf-8")
    files.write_text(out / CONFIG, config.format(model=json.dumps(model), folder=folder))
    files.write_text(out / PLUGIN, here.joinpath("_verl_plugin.txt").read_text(encoding="utf-8"))
    return out / PROMPTS, out / PLUGIN, out / CONFIG


def _row(row: RolloutRow, folder: Path) -> dict[str, Any]:
    """Make a row of a prompt: a placeholder for each medium before the words, video first."""
    media = {"videos": row.video, "audios": row.audio}
    marks = "".join(f"<{name.removesuffix('s')}>" for name, place in media.items() if place is not None)
    places = {name: [] if place is None else [str(folder / place)] for name, place in media.items()}
    return {
        "data_source": SOURCE,
        "prompt": [{"role": "user", "content": marks + row.text}],
        "videos": [{"video": place} for place in places["videos"]],
        "audios": places["audios"],
        "ability": "emotion",
        "reward_model": {"style": "rule", "ground_truth": row.truth},
        "extra_info": {"index": row.id},
    }
