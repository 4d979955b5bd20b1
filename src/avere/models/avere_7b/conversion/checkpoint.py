"""Files of weights as others wrote them: safetensors, or pickles through the loader that runs no code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from avere.errors import AvereError
from avere.models.packing.ownership import AGAIN, read_json

INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
SINGLE = ("model.safetensors", "pytorch_model.bin")
TYPES = {
    **{"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16},
    **{"I64": torch.int64, "I32": torch.int32, "BOOL": torch.bool, "U8": torch.uint8},
}
"""Names of number types in safetensors files."""


class Stored(NamedTuple):
    """A tensor in a file."""

    file: Path
    name: str
    shape: tuple[int, ...]
    dtype: torch.dtype


def list_weight_files(folder: Path) -> list[Path]:
    """List the files that hold a checkpoint's weights, all of them there.

    Raises:
        AvereError: the folder holds none, or lacks some that its index names.
    """
    for name in INDEXES:
        if (folder / name).is_file():
            named = read_json(folder / name).get("weight_map")
            if not isinstance(named, dict):
                raise AvereError(f"'{folder / name}' holds no weight_map; {AGAIN}")
            files = [folder / each for each in sorted({Path(str(file)).name for file in named.values()})]
            absent = [file.name for file in files if not file.is_file()]
            if absent:
                raise AvereError(
                    f"'{folder}' lacks {len(absent)} of its {len(files)} files of weights, '{absent[0]}' "
                    f"among them; {AGAIN}"
                )
            return files
    for name in SINGLE:
        if (folder / name).is_file():
            return [folder / name]
    raise AvereError(
        f"'{folder}' holds no weights ({' or '.join(SINGLE)}, or files with an index); give the folder of a "
        "checkpoint"
    )


def read_headers(file: Path) -> dict[str, Stored]:
    """List the tensors of a file by name; their content is not read.

    Raises:
        AvereError: it is damaged, or no file of tensors.
    """
    if file.suffix == ".safetensors":
        with _opened(file) as content:
            slices = {name: content.get_slice(name) for name in content.keys()}  # noqa: SIM118 - no mapping
            return {
                name: Stored(file, name, tuple(each.get_shape()), TYPES[each.get_dtype()])
                for name, each in slices.items()
            }
    return {
        name: Stored(file, name, tuple(tensor.shape), tensor.dtype)
        for name, tensor in _unpickle(file, "meta").items()
    }


@contextmanager
def open_weights(file: Path) -> Iterator[Callable[[str], Tensor]]:
    """Give a function from names to the tensors of a file, each read when it is asked for.

    Raises:
        AvereError: it is damaged, or no file of tensors.
    """
    if file.suffix == ".safetensors":
        with _opened(file) as content:
            yield content.get_tensor
    else:
        yield _unpickle(file, "cpu").__getitem__


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    """Open a safetensors file.

    Raises:
        AvereError: it is damaged, or cannot be read.
    """
    try:
        with safe_open(file, framework="pt") as content:
            yield content
    except (SafetensorError, OSError) as error:
        raise AvereError(f"'{file}' cannot be read ({error}); {AGAIN}") from error


def _unpickle(file: Path, place: str) -> dict[str, Tensor]:
    """Read a file of torch.save, tensors only; those of the usual form stay on disk until they are used.

    Raises:
        AvereError: it holds something else, or is damaged.
    """
    try:
        try:
            content = torch.load(file, map_location=place, weights_only=True, mmap=True)
        except RuntimeError as error:
            if "mmap can only be used" not in str(error):
                raise
            content = torch.load(file, map_location=place, weights_only=True)
    except Exception as error:  # whatever a damaged pickle makes of the loader
        cause = " ".join(str(error).split())[:150]
        raise AvereError(
            f"'{file}' is no file of tensors that can be read without running its code ({cause}); {AGAIN}"
        ) from error
    if not isinstance(content, dict) or not all(isinstance(each, Tensor) for each in content.values()):
        raise AvereError(f"'{file}' holds other things than named tensors; give a file of weights")
    return content
