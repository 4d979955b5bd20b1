"""What a training run began with, by content: base weights, records and media."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from avere import files
from avere.preference.recipe import Data, TrainingRecipe
from avere.records import Clip, PreferencePair, jsonl

WEIGHTS = ("*.safetensors", "*.jinja", "avere.json", "adapter_config.json", "config.json")
WORDS = ("tokenizer*.json", "*processor*_config.json", "preprocessor_config.json", "vocab.json", "merges.txt")
ABSENT = "absent"


def digest_inputs(recipe: TrainingRecipe) -> dict[str, str]:
    """Compute the SHA-256 of each input that is there: records, media, and the files of the base.

    A base that is no folder, such as a repository of a hub, is told by its fingerprint once it is loaded.
    """
    data = recipe.data
    named = {"pairs": data.pairs, "clips": data.clips, "held-out pairs": data.held_out}
    found = {name: files.digest(path) for name, path in named.items() if path is not None and path.is_file()}
    if {"pairs", "clips"} <= found.keys():
        found["media"] = _sha(_media(data))
    if Path(recipe.model.source).is_dir():
        found["base weights or inputs"] = digest_model(Path(recipe.model.source))
    return found


def digest_model(folder: Path) -> str:
    """Compute one SHA-256 of all files of a model folder that decide what the model computes."""
    paths = {path for pattern in (*WEIGHTS, *WORDS) for path in folder.glob(pattern)}
    return _sha(f"{path.name} {files.digest(path)}" for path in sorted(paths))


def _media(data: Data) -> Iterator[str]:
    """Name the media that the pairs read, each by its clip and its content."""
    pairs = [one for path in (data.pairs, data.held_out) if path for one in jsonl.read(path, PreferencePair)]
    swaps = (change for one in pairs for change in (one.corruption.audio, one.corruption.video) if change)
    wanted = {one.clip for one in pairs} | {change.clip for change in swaps}
    for clip in jsonl.read(data.clips, Clip):
        for path in (clip.video, clip.audio) if clip.id in wanted else ():
            content = None if path is None else files.digest(path) if path.is_file() else ABSENT
            yield f"{clip.id} {content}"


def _sha(lines: Iterable[str]) -> str:
    """Compute one SHA-256 of lines."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
