"""A trained adapter folded into its base: weights that transformers loads alone, with their model card."""

import shutil
from pathlib import Path

import avere
from avere.errors import AvereError
from avere.interfaces import Mergeable
from avere.preference import _model_card
from avere.preference._progress import LOG
from avere.preference._run_folder import CARD, RECIPE

ADAPTER = "adapter_config.json"


def merge_adapter(adapter: Path, out: Path, **options: object) -> Path:
    """Write the model that an adapter makes of its base, as a folder of its own.

    Args:
        adapter: a folder that training wrote, or any peft adapter of a model that avere loads.
        out: a folder that does not exist yet, or is empty.
        options: what ``avere.load`` takes besides.

    Raises:
        AvereError: there is no adapter, its base cannot be loaded, or ``out`` is in use.
    """
    if not (adapter / ADAPTER).is_file():
        raise AvereError(f"'{adapter}' holds no {ADAPTER}; give the folder that training wrote")
    if out.is_dir() and any(out.iterdir()):
        raise AvereError(f"'{out}' is not empty; give a new folder")
    model = avere.load(adapter, **options)
    if not isinstance(model, Mergeable):
        raise AvereError(f"{type(model).__name__} cannot fold an adapter into its weights")
    model.merge()
    model.save(out)
    for name in (RECIPE, LOG):  # which the card names
        if (adapter / name).is_file():
            shutil.copyfile(adapter / name, out / name)
    told = (adapter / CARD).read_text(encoding="utf-8") if (adapter / CARD).is_file() else ""
    (out / CARD).write_text(_model_card.of_merged(told), encoding="utf-8")
    return out
