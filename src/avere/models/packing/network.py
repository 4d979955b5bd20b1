"""Weights of a folder in the library's class of a network: from safetensors only, none left to chance."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from transformers.utils.logging import disable_progress_bar

from avere.errors import AvereError
from avere.models.packing.options import LocalOptions, attention_of, device_of, is_outlined, number_type_of
from avere.models.packing.ownership import CONFIG, read_json


def read_config(folder: Path, model_types: Sequence[str], wanted: str) -> dict[str, Any]:
    """Read what a folder's configuration says, of a model that may be called so.

    Args:
        folder: of the weights.
        model_types: what the configuration may call itself.
        wanted: what to give instead, in words.

    Raises:
        AvereError: another kind of model.
    """
    content = read_json(folder / CONFIG)
    found = content.get("model_type")
    if found not in model_types:
        raise AvereError(
            f"'{folder}' holds a model of type {found!r}, not {' or '.join(model_types)}; give {wanted}"
        )
    return content


def read_network(kind: Any, folder: Path, config: Any, options: LocalOptions, more: Mapping[str, Any]) -> Any:
    """Load a network that reads packed rows; only its shapes where the options ask for an outline.

    Args:
        kind: the library's class, whose language model has the configuration's ``get_text_config()``.
        folder: of the weights.
        config: of the network.
        options: where and how it computes.
        more: arguments of ``from_pretrained``.

    Raises:
        AvereError: weights are missing or do not fit, or attention that packed rows cannot use.
    """
    place, dtype = device_of(options), number_type_of(options)
    if is_outlined(options):
        with torch.device("meta"):
            return nn.Module.to(kind(config), dtype)
    text = config.get_text_config()
    width = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    attention = attention_of(options, width)
    network = open_weights(
        kind,
        folder,
        config=config,
        dtype=dtype,
        attn_implementation={"": "sdpa", "text_config": attention},
        **more,
    )
    network.train(mode=False)
    return nn.Module.to(network, place)


def open_weights(kind: Any, folder: Path, **more: Any) -> Any:
    """Load a network from the safetensors files of a folder, every weight of it.

    Args:
        kind: the library's class, or one of its Auto classes.
        folder: of the weights.
        more: arguments of ``from_pretrained``.

    Raises:
        AvereError: weights are missing or do not fit.
    """
    # The library's bar would stand between what a command prints.
    cast(Callable[[], None], disable_progress_bar)()
    try:
        network, report = kind.from_pretrained(
            folder,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
            **more,
        )
    except (OSError, RuntimeError) as error:
        raise AvereError(
            f"cannot load the weights in '{folder}': {error}; it must hold safetensors files"
        ) from error
    if absent := sorted(report["missing_keys"]):
        # The library would draw them at random, and say so in a warning only.
        raise AvereError(
            f"'{folder}' lacks {len(absent)} weights, {absent[0]} among them; copy or convert the model again"
        )
    return network
