"""Loading a model of a family: a whole folder, an adapter with its base, or a hub repository."""

from pathlib import Path
from typing import TypeVar

from avere import files
from avere.errors import AvereError
from avere.models.packing import adapters, quantisation
from avere.models.packing.family import Family
from avere.models.packing.folder import options_in
from avere.models.packing.model import LocalModel
from avere.models.packing.options import LocalOptions, device_of, is_outlined, number_type_of, row_limit_of
from avere.models.packing.ownership import ADAPTER, CONFIG, base_of, family_in, locate_folder
from avere.models.packing.packer import Packer

WANTED = ("*.json", "*.safetensors", "*.jinja", "*.txt", "*.model")
SMALL = tuple(pattern for pattern in WANTED if pattern != "*.safetensors")

P = TypeVar("P", bound=LocalOptions)


def load_model(family: Family, source: str | Path, options: P) -> LocalModel:
    """Load a model or adapter folder, or a hub repository; what the caller chose wins over the folder's.

    Raises:
        AvereError: nothing usable is there, or it is another family's; the text says what to give.
    """
    outlined = is_outlined(options)
    if options.quantise is not None and not outlined:
        quantisation.check(device_of(options))
    folder = locate_folder(source, SMALL if outlined else WANTED)
    named = family_in(folder)
    if named not in {None, family.name}:
        raise AvereError(
            f"'{source}' was saved by the family '{named}', not '{family.name}'; load it as that"
        )
    chosen = options_in(folder, options)
    if (folder / ADAPTER).is_file() and not (folder / CONFIG).is_file():
        if chosen.adapter is not None:
            raise AvereError(
                f"'{source}' is an adapter itself and cannot carry '{chosen.adapter}'; give a whole model"
            )
        return load_model(family, base_of(folder), chosen.model_copy(update={"adapter": folder}))
    chosen = family.complete_options(folder, chosen)
    four_bits = chosen.quantise is not None and not outlined
    place, number_type = device_of(chosen), number_type_of(chosen)
    more = quantisation.arguments(place, number_type, family.whole) if four_bits else {}
    with files.naming(folder):
        network = family.open_network(folder, chosen, more)
    processor = family.open_processor(folder, chosen, network.config)
    packer = Packer(processor, row_limit_of(chosen))
    with files.naming(chosen.adapter or folder):
        adapted = network if chosen.adapter is None else adapters.read(network, chosen.adapter)
    return LocalModel(family, adapted, packer, chosen, folder)
