"""What a stage may ask of a model; adapters in ``avere.models`` fulfil what they can.

A stage that needs an ability asks for it with ``isinstance(model, Scorer)``: that looks for the names of the
protocol, not for its types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, runtime_checkable

from avere.interfaces.messages import (
    Candidate,
    CostEstimate,
    Drawing,
    HeadShares,
    ModelSize,
    Prompt,
    Reply,
    SampledReply,
    TokenCounts,
)

if TYPE_CHECKING:
    from pathlib import Path

    from jaxtyping import Float, Int64
    from torch import Tensor, nn

    from avere.records import Clip, MediaTokens, Modality


@runtime_checkable
class Responder(Protocol):
    """A model that answers in words."""

    name: str
    fingerprint: str
    """Changes with whatever changes the answers: weights, adapter, template, media layout, number type."""

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[Reply]:
        """Yield replies as they finish; the caller stores each before taking the next."""


@runtime_checkable
class Model(Responder, Protocol):
    """What every model that `avere.load` gives can do; what else it can do, `isinstance` tells."""

    def ask(self, clip: Clip | Path | str, text: str, max_tokens: int = 128) -> str:
        """Answer a question about a clip.

        Raises:
            AvereError: the clip cannot be used, or there is no answer.
        """


@runtime_checkable
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
        """Estimate calls, tokens and price; nothing is sent."""


@runtime_checkable
class Scorer(Protocol):
    """A model that tells how likely responses are."""

    name: str
    fingerprint: str

    def score(self, candidates: Sequence[Candidate]) -> list[float]:
        """Sum the log-probability of each response, end token included, in order."""


@runtime_checkable
class Sampler(Protocol):
    """A model that draws several answers to a prompt and tells how likely each was."""

    name: str
    fingerprint: str

    def sample(
        self, prompts: Sequence[Prompt], names: Sequence[str], drawing: Drawing
    ) -> list[tuple[SampledReply, ...]]:
        """Draw answers to each prompt in one batch; the draws of a prompt depend on its name and the seed."""


class Decoding(Protocol):
    """How the next token follows from the logits of a prompt's views."""

    count: int
    """Number of views."""

    def views(self, prompt: Prompt) -> tuple[Prompt, ...]:
        """List the prompts that are read together, the real one first."""

    def choose(self, logits: Float[Tensor, "views rows tokens"]) -> Int64[Tensor, " rows"]:
        """Choose the next token of each prompt."""

    def log_probs(self, logits: Float[Tensor, "views rows tokens"]) -> Float[Tensor, "rows tokens"]:
        """Compute the log-probability of every token."""


@runtime_checkable
class DecodingModel(Protocol):
    """A local model that shows its logits, so that it can be told how to decode."""

    name: str
    fingerprint: str
    shows_logits: bool
    """Says that ``respond`` and ``score`` take a decoding; what cannot leaves the attribute out."""

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
        decoding: Decoding | None = None,
    ) -> Iterator[Reply]:
        """Yield replies; all views of all prompts are one batch with a cache."""

    def score(self, candidates: Sequence[Candidate], decoding: Decoding | None = None) -> list[float]:
        """Sum the log-probability of each response, end token included, in order."""


E_co = TypeVar("E_co", covariant=True)


@runtime_checkable
class Trainable(Protocol[E_co]):
    """A model whose log-probabilities can be trained."""

    module: nn.Module
    """``module(encoded)`` IS the log-probs, one a candidate, so that DDP and FSDP see a forward call."""
    fingerprint: str

    def encode(self, candidates: Sequence[Candidate]) -> E_co:
        """Turn candidates into tensors; order kept, equal content shared; runs in a loader's worker."""

    def as_reference(self) -> AbstractContextManager[None]:
        """Enter the model before training: adapters off, or the frozen copy."""


@runtime_checkable
class EncodesTokens(Protocol[E_co]):
    """A trainable model that also tells each token's log-probability."""

    def encode_tokens(self, candidates: Sequence[Candidate]) -> E_co:
        """Encode candidates; ``module(encoded)`` has a row each: its response's tokens, then zeros."""


@runtime_checkable
class Tunable(Trainable[Any], Protocol):
    """A model that can be trained and written."""

    def add_lora(
        self, *, rank: int, alpha: int, dropout: float, seed: int, dora: bool, experts: bool
    ) -> None:
        """Add low-rank adapters to the language model, its experts among them or not, and freeze the rest."""

    def freeze_reference(self) -> None:
        """Keep a frozen copy of the weights as the reference."""

    def save(self, folder: Path, state: Mapping[str, Tensor] | None = None) -> None:
        """Write what transformers and peft load; ``state`` holds the weights where they are dealt out."""


@runtime_checkable
class Mergeable(Protocol):
    """A model that can fold its adapter into its weights."""

    def merge(self) -> None:
        """Fold the adapter into the weights."""

    def save(self, folder: Path) -> None:
        """Write what transformers loads."""


@runtime_checkable
class CountsTokens(Protocol):
    """A model that tells how long a response is, for losses that average over tokens."""

    def response_tokens(self, candidates: Sequence[Candidate]) -> list[int]:
        """Count the scored tokens of each response, its end token included."""


@runtime_checkable
class FindsFaults(Protocol):
    """A model that tells whether it can read media."""

    def fault(self, prompt: Prompt) -> str | None:
        """Say why the media of a prompt cannot be used; None where they can."""


@runtime_checkable
class ShowsAttention(Protocol):
    """A local model that tells what its heads attend to."""

    name: str
    fingerprint: str

    def share_attention(self, candidate: Candidate) -> HeadShares:
        """Compute exactly how each head deals out its attention over sound, picture, prompt and response.

        Raises:
            MediaError: a medium cannot be used.
        """


@runtime_checkable
class CountsMedia(Protocol):
    """A model that tells how much of a prompt's media reaches it."""

    def media_tokens(self, prompt: Prompt) -> MediaTokens:
        """Count the tokens that the media become, and the seconds of sound that are cut off.

        Raises:
            MediaError: one cannot be used.
        """


@runtime_checkable
class NamesCandidates(Protocol):
    """A model that tells apart all candidates to which it may give different numbers."""

    def candidate_digest(self, candidate: Candidate) -> str:
        """Digest token ids, media, corruption, processing, number type and attention."""


@runtime_checkable
class KeepsFeatures(Protocol):
    """A model whose frozen encoders see a medium once."""

    def keep_features(self, folder: Path, limit: int, autocast: Literal["bfloat16"] | None = None) -> None:
        """Keep up to ``limit`` bytes of what the encoders make of media, and look there first."""


@runtime_checkable
class KeepsEncodersWhole(Protocol):
    """A model with frozen encoders that run for new media only, so not on all devices at once."""

    def keep_encoders_whole(self) -> None:
        """Leave the encoders out of the weights that an engine deals out over devices."""


@runtime_checkable
class Countable(Protocol):
    """A model that can tell its sizes and those of a forward."""

    def count_tokens(self, candidates: Sequence[Candidate]) -> TokenCounts:
        """Count the tokens of a forward."""

    def count_pieces(
        self, candidate: Candidate, tokens_of: Callable[[Modality, Path], int]
    ) -> Mapping[str, int]:
        """Count the tokens of each piece of a candidate's path: equal names are computed once in a forward.

        ``tokens_of`` tells those of a file.
        """

    def measure_size(self) -> ModelSize:
        """Tell the sizes that memory and time follow from."""
