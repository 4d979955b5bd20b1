"""Which tensor of which file becomes which weight of the model; everything else is named."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import torch

from avere.errors import AvereError
from avere.models.avere_7b.configuration import AvereConfig
from avere.models.avere_7b.conversion.adapter import LoraFactors, read_adapter
from avere.models.avere_7b.conversion.checkpoint import Stored, list_weight_files, read_headers
from avere.models.avere_7b.modeling import AvereForConditionalGeneration
from avere.models.avere_7b.names import CHECKPOINT, LANGUAGE_BIND, WHISPER, Rules, translate_name
from avere.models.packing.ownership import ADAPTER

BESIDE = ("speech_projector.bin", "mm_projector.bin")
"""Parts that stages of training wrote beside a checkpoint; used where the checkpoint lacks them."""
TRAINED = ("non_lora_trainables.bin", "non_lora_trainables.safetensors")


class Backbones(NamedTuple):
    """Folders of the frozen parts; None where none is given."""

    vision: Path | None
    speech: Path | None
    bert: Path | None


class Plan(NamedTuple):
    """Where every weight comes from, and what is left out."""

    used: Mapping[str, Stored]
    factors: Mapping[str, LoraFactors]
    """By our names: what is added to the weight."""
    unused: Mapping[str, tuple[str, ...]]
    """Reasons, and the tensors that are left out for them."""


class _Sources:
    """Tensors in the order in which they are found; the first that becomes a weight is used."""

    def __init__(self) -> None:
        self.used: dict[str, Stored] = {}
        self.unused: dict[str, list[str]] = {}

    def add(self, files: Iterable[Path], rules: Rules, replaced: str) -> None:
        """Sort the tensors of some files; ``replaced`` says why one is left out that is found already.

        Raises:
            AvereError: no rule knows a name.
        """
        for file in files:
            unknown = []
            for name, stored in read_headers(file).items():
                try:
                    ours = translate_name(plain_name(name), rules)
                except LookupError:
                    unknown.append(name)
                    continue
                if ours is None:
                    self._leave("no effect on the model", stored)
                elif ours in self.used:
                    self._leave(replaced, stored)
                else:
                    self.used[ours] = stored
            if unknown:
                raise AvereError(
                    f"'{file}' holds {len(unknown)} weights that no part of AVERE-7B has, '{unknown[0]}' "
                    "among them; give the checkpoint and backbones of that model"
                )

    def _leave(self, reason: str, stored: Stored) -> None:
        self.unused.setdefault(reason, []).append(f"{stored.file.name}: {stored.name}")


def plain_name(name: str) -> str:
    """Take away what wrappers put before a name.

    >>> plain_name("base_model.model.model.mm_projector.0.bias"), plain_name("model.norm.weight")
    ('model.mm_projector.0.bias', 'model.norm.weight')
    """
    return name.removeprefix("base_model.model.")


def make_plan(checkpoint: Path, base: Path | None, backbones: Backbones, config: AvereConfig) -> Plan:
    """Plan a conversion; the backbones' own weights win over the checkpoint's, as in the released code.

    Raises:
        AvereError: a weight is missing, has another shape, or is unknown.
    """
    found = _Sources()
    for folder, rules in ((backbones.vision, LANGUAGE_BIND), (backbones.speech, WHISPER)):
        if folder is not None:
            found.add(list_weight_files(folder), rules, "twice in the backbone")
    trained = [checkpoint / name for name in (*TRAINED, *BESIDE) if (checkpoint / name).is_file()]
    has_adapter = (checkpoint / ADAPTER).is_file()
    copy = "the backbone's own, or those of a later stage, are used"
    if base is not None:
        found.add([file for file in trained if file.name in TRAINED], CHECKPOINT, copy)
    whole = list_weight_files(base or checkpoint)
    found.add(whole, CHECKPOINT, copy)
    found.add([file for file in trained if base is None or file.name in BESIDE], CHECKPOINT, copy)
    factors = read_adapter(checkpoint, found.used) if has_adapter and base is not None else {}
    _check(found.used, config, checkpoint)
    return Plan(found.used, factors, {reason: tuple(names) for reason, names in found.unused.items()})


def expected_shapes(config: AvereConfig) -> dict[str, tuple[int, ...]]:
    """List the weights of a model of this shape."""
    with torch.device("meta"):
        network = AvereForConditionalGeneration(config)
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def _check(used: Mapping[str, Stored], config: AvereConfig, checkpoint: Path) -> None:
    """Compare what is found with what the model needs.

    Raises:
        AvereError: something is missing, too much, or of another shape.
    """
    wanted = expected_shapes(config)
    absent = [name for name in wanted if name not in used]
    if absent:
        parts = sorted(
            {".".join(name.split(".")[1:3]) if "encoder" in name else "language" for name in absent}
        )
        raise AvereError(
            f"{len(absent)} weights are nowhere in '{checkpoint}' and the backbones, '{absent[0]}' among "
            f"them (of {', '.join(parts)}); give the missing part, with --backbones where it is an encoder"
        )
    for name, stored in used.items():
        if name not in wanted:
            raise AvereError(
                f"'{stored.file}' holds '{stored.name}', beyond the layers that config.json tells; give the "
                "config.json of this checkpoint"
            )
        if stored.shape != wanted[name]:
            raise AvereError(
                f"'{stored.file}' holds '{stored.name}' of shape {list(stored.shape)}, and config.json "
                f"promises {list(wanted[name])}; give the config.json of this checkpoint"
            )
