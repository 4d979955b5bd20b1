"""Features of frozen encoders, kept on disk: one safetensors file a medium, up to a bound."""

import hashlib
import json
import logging
from pathlib import Path

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


def feature_key(fingerprint: str, medium: str, machine: str) -> str:
    """Name a medium's features: of the model, the medium and how they are computed.

    >>> feature_key("weights", "medium", "bfloat16 sdpa") == feature_key("weights", "medium", "float32 sdpa")
    False
    """
    return hashlib.sha256(json.dumps([fingerprint, medium, machine]).encode()).hexdigest()


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

    def find(self, name: str) -> Tensor | None:
        """Find the features of a key; None where no file can be trusted to hold them."""
        file = self._file(name)
        if not file.is_file():
            return None
        try:
            with safe_open(file, framework="pt") as content:
                features: Tensor = content.get_tensor(NAME)
                told = content.metadata()
        except (SafetensorError, OSError) as error:
            logger.warning("'%s' cannot be read (%s); its features are computed again", file, error)
            return None
        if told != _told(name, features):
            logger.warning("'%s' holds something else than its name says; it is computed again", file)
            return None
        return features

    def add(self, name: str, features: Tensor) -> None:
        """Keep features, unless the folder is full."""
        content = features.detach().cpu().contiguous()
        if not self._fits(content.nbytes):
            return
        with files.create_whole(self._file(name)) as unfinished:
            save_file({NAME: content}, unfinished, metadata=_told(name, content))

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


def _told(name: str, features: Tensor) -> dict[str, str]:
    """Describe the content of a file, for its own metadata."""
    with torch.no_grad():
        return {"key": name, "digest": digest_state([(NAME, features)])}
