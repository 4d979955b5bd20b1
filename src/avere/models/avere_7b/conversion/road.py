"""The whole conversion: plan, write one file after the other, then give the folder its name."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from torch import Tensor
from transformers import GenerationConfig, LlamaTokenizer, WhisperFeatureExtractor

from avere import __version__, files
from avere.errors import AvereError
from avere.models.avere_7b.configuration import AvereConfig
from avere.models.avere_7b.conversion import adapter
from avere.models.avere_7b.conversion.checkpoint import Stored, open_weights
from avere.models.avere_7b.conversion.plan import Backbones, Plan, make_plan
from avere.models.avere_7b.conversion.shape import read_shape
from avere.models.avere_7b.conversion.writing import write_tensors
from avere.models.avere_7b.family import FAMILY
from avere.models.avere_7b.options import AvereOptions
from avere.models.avere_7b.processing import AUDIO, VIDEO
from avere.models.avere_7b.prompts import RELEASED, TRAINED, make_processor, write_template
from avere.models.packing.folder import write_inputs
from avere.models.packing.ownership import ADAPTER, base_of, read_json

TOLD = "conversion.json"


class Converted(NamedTuple):
    """What a conversion wrote."""

    folder: Path
    weights: int
    bytes: int
    unused: dict[str, int]
    """Reasons, and how many tensors were left out for each."""


def convert_checkpoint(
    checkpoint: Path,
    backbones: Path | None,
    out: Path,
    *,
    base: Path | None = None,
    as_published: bool = False,
) -> Converted:
    """Make a model folder of an official checkpoint.

    Args:
        checkpoint: its folder; with a LoRA, what was trained beside it is there too.
        backbones: folder with LanguageBind_Video_merge and whisper-large-v3; not needed where the checkpoint
            holds their weights.
        out: a new folder.
        base: of a LoRA; by default the folder that it names.
        as_published: keep the prompts, sampling and preprocessing of the released scripts, flaws included.

    Raises:
        AvereError: something is missing, damaged or of another model; nothing is left behind then.
    """
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise AvereError(f"'{out}' holds something already; give a new folder")
    if not checkpoint.is_dir():
        raise AvereError(f"'{checkpoint}' is no folder; give that of an official AVERE-7B checkpoint")
    if base is None and (checkpoint / ADAPTER).is_file():
        base = Path(base_of(checkpoint))
    found = find_backbones(backbones)
    config = read_shape(_settings_of(checkpoint, base), *found)
    plan = make_plan(checkpoint, base, found, config)
    unfinished = out.with_name(f".{out.name}.{uuid4().hex}")
    unfinished.mkdir(parents=True)
    try:
        _write_words(unfinished, _settings_of(checkpoint, base), config, as_published=as_published)
        written = _write_weights(unfinished, plan)
        converted = Converted(
            out, len(plan.used), written, {why: len(names) for why, names in plan.unused.items()}
        )
        _tell(unfinished, checkpoint, plan, converted)
        if out.is_dir():
            out.rmdir()
        unfinished.replace(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return converted


def find_backbones(folder: Path | None) -> Backbones:
    """Find the backbones by the names that the released code asks for.

    Raises:
        AvereError: the folder holds none of them.
    """
    if folder is None:
        return Backbones(None, None, None)
    if not folder.is_dir():
        raise AvereError(f"'{folder}' is no folder; give the one that holds LanguageBind_Video_merge")
    inside = sorted(each for each in folder.iterdir() if each.is_dir())

    def find(word: str) -> Path | None:
        return next((each for each in inside if word in each.name.lower()), None)

    found = Backbones(find("languagebind_video"), find("whisper"), find("bert"))
    if found.vision is None and found.speech is None:
        raise AvereError(
            f"'{folder}' holds neither LanguageBind_Video_merge nor a folder named after whisper; give the "
            "folder of the backbones"
        )
    return found


def _settings_of(checkpoint: Path, base: Path | None) -> Path:
    """Find the folder with config.json and tokenizer: a LoRA may lack them."""
    return base if base is not None and not (checkpoint / "config.json").is_file() else checkpoint


def _reads_sentencepiece() -> bool:
    """Check that the libraries are here that the tokenizer's own file needs."""
    return all(find_spec(name) is not None for name in ("sentencepiece", "google", "google.protobuf"))


def _write_words(folder: Path, source: Path, config: AvereConfig, *, as_published: bool) -> None:
    """Write configuration, tokenizer, processor and how the model is asked.

    Raises:
        AvereError: the tokenizer cannot be read, or its vocabulary is not the model's.
    """
    if not (source / "tokenizer.json").is_file() and not _reads_sentencepiece():
        raise AvereError(
            f"'{source}' holds no tokenizer.json, and tokenizer.model cannot be read without two libraries; "
            "pip install sentencepiece protobuf"
        )
    try:
        tokenizer: Any = LlamaTokenizer.from_pretrained(source, local_files_only=True)
    except Exception as error:  # whatever the library makes of a missing or damaged file
        cause = " ".join(str(error).split())[:150]
        raise AvereError(
            f"cannot load the tokenizer in '{source}' ({cause}); copy it beside config.json"
        ) from error
    size = config.text_config.vocab_size
    if len(tokenizer) != size:
        raise AvereError(
            f"config.json in '{source}' promises {size} words, and the tokenizer has {len(tokenizer)}; copy "
            "both from the same checkpoint"
        )
    tokenizer.pad_token = tokenizer.unk_token
    tokenizer.add_special_tokens({"additional_special_tokens": [VIDEO, AUDIO]})
    tokenizer.padding_side = "left"
    tokenizer.chat_template = write_template(RELEASED if as_published else TRAINED)
    heard = config.audio_config
    extractor: Any = WhisperFeatureExtractor
    seconds = heard.max_source_positions // 50
    mel = extractor(feature_size=heard.num_mel_bins, chunk_length=seconds)
    make_processor(mel, tokenizer, config).save_pretrained(folder)
    config.architectures = ["AvereForConditionalGeneration"]
    config.save_pretrained(folder)
    sampling = {"do_sample": True, "temperature": 0.1} if as_published else {"do_sample": False}
    GenerationConfig(
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=0, **sampling
    ).save_pretrained(folder)
    flaws: dict[str, Any] = {"channels": "first", "flip": "half"} if as_published else {}
    write_inputs(folder, FAMILY.name, AvereOptions(**flaws).inputs())


def _write_weights(folder: Path, plan: Plan) -> int:
    """Write a file of weights for each that is read, and their index; count the bytes."""
    by_file: dict[Path, list[tuple[str, Stored]]] = {}
    for name, stored in plan.used.items():
        by_file.setdefault(stored.file, []).append((name, stored))
    total = 0
    places: dict[str, str] = {}
    for number, (file, named) in enumerate(by_file.items(), start=1):
        target = f"model-{number:05}-of-{len(by_file):05}.safetensors"
        with _reader(file, plan) as read:
            total += write_tensors(folder / target, named, read)
        places |= {name: target for name, _ in named}
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(places.items()))}
    files.write_text(folder / "model.safetensors.index.json", json.dumps(index, indent=2) + "\n")
    return total


@contextmanager
def _reader(file: Path, plan: Plan) -> Iterator[Callable[[str], Tensor]]:
    """Give a function that reads the weight of one of our names, which lies in ``file``."""
    with ExitStack() as opened:
        content = {file: opened.enter_context(open_weights(file))}

        def read(stored: Stored) -> Tensor:
            if stored.file not in content:
                content[stored.file] = opened.enter_context(open_weights(stored.file))
            return content[stored.file](stored.name)

        def read_weight(name: str) -> Tensor:
            weight = read(plan.used[name])
            factors = plan.factors.get(name)
            return weight if factors is None else adapter.fold(weight, factors, read)

        yield read_weight


def _tell(folder: Path, checkpoint: Path, plan: Plan, converted: Converted) -> None:
    """Write down what was used and what was not."""
    sources = sorted({stored.file for stored in plan.used.values()})
    told = {
        "checkpoint": checkpoint.name,
        "model_type": read_json(checkpoint / "config.json").get("model_type"),
        "files": {f"{file.parent.name}/{file.name}": file.stat().st_size for file in sources},
        "weights": converted.weights,
        "adapted": len(plan.factors),
        "left_out": plan.unused,
        "version": __version__,
    }
    files.write_text(folder / TOLD, json.dumps(told, indent=2) + "\n")
