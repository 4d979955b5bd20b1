"""Features of frozen encoders, kept on disk: one safetensors file a medium, up to a bound.

Beside the features of a medium stands its outline, which is all that a prompt's layout needs of it. So a
medium whose features are kept is neither decoded nor seen by an encoder again.
"""

import logging
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from avere import files
from avere.models.packing.weights import digest_state

NAME = "features"
AT_ONCE = 16
"""A process writes a sixteenth of the free room before it counts again what all of them wrote."""

logger = logging.getLogger("avere.models")


class Kept(NamedTuple):
    """What is kept of a medium."""

    features: Tensor
    outline: str
    """All but its content, see :class:`~avere.models.packing.family.MediumInput`."""


class FeatureStore:
    """Features by key in a folder that processes and runs may share.

    A file appears whole or not at all and tells its key and the digest of what it holds; one that does not
    fit is computed again and replaced. Nothing is removed: at the bound no more is written. Up to ``AT_ONCE``
    processes that write at once pass the bound by a file each at most.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        """Keep up to ``limit`` bytes in ``folder``."""
        self.folder = folder
        self.limit = limit
        self.full = False
        self._allowance = 0.0

    def find(self, name: str) -> Kept | None:
        """Find what is kept under a key; None where no file can be trusted to hold it."""
        file = self._file(name)
        if not file.is_file():
            return None
        try:
            with safe_open(file, framework="pt") as content:
                told = content.metadata() or {}
                kept = Kept(content.get_tensor(NAME), told.get("outline", ""))
        except (SafetensorError, OSError) as error:
            logger.warning("'%s' cannot be read (%s); its features are computed again", file, error)
            return None
        if told != _told(name, kept):
            logger.warning("'%s' holds something else than its name says; it is computed again", file)
            return None
        return kept

    def add(self, name: str, kept: Kept) -> None:
        """Keep the features and the outline of a medium, unless the folder is full."""
        content = kept._replace(features=kept.features.detach().cpu().contiguous())
        if not self._fits(content.features.nbytes):
            return
        with files.create_whole(self._file(name)) as unfinished:
            save_file({NAME: content.features}, unfinished, metadata=_told(name, content))

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.safetensors"

    def _fits(self, size: int) -> bool:
        """True where there is room; say once when there is none."""
        if self.full:
            return False
        if size > self._allowance:
            free = self.limit - sum(file.stat().st_size for file in self.folder.glob("[!.]*.safetensors"))
            self._allowance = max(size, free / AT_ONCE)
            self.full = size > free
        if self.full:
            logger.warning(
                "'%s' is full at %.1f GB; features of further media are computed each time",
                self.folder,
                self.limit / 1e9,
            )
            return False
        self._allowance -= size
        return True


def _told(name: str, kept: Kept) -> dict[str, str]:
    """Describe the content of a file, for its own metadata."""
    with torch.no_grad():
        digest = digest_state([(f"{NAME} {kept.outline}", kept.features)])
    return {"key": name, "outline": kept.outline, "digest": digest}
