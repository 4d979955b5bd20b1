"""Ways of decoding that read several views of an ask at once; a local model that takes one can be wrapped."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from jaxtyping import Float, Int64
from torch import Tensor

from avere.interfaces import Candidate, Prompt, Reply


class Decoding(Protocol):
    """How the next token follows from the logits of an ask's views."""

    count: int
    """Number of views."""

    def views(self, prompt: Prompt) -> tuple[Prompt, ...]:
        """Return the asks that are read together, the real one first."""

    def choose(self, logits: Float[Tensor, "views rows tokens"]) -> Int64[Tensor, " rows"]:
        """Return the next token of each ask."""

    def log_probs(self, logits: Float[Tensor, "views rows tokens"]) -> Float[Tensor, "rows tokens"]:
        """Return the log-probability of every token."""


class DecodingModel(Protocol):
    """A local model that can be told how to decode."""

    name: str
    fingerprint: str

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
        decoding: Decoding | None = None,
    ) -> Iterator[Reply]:
        """Yield replies; all views of all asks are one batch with a cache."""

    def score(self, candidates: Sequence[Candidate], decoding: Decoding | None = None) -> list[float]:
        """Return the summed log-probability of each response, end token included, in order."""


def views_of(prompts: Sequence[Prompt], decoding: Decoding | None) -> list[Prompt]:
    """Return the views of asks, all first views before all second ones."""
    if decoding is None:
        return list(prompts)
    views = [decoding.views(prompt) for prompt in prompts]
    return [view[number] for number in range(decoding.count) for view in views]


def views_of_candidates(candidates: Sequence[Candidate], decoding: Decoding | None) -> list[Candidate]:
    """Return the views of readings, in the same order as those of asks."""
    views = views_of([candidate.prompt for candidate in candidates], decoding)
    count = 1 if decoding is None else decoding.count
    return [
        Candidate(prompt=prompt, response=candidate.response)
        for prompt, candidate in zip(views, list(candidates) * count, strict=True)
    ]
