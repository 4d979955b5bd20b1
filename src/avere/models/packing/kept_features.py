"""What frozen encoders made of media: who packs prompts looks here, who runs the encoders adds to it."""

import hashlib
import json
from contextlib import AbstractContextManager
from typing import NamedTuple

import torch

from avere.models.packing.feature_store import FeatureStore, Kept
from avere.models.packing.memory import Memory

LATEST = 64
"""Media whose features stay in memory; about 10 MB each for a model of 7 billion weights."""


class Perception(NamedTuple):
    """All besides a medium that decides its features."""

    encoders: str
    """Digest of their weights."""
    computed: tuple[str, ...]
    """Device, and number type and attention of each encoder."""
    device: str
    autocast: torch.dtype | None
    """The type that the encoders compute in where it is safe; None: their own."""

    def applied(self) -> AbstractContextManager[object]:
        """Compute so, whatever the caller's context."""
        return torch.autocast(self.device, self.autocast, enabled=self.autocast is not None)


class KeptFeatures:
    """Features by medium, for encoders that stay as they are."""

    def __init__(self, store: FeatureStore, perception: Perception) -> None:
        """Look into ``store``, and keep the latest in memory as well."""
        self.perception = perception
        self._store = store
        self._latest = Memory[Kept | None](LATEST)
        self._common = json.dumps([perception.encoders, *perception.computed, str(perception.autocast)])

    def key(self, medium: str) -> str:
        """Name the features of a medium, which is given by the digest of all that the encoders get."""
        return hashlib.sha256(f"{self._common} {medium}".encode()).hexdigest()

    def find(self, key: str) -> Kept | None:
        """Find what is kept under a key."""
        return self._latest.get(key, lambda: self._store.find(key))

    def add(self, key: str, kept: Kept) -> None:
        """Keep the features of a medium."""
        self._store.add(key, kept)
