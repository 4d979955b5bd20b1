"""Digests that tell models apart: of weights, in files or in memory, and of all else that decides numbers."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase

from avere import files
from avere.models.packing.options import MachineOptions, number_type_of


def fingerprint(
    weights: str, adapter: str | None, tokenizer: PreTrainedTokenizerBase, options: MachineOptions
) -> str:
    """Digest all that decides a model's numbers; the adapter's own digest among them."""
    parts = {
        "weights": weights,
        "adapter": adapter,
        "vocabulary": _sha256(json.dumps(sorted(tokenizer.get_vocab().items()))),
        "template": _sha256(str(tokenizer.chat_template)),
        "inputs": options.inputs(),
        "dtype": str(number_type_of(options)),
    }
    if options.quantise is not None:
        parts["quantise"] = options.quantise
    return _sha256(json.dumps(parts, sort_keys=True))


def digest_weights(folder: Path) -> str:
    """Digest a folder's safetensors files."""
    found = sorted(folder.glob("*.safetensors"))
    return _sha256("".join(f"{file.name} {_digest_file(file)}\n" for file in found))


def digest_state(named: Iterable[tuple[str, torch.Tensor]]) -> str:
    """Digest tensors in memory."""
    state = hashlib.sha256()
    for name, tensor in named:
        state.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        state.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return state.hexdigest()


def _digest_file(file: Path) -> str:
    """Find the sha256 of a file; the hub's cache already names large files by it."""
    name = file.resolve().name
    if len(name) == 64 and set(name) <= set("0123456789abcdef"):
        return name
    return files.digest(file)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
