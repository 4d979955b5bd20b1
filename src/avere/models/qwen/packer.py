"""Asks and readings as packed tensors for a Qwen2.5-Omni thinker; runs in a loader's worker."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from avere import __version__
from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt, TokenCounts
from avere.models.packing.forest import Forest, Path, grow_forest
from avere.models.qwen import video
from avere.models.qwen.media import AudioInput, MediaReader, VideoInput, name_of, requested_media
from avere.models.qwen.options import INPUTS
from avere.models.qwen.positions import Expander
from avere.records import MediaTokens, Medium, Modality

END = "<|im_end|>"
PLACEHOLDERS = {"video": "<|VIDEO|>", "audio": "<|AUDIO|>"}


@dataclass(frozen=True)
class PackedRows:
    """Rows of merged paths and the media that stand in them; the input of a thinker."""

    tokens: Int64[Tensor, "rows length"]
    positions: Int64[Tensor, "3 rows length"]
    ends: Int64[Tensor, "rows length"]
    patches: Float[Tensor, "patches values"]
    grids: Int64[Tensor, "videos 3"]
    mels: Float[Tensor, "bins frames"]
    """Frames of all sounds, one after the other."""
    mel_lengths: Int64[Tensor, " sounds"]
    media_places: Int64[Tensor, " media_tokens"]
    """Where media tokens lie in the flattened rows."""
    media_sources: Int64[Tensor, " media_tokens"]
    """Which media feature stands there, counted over all videos, then all sounds."""
    media: tuple[str, ...]
    """Names of all videos, then all sounds; equal names mean equal features."""

    def alone(self, number: int) -> Self:
        """Return this with one of its media only."""
        videos = len(self.grids)
        sight, sound = slice(number, number + 1), slice(max(number - videos, 0), max(number - videos + 1, 0))
        patches, frames = self.grids.prod(1), self.mel_lengths
        first, start = int(patches[:number].sum()), int(frames[: sound.start].sum())
        return replace(
            self,
            patches=self.patches[first : first + int(patches[sight].sum())],
            grids=self.grids[sight],
            mels=self.mels[:, start : start + int(frames[sound].sum())],
            mel_lengths=self.mel_lengths[sound],
            media=self.media[sight],
        )

    def to(self, device: torch.device | str) -> Self:
        """Return a copy on another device."""
        tensors = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "media"}
        return type(self)(**{name: value.to(device) for name, value in tensors.items()}, media=self.media)


@dataclass(frozen=True)
class PackedCandidates:
    """Readings as tensors: packed rows, and where each response token is predicted."""

    packed: PackedRows
    predictors: Int64[Tensor, " targets"]
    """Where the state that predicts each response token lies in the flattened rows."""
    targets: Int64[Tensor, " targets"]
    owners: Int64[Tensor, " targets"]
    """The reading that each response token belongs to."""
    count: int
    """Number of readings."""

    def to(self, device: torch.device | str) -> Self:
        """Return a copy on another device."""
        return type(self)(
            packed=self.packed.to(device),
            predictors=self.predictors.to(device),
            targets=self.targets.to(device),
            owners=self.owners.to(device),
            count=self.count,
        )


@dataclass(frozen=True)
class PackedPrompts:
    """Asks as tensors: packed rows, and each prompt's nodes from first to last."""

    packed: PackedRows
    places: tuple[Int64[np.ndarray, " _"], ...]
    starts: Int64[Tensor, " asks"]
    """Position of the first reply token."""

    def to(self, device: torch.device | str) -> Self:
        """Return a copy on another device."""
        return type(self)(self.packed.to(device), self.places, self.starts.to(device))


class _Table(NamedTuple):
    """The distinct media of a batch; features are counted over all videos, then all sounds."""

    media: dict[str, VideoInput | AudioInput]
    offsets: dict[str, int]
    names: tuple[str, ...]


class Packer:
    """Tokenizer, media and layout of one model; holds no weights."""

    names_content = False
    """Whether media are named by a digest of what encoders get, which outlives a run, or by their files."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, studio: MediaReader, expander: Expander) -> None:
        self.tokenizer = tokenizer
        self.studio = studio
        self.expander = expander
        self.end = tokenizer.encode(END, add_special_tokens=False)[0]

    def pack_candidates(self, candidates: Sequence[Candidate]) -> PackedCandidates:
        """Pack readings; order is kept in the result, equal content is shared.

        Raises:
            AvereError: there is none, a text holds a media placeholder, or a medium cannot be used.
        """
        table = self._table(candidate.prompt for candidate in candidates)
        answers = [np.array([*self._ids(candidate.response), self.end]) for candidate in candidates]
        forest = self._grow(self._paths(candidates, answers, table))
        predictors = [
            place[-len(answer) - 1 : -1] for place, answer in zip(forest.places, answers, strict=True)
        ]
        owners = np.arange(len(candidates)).repeat([len(answer) for answer in answers])
        return PackedCandidates(
            packed=self._pack(forest, table),
            predictors=torch.from_numpy(np.concatenate(predictors)),
            targets=torch.from_numpy(np.concatenate(answers)),
            owners=torch.from_numpy(owners),
            count=len(candidates),
        )

    def count_tokens(self, candidates: Sequence[Candidate]) -> TokenCounts:
        """Count the tokens of a forward over these readings, packed and one by one."""
        table = self._table(candidate.prompt for candidate in candidates)
        answers = [np.array([*self._ids(candidate.response), self.end]) for candidate in candidates]
        paths = self._paths(candidates, answers, table)
        forest = self._grow(paths)
        used: set[int] = set().union(*(place.tolist() for place in forest.places))
        return TokenCounts(
            packed=len(used),
            padded=forest.keys.numel(),
            separate=sum(len(path.keys) for path in paths),
            scored=sum(len(answer) for answer in answers),
            media=sum(medium.tokens for medium in table.media.values()),
        )

    def pack_prompts(self, prompts: Sequence[Prompt]) -> PackedPrompts:
        """Pack prompts up to the first token of the reply."""
        table = self._table(prompts)
        paths = [self._prompt(prompt, table) for prompt in prompts]
        forest = self._grow(paths)
        starts = [int(path.positions.max()) + 1 for path in paths]
        return PackedPrompts(self._pack(forest, table), forest.places, torch.tensor(starts))

    def media_tokens(self, prompt: Prompt) -> MediaTokens:
        """Return how many tokens of each modality an ask puts before the model."""
        return MediaTokens(**{m: self.studio.read(m, medium).tokens for m, medium in requested_media(prompt)})

    def length(self, candidate: Candidate) -> int:
        """Return about how many text tokens a reading adds to a row that holds its media."""
        told = [each for turn in candidate.prompt.history for each in (turn.text, turn.response)]
        return sum(len(self._ids(text)) + 8 for text in (*told, candidate.prompt.text, candidate.response))

    def response_length(self, candidate: Candidate) -> int:
        """Return how many tokens of a reading are scored: those of the response and the end."""
        return len(self._ids(candidate.response)) + 1

    def digest(self, candidate: Candidate, machine: Sequence[str]) -> str:
        """Return a digest of what a reading becomes: token ids, media and how they are processed.

        ``machine`` says how a model computes with it.
        """
        wanted = requested_media(candidate.prompt)
        return self._digest(
            {
                "prompt": self._ids(self._render(candidate.prompt, [modality for modality, _ in wanted])),
                "response": [*self._ids(candidate.response), self.end],
                "media": [(modality, medium.identity()) for modality, medium in wanted],
                "expander": self.expander,
                "machine": machine,
            }
        )

    def medium_digest(self, modality: Modality, medium: Medium) -> str:
        """Return a digest of what the encoders get of a medium: bytes, corruption, how it is processed."""
        return self._digest({"media": [(modality, medium.identity())]})

    def _digest(self, parts: dict[str, object]) -> str:
        """Return a digest of some parts and of how media are processed."""
        studio = self.studio
        parts = parts | {
            "sound": studio.extractor.to_dict(),
            "inputs": studio.options.model_dump(mode="json", include=set(INPUTS)),
            "version": __version__,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _table(self, prompts: Iterable[Prompt]) -> _Table:
        """Read every distinct medium once and number its features."""
        wanted = {name_of(*pair): pair for prompt in prompts for pair in requested_media(prompt)}
        found = {name: self.studio.read(*pair) for name, pair in wanted.items()}
        offsets, total = {}, 0
        for name in sorted(found, key=lambda name: isinstance(found[name], AudioInput)):
            offsets[name] = total
            total += found[name].tokens
        content = self.names_content
        names = (self.medium_digest(*wanted[name]) if content else name for name in offsets)
        return _Table(found, offsets, tuple(names))

    def _paths(
        self, candidates: Sequence[Candidate], answers: Sequence[Int64[np.ndarray, " _"]], table: _Table
    ) -> list[Path]:
        """Return the path of each reading: its prompt, which is laid out once, and its answer."""
        prompts = {candidate.prompt: self._prompt(candidate.prompt, table) for candidate in candidates}
        return [
            _longer(prompts[candidate.prompt], answer)
            for candidate, answer in zip(candidates, answers, strict=True)
        ]

    def _prompt(self, prompt: Prompt, table: _Table) -> Path:
        """Return the path of an ask: template, placeholders expanded, media tokens numbered."""
        options = self.studio.options
        order = -1 if options.media_order == "audio_first" and not self.expander.interleaved else 1
        names = {modality: name_of(modality, medium) for modality, medium in requested_media(prompt)[::order]}
        ids = self._ids(self._render(prompt, list(names)))
        found = [table.media[name] for name in names.values()]
        sights = [medium.shape for medium in found if isinstance(medium, VideoInput)]
        sounds = [medium.tokens for medium in found if isinstance(medium, AudioInput)]
        mixed = self.expander.interleaved and len(names) == 2
        layout = self.expander._replace(interleaved=mixed).expand(ids, sights, sounds)
        keys = layout.tokens.copy()
        for modality, name in names.items():
            token = self.expander.ids.video if modality == "video" else self.expander.ids.audio
            keys[layout.tokens == token] = -1 - np.arange(table.media[name].tokens) - table.offsets[name]
        first = prompt.history[0].text if prompt.history else prompt.text
        return Path(keys, layout.positions, next(iter(names.values()), first))

    def _render(self, prompt: Prompt, modalities: Sequence[str]) -> str:
        """Return the chat text of an ask with one placeholder a medium.

        Raises:
            AvereError: the words hold a placeholder themselves, or the template drops a medium.
        """
        shown = modalities[:1] if self.expander.interleaved and len(modalities) == 2 else modalities
        messages: list[dict[str, Any]] = []
        for turn in prompt.history:
            messages.append({"role": "user", "content": [{"type": "text", "text": turn.text}]})
            messages.append({"role": "assistant", "content": turn.response})
        messages.append({"role": "user", "content": [{"type": "text", "text": prompt.text}]})
        messages[0]["content"][:0] = [{"type": modality} for modality in shown]
        template: Any = self.tokenizer.apply_chat_template
        text: str = template(messages, tokenize=False, add_generation_prompt=True)
        for modality, placeholder in PLACEHOLDERS.items():
            if text.count(placeholder) != shown.count(modality):
                raise AvereError(
                    f"the prompt '{prompt.text[:50]}' holds {text.count(placeholder)} times {placeholder} "
                    f"for {shown.count(modality)} {modality}; take it out, or mend the chat template"
                )
        return text

    def _grow(self, paths: Sequence[Path]) -> Forest:
        if not paths:
            raise AvereError("no readings were given to encode; give at least one")
        return grow_forest(paths, limit=self.studio.options.row_limit)

    def _pack(self, forest: Forest, table: _Table) -> PackedRows:
        """Return the tensors of a forest and of its media."""
        layout = self.studio.options.layout
        sights = [medium for medium in table.media.values() if isinstance(medium, VideoInput)]
        sounds = [medium.features for medium in table.media.values() if isinstance(medium, AudioInput)]
        bins = self.studio.extractor.feature_size
        keys = forest.keys.flatten()
        places = (keys < 0).nonzero().squeeze(1)
        patches = [video.patches(sight.frames, layout) for sight in sights]
        return PackedRows(
            tokens=forest.keys.clamp(min=0),
            positions=forest.positions,
            ends=forest.ends,
            patches=torch.cat(patches) if patches else torch.empty(0, 3 * layout.pair * layout.patch**2),
            grids=torch.tensor([sight.shape.grid for sight in sights], dtype=torch.int64).view(-1, 3),
            mels=torch.cat(sounds, dim=1) if sounds else torch.empty(bins, 0),
            mel_lengths=torch.tensor([sound.shape[1] for sound in sounds], dtype=torch.int64),
            media_places=places,
            media_sources=-1 - keys[places],
            media=table.names,
        )


def _longer(prompt: Path, answer: Int64[np.ndarray, " answer"]) -> Path:
    """Return a path with an answer behind it, at the positions that follow."""
    start = int(prompt.positions.max()) + 1
    line = np.broadcast_to(np.arange(start, start + len(answer)), (3, len(answer)))
    return Path(
        np.concatenate([prompt.keys, answer]), np.concatenate([prompt.positions, line], axis=1), prompt.root
    )
