"""What the stages may ask of a model; adapters in ``avere.models`` fulfil it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from avere.records import MediaTokens, Medium, Record, Status

if TYPE_CHECKING:
    from torch import nn


class Turn(Record):
    """An earlier turn of a conversation."""

    text: str
    response: str


class Prompt(Record):
    """What is asked of a model: words, and the media they are about; None = that medium is withheld."""

    text: str
    video: Medium | None = None
    audio: Medium | None = None
    history: tuple[Turn, ...] = ()
    """What was asked and answered before, first to last; the media stand before the first turn."""


class Candidate(Record):
    """The question "how likely is this response to that ask?"."""

    prompt: Prompt
    response: str


class Usage(Record):
    """What a reply of a service took: tokens, and money where its price is known."""

    input_tokens: int
    output_tokens: int
    cost: float | None = None
    """In the currency of the prices; None where the price is not known."""
    cached: bool = False
    """Said before and kept: nothing was sent or paid."""


class CostEstimate(Record):
    """What asking a service would take, told before anything is sent."""

    calls: int
    kept: int
    """Asks that cost nothing: answered before, or the same as another one."""
    unusable: int
    """Asks whose media cannot be read, so that nothing will be sent."""
    input_tokens: int
    output_tokens: int
    """At most: every reply as long as it may be."""
    cost: float | None
    """None where the price is not known."""
    currency: str


class Reply(Record):
    """What a model answered to one ask; ``index`` is the ask's place in the call."""

    index: int
    text: str
    status: Status = "ok"
    reason: str | None = None
    media_tokens: MediaTokens = MediaTokens()
    seconds: float | None = None
    usage: Usage | None = None
    """Of models behind an API."""


class TokenCounts(NamedTuple):
    """The tokens of one forward over some readings."""

    packed: int
    """That are computed, every shared prefix once."""
    padded: int
    """That the packed rows have room for."""
    separate: int
    """That as many forwards as readings would compute."""
    scored: int
    """Of the responses."""
    media: int
    """Of distinct media."""


class ModelSize(NamedTuple):
    """The sizes of a model that memory and time follow from."""

    layers: int
    width: int
    feed_forward: int
    vocabulary: int
    body: int
    """Weights in the layers of the language model."""
    last: int
    """Of these, what only positions that predict a response token go through: the last layer without its
    keys and values."""
    encoders: int
    """Weights of the media encoders."""
    total: int
    trained: int


class Responder(Protocol):
    """A model that answers in words."""

    name: str
    fingerprint: str

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[Reply]:
        """Yield replies as they finish; the caller stores each before taking the next."""


class PricedResponder(Responder, Protocol):
    """A model behind an API, which can tell beforehand what asking would take."""

    def estimate(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int = 0,
        schema: Mapping[str, Any] | None = None,
    ) -> CostEstimate:
        """Return calls, tokens and price; nothing is sent."""


class Scorer(Protocol):
    """A model that tells how likely responses are."""

    name: str
    fingerprint: str

    def score(self, candidates: Sequence[Candidate]) -> list[float]:
        """Return the summed log-probability of each response, end token included, in order."""


E_co = TypeVar("E_co", covariant=True)


class Trainable(Protocol[E_co]):
    """A model whose log-probabilities can be trained."""

    module: nn.Module
    """``module(encoded)`` IS the log-probs, one a reading, so that DDP and FSDP see a forward call."""
    fingerprint: str

    def encode(self, candidates: Sequence[Candidate]) -> E_co:
        """Turn readings into tensors; order kept, equal content shared; runs in a loader's worker."""

    def as_reference(self) -> AbstractContextManager[None]:
        """Enter the model before training: adapters off, or the frozen copy."""
