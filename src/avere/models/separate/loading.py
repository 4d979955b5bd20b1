"""Opening a folder of the library: configuration, weights, processor and template, and no stranger's code."""

from pathlib import Path
from typing import Any

from torch import nn
from transformers import AutoModelForMultimodalLM, AutoProcessor
from transformers.models.auto.modeling_auto import MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES

from avere.errors import AvereError
from avere.models.packing.folder import open_tokenizer
from avere.models.packing.loading import WANTED
from avere.models.packing.network import open_weights, read_config
from avere.models.packing.options import device_of, number_type_of, settle_kernels
from avere.models.packing.ownership import locate_folder
from avere.models.separate.model import StockModel
from avere.models.separate.options import StockOptions

MODEL_TYPES = tuple(MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES)
"""What the library can answer with when it is shown or played something."""


def load_stock(source: str | Path, options: StockOptions) -> StockModel:
    """Load a folder or hub repository.

    Raises:
        AvereError: nothing usable is there; the text says what is missing.
    """
    folder = locate_folder(source, WANTED)
    read_config(folder, MODEL_TYPES, "one that the library answers with, or a folder of a family")
    tokenizer = open_tokenizer(folder)
    processor = open_processor(folder)
    device = device_of(options)
    settle_kernels(device)
    network = open_weights(AutoModelForMultimodalLM, folder, dtype=number_type_of(options))
    network.train(mode=False)
    return StockModel(nn.Module.to(network, device), processor, tokenizer, options, folder)


def open_processor(folder: Path) -> Any:
    """Open the processor of a folder.

    Raises:
        AvereError: it is not there, or what it needs is not installed.
    """
    auto: Any = AutoProcessor  # untyped
    try:
        return auto.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # whatever the library makes of a damaged file or a package that is missing
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise AvereError(
            f"cannot open the processor in '{folder}': {reason}; copy its settings beside the weights, and "
            "install what it names (pictures need torchvision)"
        ) from error
