"""Contrastive decoding around any local model: answers that the media carry, without training.

Each step reads the prompt twice, as it is and with corrupted media, in one batch with a cache, and takes
the token that corruption makes less likely (visual contrastive decoding: Leng et al., CVPR 2024,
arXiv:2311.16922).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from jaxtyping import Float, Int64
from pydantic import Field
from torch import Tensor

from avere import models, settings
from avere.asking.clips import ask_clip
from avere.errors import AvereError
from avere.interfaces import Candidate, DecodingModel, Model, ModelAbilities, Prompt, Reply
from avere.models import _contrast
from avere.records import Clip, Corruption, Medium
from avere.settings import Settings

ABILITIES = ModelAbilities(
    "vcd:MODEL", ("video", "audio"), scores=True, needs=("torch", "transformers", "peft"), extra="train"
)
PREFIX = "vcd:"
SOURCE = re.compile(rf"{PREFIX}(?P<inner>.+?)(?P<options>(?:,\w+=[^,]*)*)")
"""``vcd:MODEL`` or ``vcd:MODEL,alpha=0.5,kind=noise``."""


class VcdOptions(Settings):
    """How real and corrupted logits are put together; defaults as published, but greedy."""

    alpha: float = Field(1.0, ge=0)
    """Weight of the contrast (published: 1); 0 is the plain model."""
    beta: float = Field(0.1, ge=0, le=1)
    """Tokens less likely than this share of the likeliest are cut (published: 0.1); 0 cuts none."""
    kind: Literal["diffusion", "noise"] = "diffusion"
    level: float = Field(0.167, ge=0, le=1)
    """Strength. Published: step 500 of 1000 of a sigmoid schedule, which leaves 74.5 % of the variance; step
    167 of the linear schedule of our diffusion does the same."""
    corrupted: Literal["both", "audio", "video"] = "both"
    """Which media are corrupted (published: the picture, the only medium there)."""
    seed: int = Field(0, ge=0)
    """Of the corruption."""


class ContrastiveDecoding:
    """The decoding: views are the real prompt and the corrupted one."""

    count = 2

    def __init__(self, options: VcdOptions) -> None:
        self.options = options

    def views(self, prompt: Prompt) -> tuple[Prompt, ...]:
        """Pair a prompt with its corrupted twin; a medium that is corrupted already stays as it is."""
        changes = {
            modality: self._corrupt(medium)
            for modality, medium in (("audio", prompt.audio), ("video", prompt.video))
            if medium is not None and self.options.corrupted in {"both", modality}
        }
        return prompt, prompt.model_copy(update=changes)

    def choose(self, logits: Float[Tensor, "views rows tokens"]) -> Int64[Tensor, " rows"]:
        """Choose the plausible token of the largest contrast."""
        return _contrast.choose(logits[0], logits[1], self.options.alpha, self.options.beta)

    def log_probs(self, logits: Float[Tensor, "views rows tokens"]) -> Float[Tensor, "rows tokens"]:
        """Compute the log-probability of every token after the contrast; all are finite."""
        return _contrast.log_probs(logits[0], logits[1], self.options.alpha, self.options.beta)

    def _corrupt(self, medium: Medium) -> Medium:
        if medium.corruption is not None:
            return medium
        chosen = self.options
        corruption = Corruption(kind=chosen.kind, level=chosen.level, seed=chosen.seed)
        return medium.model_copy(update={"corruption": corruption})


class ContrastiveModel:
    """A Responder and Scorer: another model, read by contrast."""

    def __init__(self, inner: DecodingModel, options: VcdOptions) -> None:
        self.inner = inner
        self.decoding = ContrastiveDecoding(options)
        self.name = f"{PREFIX}{inner.name}"
        told = f"{PREFIX}{inner.fingerprint}:{options.model_dump_json()}"
        self.fingerprint = hashlib.sha256(told.encode()).hexdigest()

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[Reply]:
        """Yield greedy replies in order; a prompt whose media fail gets a reply that says why.

        Raises:
            AvereError: the model cannot be held to a schema, where one is given.
        """
        return self.inner.respond(
            prompts, max_tokens=max_tokens, seed=seed, schema=schema, decoding=self.decoding
        )

    def score(self, candidates: Sequence[Candidate]) -> list[float]:
        """Sum the log-probabilities of each response's tokens after the contrast, end token included."""
        return self.inner.score(candidates, decoding=self.decoding)

    def ask(self, clip: Clip | Path | str, text: str, max_tokens: int = 128) -> str:
        """Answer a question about a clip.

        Raises:
            AvereError: the clip cannot be used.
        """
        return ask_clip(self, clip, text, max_tokens).text


def handles(source: str) -> bool:
    """True where a source names this decoding."""
    return source.startswith(PREFIX)


def load(source: str, **options: object) -> ContrastiveModel:
    """Load the model of ``vcd:MODEL`` and put contrastive decoding around it.

    Args:
        source: ``vcd:MODEL``, or ``vcd:MODEL,alpha=0.5,kind=noise``.
        options: fields of :class:`VcdOptions`, which win over the source's; the others go to the model.

    Raises:
        AvereError: an option is wrong, or the model cannot be decoded by contrast.
    """
    found = SOURCE.fullmatch(source)
    if found is None:
        raise AvereError(f"'{source}' names no model; give {PREFIX}MODEL, such as {PREFIX}tiny")
    told = dict(pair.split("=", 1) for pair in found["options"].split(",")[1:])
    own = {name: value for name, value in options.items() if name in VcdOptions.model_fields}
    chosen = settings.check({**told, **own}, VcdOptions, f"options for '{source}'")
    rest = {name: value for name, value in options.items() if name not in VcdOptions.model_fields}
    return wrap(models.load(found["inner"], **rest), chosen)


def wrap(inner: Model, options: VcdOptions | None = None) -> ContrastiveModel:
    """Put contrastive decoding around a model that is loaded already.

    Raises:
        AvereError: the model does not show its logits.
    """
    if not isinstance(inner, DecodingModel):
        raise AvereError(
            f"'{inner.name}' cannot be decoded by contrast, for it does not show its logits; "
            "give a local model, such as tiny or a Qwen2.5-Omni folder"
        )
    return ContrastiveModel(inner, options or VcdOptions())


def example(folder: Path) -> ContrastiveModel:
    """Make the smallest instance, for tests of what every model must do."""
    from avere.models import qwen_omni

    return wrap(qwen_omni.example(folder))
