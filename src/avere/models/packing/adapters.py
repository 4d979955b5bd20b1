"""Adapters of a network: a fresh one, one from a folder, and its weights, which tell models apart."""

from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from transformers import PreTrainedModel

from avere.errors import AvereError
from avere.models.packing.ownership import ADAPTER


def fresh(network: PreTrainedModel, config: LoraConfig, seed: int) -> PeftModel:
    """Put an adapter on a network that changes nothing until it is trained; the rest no longer trains."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return get_peft_model(network, config)


def read(network: PreTrainedModel, folder: Path) -> PeftModel:
    """Put the adapter of a folder on a network, to be trained further.

    Raises:
        AvereError: the folder holds none, or one for another model.
    """
    if not (folder / ADAPTER).is_file():
        raise AvereError(f"'{folder}' holds no {ADAPTER}; give the folder that training saved")
    try:
        return PeftModel.from_pretrained(network, str(folder), is_trainable=True, local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise AvereError(
            f"the adapter '{folder}' does not fit this model: {error}; give its own base"
        ) from error


def state(network: PreTrainedModel | PeftModel) -> list[tuple[str, torch.Tensor]]:
    """List the weights of an adapter by name, sorted; none where there is no adapter."""
    if not isinstance(network, PeftModel):
        return []
    return sorted(get_peft_model_state_dict(network).items())
