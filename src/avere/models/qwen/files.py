"""Qwen2.5-Omni folders: finding, opening, fingerprinting and writing what is in them."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from peft import PeftModel
from torch import nn
from transformers import (
    AutoTokenizer,
    PreTrainedTokenizerBase,
    Qwen2_5OmniThinkerConfig,
    Qwen2_5OmniThinkerForConditionalGeneration,
    WhisperFeatureExtractor,
)

from avere.errors import AvereError
from avere.models.packing import quantisation
from avere.models.qwen.options import INPUTS, QwenOptions
from avere.models.qwen.positions import Expander, Timing, TokenIds

ADAPTER = "adapter_config.json"
MODEL_TYPES = ("qwen2_5_omni_thinker", "qwen2_5_omni")
WANTED = ("*.json", "*.safetensors", "*.jinja", "*.txt", "*.model")
SMALL = tuple(pattern for pattern in WANTED if pattern != "*.safetensors")
PROCESSOR_FILES = ("processor_config.json", "preprocessor_config.json", "chat_template.json")


def locate(source: str | Path, wanted: Sequence[str] = WANTED) -> Path:
    """Return the folder of a local model or of a hub download of the ``wanted`` files.

    Raises:
        AvereError: neither a folder nor a repository that can be reached.
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(str(source), allow_patterns=list(wanted)))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise AvereError(
            f"cannot find the model '{source}': no such folder, and the hub gave no such repository "
            f"({type(error).__name__}); give a folder with config.json, or a repository name and a connection"
        ) from error


def read_json(file: Path) -> dict[str, Any]:
    """Return a settings file of a model folder; empty where there is none.

    Raises:
        AvereError: it is not JSON.
    """
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except ValueError as error:
        raise AvereError(f"'{file}' is not JSON ({error}); copy or download the model again") from error
    return content


def open_thinker(folder: Path, options: QwenOptions) -> Qwen2_5OmniThinkerForConditionalGeneration:
    """Load the thinker of a folder, also out of a full Qwen2.5-Omni checkpoint; safetensors only.

    Raises:
        AvereError: another kind of model, no weights, or attention that packed rows cannot use.
    """
    content = read_json(folder / "config.json")
    if content.get("model_type") not in MODEL_TYPES:
        raise AvereError(
            f"'{folder}' holds a model of type {content.get('model_type')!r}, "
            f"not {' or '.join(MODEL_TYPES)}; give a Qwen2.5-Omni folder"
        )
    config = Qwen2_5OmniThinkerConfig.from_dict(content.get("thinker_config", content))
    text = config.get_text_config()
    if "sliding_attention" in text.layer_types:
        raise AvereError(
            f"'{folder}' uses sliding-window attention, which packed rows cannot; "
            "switch it off in config.json"
        )
    if options.outlined:
        with torch.device("meta"):
            outline = Qwen2_5OmniThinkerForConditionalGeneration(config)
            nn.Module.to(outline, options.torch_dtype)
            return outline
    attention = options.attention_name(text.hidden_size // text.num_attention_heads)
    place, dtype = options.torch_device, options.torch_dtype
    quantised = {} if options.quantise is None else quantisation.arguments(place, dtype)
    try:
        thinker = Qwen2_5OmniThinkerForConditionalGeneration.from_pretrained(
            folder,
            config=config,
            dtype=dtype,
            attn_implementation={"": "sdpa", "text_config": attention},
            use_safetensors=True,
            local_files_only=True,
            **quantised,
        )
    except OSError as error:
        raise AvereError(
            f"cannot load the weights in '{folder}': {error}; it must hold safetensors files"
        ) from error
    thinker.train(mode=False)
    placed: Qwen2_5OmniThinkerForConditionalGeneration = nn.Module.to(thinker, place)
    return placed


def open_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load the tokenizer with its chat template.

    Raises:
        AvereError: one of them is missing.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise AvereError(
            f"cannot load a tokenizer from '{folder}': {error}; copy it beside the weights"
        ) from error
    separate = folder / "chat_template.json"
    if tokenizer.chat_template is None and separate.is_file():
        tokenizer.chat_template = read_json(separate)["chat_template"]
    if tokenizer.chat_template is None:
        raise AvereError(f"'{folder}' holds no chat template; put chat_template.jinja beside the tokenizer")
    return tokenizer


def open_extractor(folder: Path) -> WhisperFeatureExtractor:
    """Load the settings of the mel transform, or the published ones where the folder has none."""
    if any((folder / name).is_file() for name in PROCESSOR_FILES[:2]):
        return WhisperFeatureExtractor.from_pretrained(folder, local_files_only=True)
    published: Any = WhisperFeatureExtractor
    return cast(WhisperFeatureExtractor, published(feature_size=128))


def expander_of(config: Qwen2_5OmniThinkerConfig, *, interleaved: bool) -> Expander:
    """Return how prompts of this model are expanded."""
    ids = TokenIds(
        config.video_token_id, config.audio_token_id, config.audio_start_token_id, config.audio_end_token_id
    )
    vision: Any = config.vision_config
    timing = Timing(
        vision.spatial_merge_size,
        config.position_id_per_seconds,
        float(config.seconds_per_chunk),
    )
    return Expander(ids, timing, interleaved)


def write(
    folder: Path,
    network: Any,
    tokenizer: PreTrainedTokenizerBase,
    source: Path | None,
    state: Mapping[str, torch.Tensor] | None = None,
) -> None:
    """Write weights or adapter, tokenizer, template and processor settings as the libraries do.

    ``state`` holds the weights under the names of the module around the network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole = None if state is None else {name.removeprefix("network."): state[name] for name in state}
    if isinstance(network, PeftModel):
        network.save_pretrained(str(folder), save_embedding_layers=False, state_dict=whole)
    else:
        network.save_pretrained(folder, state_dict=whole)
    tokenizer.save_pretrained(folder)
    for name in PROCESSOR_FILES:
        if source is not None and (source / name).is_file() and source != folder:
            shutil.copyfile(source / name, folder / name)


def fingerprint(
    weights: str, adapter: str | None, tokenizer: PreTrainedTokenizerBase, options: QwenOptions
) -> str:
    """Return a digest of all that decides a model's numbers; the adapter's own digest among them."""
    parts = {
        "weights": weights,
        "adapter": adapter,
        "vocabulary": _sha256(json.dumps(sorted(tokenizer.get_vocab().items()))),
        "template": _sha256(str(tokenizer.chat_template)),
        "inputs": options.model_dump(mode="json", include=set(INPUTS)),
        "dtype": str(options.torch_dtype),
    }
    if options.quantise is not None:
        parts["quantise"] = options.quantise
    return _sha256(json.dumps(parts, sort_keys=True))


def digest_files(folder: Path) -> str:
    """Return a digest of a folder's safetensors files."""
    files = sorted(folder.glob("*.safetensors"))
    return _sha256("".join(f"{file.name} {_digest_file(file)}\n" for file in files))


def digest_state(named: Iterable[tuple[str, torch.Tensor]]) -> str:
    """Return a digest of tensors in memory."""
    state = hashlib.sha256()
    for name, tensor in named:
        state.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        state.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return state.hexdigest()


def _digest_file(file: Path) -> str:
    """Return the sha256 of a file; the hub's cache already names large files by it."""
    name = file.resolve().name
    if len(name) == 64 and set(name) <= set("0123456789abcdef"):
        return name
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
