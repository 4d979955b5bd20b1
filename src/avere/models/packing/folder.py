"""Folders of models and adapters: finding and reading them, and writing what a model is saved as."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from peft import PeftModel
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from avere import files, settings
from avere.errors import AvereError
from avere.models.packing.options import LocalOptions
from avere.models.packing.ownership import STORED, read_json, stored_inputs
from avere.models.packing.templates import check_template

PROCESSOR_FILES = ("processor_config.json", "preprocessor_config.json", "chat_template.json")

P = TypeVar("P", bound=LocalOptions)


def options_in(folder: Path, options: P) -> P:
    """Fill options with the folder's values wherever the caller gave none.

    Raises:
        SettingsError: the folder's file holds unknown or wrong values.
    """
    stored = stored_inputs(folder)
    if not stored:
        return options
    chosen = {name: getattr(options, name) for name in options.model_fields_set}
    kind: Any = type(options)
    filled: P = settings.check({**stored, **chosen}, kind, str(folder / STORED))
    return filled


def write_inputs(folder: Path, family: str, inputs: Mapping[str, object]) -> None:
    """Store whose model this is and what it was made for."""
    text = json.dumps({"family": family, **inputs}, indent=2, sort_keys=True)
    files.write_text(folder / STORED, text + "\n")


def open_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load the tokenizer with its chat template.

    Raises:
        AvereError: one of them is missing or cannot be used, or the folder wants to run code of its own.
    """
    _refuse_code(folder)
    try:
        # Said outright: left open, the library asks on the terminal whether to run a stranger's code.
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # whatever the library makes of a damaged file
        raise AvereError(
            f"cannot load a tokenizer from '{folder}': {error}; copy it beside the weights"
        ) from error
    separate = folder / "chat_template.json"
    if tokenizer.chat_template is None and separate.is_file():
        tokenizer.chat_template = read_json(separate)["chat_template"]
    if tokenizer.chat_template is None:
        raise AvereError(f"'{folder}' holds no chat template; put chat_template.jinja beside the tokenizer")
    check_template(tokenizer)
    return tokenizer


def _refuse_code(folder: Path) -> None:
    """Refuse a folder whose settings name classes in files of its own."""
    for name in ("config.json", "tokenizer_config.json", *PROCESSOR_FILES[:2]):
        if "auto_map" in read_json(folder / name):
            raise AvereError(
                f"'{folder / name}' names classes of the folder's own code ('auto_map'), which is never run; "
                "take the entry out if the library knows this kind of model, or use another folder"
            )


def write_network(
    folder: Path,
    network: PreTrainedModel | PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    source: Path | None,
    state: Mapping[str, torch.Tensor] | None = None,
) -> None:
    """Write weights or adapter, tokenizer, template and processor settings as the libraries do.

    ``state`` holds the weights under the names of the module around the network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole = None if state is None else {name.removeprefix("network."): state[name] for name in state}
    with files.naming(folder):
        if isinstance(network, PeftModel):
            network.save_pretrained(str(folder), save_embedding_layers=False, state_dict=whole)
        else:
            network.save_pretrained(folder, state_dict=whole)
        tokenizer.save_pretrained(folder)
    for name in PROCESSOR_FILES:
        if source is not None and (source / name).is_file() and source != folder:
            shutil.copyfile(source / name, folder / name)
