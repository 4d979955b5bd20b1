"""Packed rows and what is asked of them, as tensors that travel from a loader's worker to a device.

Three things of a packed row are told apart. Its *tokens* are what stands in it. Its *positions* are where
each token would stand on its own path, so that two branches of one prefix both go on at the position after
it. Its *ends* say which nodes a token attends to: the ancestors on its path, see
:mod:`avere.models.packing.forest`.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import torch
from jaxtyping import Float, Int64, Real
from torch import Tensor

from avere.models.packing.family import MediaInputs


class PackedMedium(NamedTuple):
    """A medium of packed rows."""

    name: str
    """Equal names mean equal features."""
    outline: str
    """All but its content."""
    features: Float[Tensor, "features width"] | None = None
    """What encoders made of it before; None: the inputs hold it."""


@dataclass(frozen=True)
class PackedRows:
    """Rows of merged paths and the media that stand in them; the input of a network."""

    tokens: Int64[Tensor, "rows length"]
    positions: Real[Tensor, "axes rows length"]
    ends: Int64[Tensor, "rows length"]
    inputs: MediaInputs
    """What the family's encoders take, of the media without features."""
    media_places: Int64[Tensor, " media_tokens"]
    """Where media tokens lie in the flattened rows."""
    media_sources: Int64[Tensor, " media_tokens"]
    """Which media feature stands there, counted over all videos, then all sounds."""
    media: tuple[PackedMedium, ...]
    """All videos, then all sounds."""

    def alone(self, number: int) -> Self:
        """Take all media but one away, which the encoders have not seen before."""
        place = sum(medium.features is None for medium in self.media[:number])
        return replace(self, inputs=self.inputs.alone(place), media=self.media[number : number + 1])

    def to(self, device: torch.device | str) -> Self:
        """Copy to another device."""
        return type(self)(
            tokens=self.tokens.to(device),
            positions=self.positions.to(device),
            ends=self.ends.to(device),
            inputs=self.inputs.to(device),
            media_places=self.media_places.to(device),
            media_sources=self.media_sources.to(device),
            media=tuple(
                medium if medium.features is None else medium._replace(features=medium.features.to(device))
                for medium in self.media
            ),
        )


@dataclass(frozen=True)
class PackedCandidates:
    """Candidates as tensors: packed rows, and where each response token is predicted."""

    packed: PackedRows
    predictors: Int64[Tensor, " targets"]
    """Where the state that predicts each response token lies in the flattened rows."""
    targets: Int64[Tensor, " targets"]
    owners: Int64[Tensor, " targets"]
    """The candidate that each response token belongs to."""
    count: int
    """Number of candidates."""
    by_token: bool = False
    """Whether each token's value is wanted, not their sum."""

    def to(self, device: torch.device | str) -> Self:
        """Copy to another device."""
        return type(self)(
            packed=self.packed.to(device),
            predictors=self.predictors.to(device),
            targets=self.targets.to(device),
            owners=self.owners.to(device),
            count=self.count,
            by_token=self.by_token,
        )


@dataclass(frozen=True)
class PackedPrompts:
    """Prompts as tensors: packed rows, and each prompt's nodes from first to last."""

    packed: PackedRows
    places: tuple[Int64[np.ndarray, " _"], ...]
    starts: Real[Tensor, " prompts"]
    """Position of the first reply token, on every axis."""

    def to(self, device: torch.device | str) -> Self:
        """Copy to another device."""
        return type(self)(self.packed.to(device), self.places, self.starts.to(device))
