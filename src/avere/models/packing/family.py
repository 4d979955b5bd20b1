"""A family of models hands in what differs between families; packing knows nothing else of it.

A family says two things. :class:`Family` names the parts of the library's network and runs them.
:class:`Processor` belongs to one loaded model: it turns prompts and media into tokens, positions and the
inputs of encoders. It holds no weights, so that it can work in a loader's process.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self, TypeVar

import numpy as np
import torch
from jaxtyping import Int64, Real
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from avere.interfaces import Prompt
from avere.models.packing.last_layer import Rotate
from avere.records import Medium, Modality


class PromptLayout(NamedTuple):
    """A prompt as the language model gets it, with a place for every media token."""

    tokens: Int64[np.ndarray, " length"]
    """Token ids; those in the places of media are not looked at."""
    positions: Real[np.ndarray, "axes length"]
    """Rotary positions, whole or not: one axis for words alone, three (time, height, width) with pictures."""
    media: Mapping[Modality, Int64[np.ndarray, " _"]]
    """Where the tokens of each medium stand, first to last."""


class MediumInput(Protocol):
    """One medium, decoded and ready for its encoder."""

    @property
    def tokens(self) -> int:
        """Number of features that the encoder makes of it."""

    @property
    def cut(self) -> float:
        """Seconds of it that were cut off, because the model takes no more."""

    @property
    def outline(self) -> str:
        """All but its content, as text: what a processor needs to lay it out again without decoding."""


class MediaInputs(Protocol):
    """What the encoders take, of all media of a forward."""

    def alone(self, number: int) -> Self:
        """Take one medium out; all videos are counted before all sounds."""

    def to(self, device: torch.device | str) -> Self:
        """Copy to another device."""


M = TypeVar("M", bound=MediumInput)


class Processor(Protocol[M]):
    """Tokenizer, chat template and media layout of one model; ``M`` is how a decoded medium is kept."""

    tokenizer: PreTrainedTokenizerBase
    end: str
    """The token that ends a response."""
    media_order: tuple[Modality, ...]
    """How media stand in a prompt with several; empty for a model of words alone."""

    def read(self, modality: Modality, medium: Medium) -> M:
        """Decode a medium.

        Raises:
            MediaError: it cannot be decoded, or no token would reach the model.
        """

    def recall(self, modality: Modality, outline: str) -> M:
        """Make a medium without content from its outline; it is laid out, but not stacked."""

    def render(self, prompt: Prompt, modalities: Sequence[Modality]) -> str:
        """Write the chat text of a prompt up to the response, with one placeholder a medium.

        Raises:
            AvereError: the words hold a placeholder themselves, or the template drops a medium.
        """

    def lay_out(self, prompt: Prompt, media: Mapping[Modality, M]) -> PromptLayout:
        """Expand the placeholders of a prompt and give each token its position; ``media`` in their order."""

    def stack(self, media: Sequence[M]) -> MediaInputs:
        """Put media behind one another for the encoders: all videos, then all sounds."""

    def media_facts(self) -> dict[str, object]:
        """List all that decides the encoders' input besides the file; part of every digest."""

    def prompt_facts(self) -> dict[str, object]:
        """List all that decides a prompt's layout besides its text; part of a candidate's digest."""


class Sense(NamedTuple):
    """What an encoder perceives."""

    modality: Modality
    positions: float
    """Of the encoder, behind one token of the language model."""


class Family(NamedTuple):
    """What is common to all models of a family."""

    name: str
    """Stands in ``avere.json`` beside saved weights; it must never change, or old folders find no reader."""
    model_types: tuple[str, ...]
    """``model_type`` in the library's ``config.json``."""
    language: str
    """Dotted name of the module with the decoder layers; they have the library's usual names inside."""
    encoders: tuple[str, ...]
    """Dotted names of the media encoders; empty for a model of words alone."""
    linears: str
    """Regular expression of the layers that adapters are put on."""
    whole: tuple[str, ...]
    """Modules that keep their number type in four bits: encoders, and the head, whose products are scored."""
    rotate: Rotate
    """The library's rotary embedding of queries and keys."""
    read: Callable[..., Any]
    """``read(language, embedded, positions, mask, cache)``: the last hidden states of every node, or of those
    that the last layer returns; positions and mask are explicit, as packed rows have them."""
    perceive: Callable[[Any, Any], Any]
    """``perceive(network, inputs)``: the features that the encoders make of :class:`MediaInputs`. What goes
    beyond the width of an embedding is behind it, for ``read`` to put into deeper layers."""
    open_network: Callable[[Path, Any, Mapping[str, Any]], PreTrainedModel]
    """Load the weights of a folder as options say, with further arguments of ``from_pretrained``; the network
    must be fit to read packed rows."""
    open_processor: Callable[[Path, Any, Any], Processor[Any]]
    """Load what a folder says of prompts and media, given options and the network's configuration."""
    complete_options: Callable[[Path, Any], Any] = lambda _, options: options
    """Fill options that nobody chose with what a folder says beside ``avere.json``."""
    experts: tuple[str, ...] = ()
    """Ends of the names of the parameters that hold all experts of a layer; empty where there are none."""
    senses: tuple[Sense, ...] = ()
    """Of each encoder, for estimates of what it costs."""
