"""Any other model of transformers that sees or hears, by its own processor: it answers and scores.

Such a model is read as it comes, one forward a candidate: it does not train here, and what candidates have in
common is computed again. Gemma 4, NemotronH-Omni, Qwen2-Audio and others come in by this door.
``stock:FOLDER`` reads a family of ours the same way, by its processor's settings and not those of avere.json.
"""

import re
from pathlib import Path

from avere import settings
from avere.errors import AvereError
from avere.interfaces import ModelAbilities
from avere.models.packing.ownership import is_claimed
from avere.models.separate.loading import MODEL_TYPES, load_stock
from avere.models.separate.model import StockModel
from avere.models.separate.options import StockOptions

ABILITIES = ModelAbilities(
    "a folder or hub repository, google/gemma-4-E2B-it, or stock:FOLDER", ("video", "audio"), scores=True,
    needs=("torch", "transformers", "torchvision"), extra="stock",
)  # fmt: skip
SOURCE = re.compile(r"(?:stock:)?(?P<folder>.+?)(?P<options>(?:,\w+=[^,]*)*)")
"""``stock:FOLDER`` or ``stock:FOLDER,pictures=true,frames=16``."""


def handles(source: str) -> bool:
    """True where the library answers with the model of a folder or hub repository, and no family saved it.

    Modules are asked by name, and all families come before this one.
    """
    return is_claimed(source, "stock", MODEL_TYPES)


def load(source: str | Path, **options: object) -> StockModel:
    """Load a model; ``options`` are the fields of :class:`StockOptions`, and win over the source's.

    Raises:
        AvereError: nothing usable is there, or an option is wrong.
    """
    found = SOURCE.fullmatch(str(source))
    if found is None:
        raise AvereError(f"'{source}' names no model; give stock:FOLDER")
    told = dict(pair.split("=", 1) for pair in found["options"].split(",")[1:])
    chosen = settings.check({**told, **options}, StockOptions, f"options for '{source}'")
    return load_stock(found["folder"], chosen)
