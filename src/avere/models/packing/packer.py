"""Prompts and candidates as packed tensors; runs in a loader's worker.

Tokens and media become one key each: a token its id, a media token a negative number that tells which feature
of which medium stands there. So two prompts share a prefix in the forest where, and only where, words and
media are the same.
"""

import hashlib
import json
import pathlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Int64

from avere import __version__
from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt, TokenCounts
from avere.models.packing.family import MediumInput, Processor
from avere.models.packing.forest import Forest, Path, grow_forest
from avere.models.packing.kept_features import KeptFeatures
from avere.models.packing.memory import Memory
from avere.models.packing.prompts import name_of, requested_media
from avere.models.packing.rows import PackedCandidates, PackedMedium, PackedPrompts, PackedRows
from avere.records import MediaTokens, Medium, Modality

TEXTS = 1024
"""Latest texts whose tokens are remembered."""
AROUND = 4
"""Tokens that a template may write around a medium."""


class _Table(NamedTuple):
    """The distinct media of a batch; features are counted over all videos, then all sounds."""

    media: dict[str, MediumInput]
    """In the order of their features."""
    videos: int
    """How many of them are videos, the first ones."""
    offsets: dict[str, int]
    packed: tuple[PackedMedium, ...]


class Packer:
    """Packs what a processor lays out; holds no weights."""

    kept: KeptFeatures | None = None
    """Where features are kept; media are then named by its keys, which outlive a run, else by files."""

    def __init__(self, processor: Processor[Any], row_limit: int | None) -> None:
        """Pack rows of about ``row_limit`` tokens, or a single one."""
        self.processor = processor
        self.row_limit = row_limit
        self.end = processor.tokenizer.encode(processor.end, add_special_tokens=False)[0]
        self._known = Memory[list[int]](TEXTS)

    def pack_candidates(self, candidates: Sequence[Candidate]) -> PackedCandidates:
        """Pack candidates; order is kept in the result, equal content is shared.

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
        """Count the tokens of a forward over these candidates, packed and one by one."""
        table = self._table(candidate.prompt for candidate in candidates)
        answers = [np.array([*self._ids(candidate.response), self.end]) for candidate in candidates]
        paths = self._paths(candidates, answers, table)
        forest = self._grow(paths)
        used: set[int] = set().union(*(place.tolist() for place in forest.places))
        tokens = [medium.tokens for medium in table.media.values()]
        return TokenCounts(
            packed=len(used),
            padded=forest.keys.numel(),
            separate=sum(len(path.keys) for path in paths),
            scored=sum(len(answer) for answer in answers),
            video=sum(tokens[: table.videos]),
            audio=sum(tokens[table.videos :]),
        )

    def pack_prompts(self, prompts: Sequence[Prompt]) -> PackedPrompts:
        """Pack prompts up to the first token of the reply."""
        table = self._table(prompts)
        paths = [self._prompt(prompt, table) for prompt in prompts]
        forest = self._grow(paths)
        starts = np.array([path.positions.max() + 1 for path in paths])
        return PackedPrompts(self._pack(forest, table), forest.places, torch.from_numpy(starts))

    def media_tokens(self, prompt: Prompt) -> MediaTokens:
        """Count the tokens of each modality that a prompt puts before the model."""
        read = {each: self._read(each, medium)[0] for each, medium in requested_media(prompt)}
        cut = read["audio"].cut if "audio" in read else 0.0
        return MediaTokens(**{each: medium.tokens for each, medium in read.items()}, audio_cut=cut)

    def count_pieces(
        self, candidate: Candidate, tokens_of: Callable[[Modality, pathlib.Path], int]
    ) -> dict[str, int]:
        """Count the tokens of each piece of a path: media in their order, the words asked, the reply.

        A piece is named by all that stands before it and itself, so that equal names are one piece of the
        forest. Words are counted roughly.
        """
        wanted = dict(requested_media(candidate.prompt))
        pieces, name = {}, ""
        for modality in (each for each in self.processor.media_order if each in wanted):
            medium = wanted[modality]
            name += name_of(modality, medium)
            pieces[name] = tokens_of(modality, medium.path) + AROUND
        name += candidate.prompt.model_dump_json(exclude={"video", "audio"})
        answer = self.response_length(candidate)
        pieces[name] = self.length(candidate) - answer + 1
        pieces[f"{name} {candidate.response}"] = answer
        return pieces

    def length(self, candidate: Candidate) -> int:
        """Count roughly the text tokens that a candidate adds to a row that holds its media."""
        told = [each for turn in candidate.prompt.history for each in (turn.text, turn.response)]
        return sum(len(self._ids(text)) + 8 for text in (*told, candidate.prompt.text, candidate.response))

    def response_length(self, candidate: Candidate) -> int:
        """Count the tokens of a candidate that are scored: those of the response and the end."""
        return len(self._ids(candidate.response)) + 1

    def digest(self, candidate: Candidate, machine: Sequence[str]) -> str:
        """Digest what a candidate becomes: token ids, media and how they are processed.

        ``machine`` says how a model computes with it.
        """
        wanted = requested_media(candidate.prompt)
        return self._digest(
            {
                "prompt": self._ids(
                    self.processor.render(candidate.prompt, [modality for modality, _ in wanted])
                ),
                "response": [*self._ids(candidate.response), self.end],
                "media": [(modality, medium.identity()) for modality, medium in wanted],
                "machine": machine,
                **self.processor.prompt_facts(),
            }
        )

    def medium_digest(self, modality: Modality, medium: Medium) -> str:
        """Digest what the encoders get of a medium: bytes, corruption, how it is processed."""
        return self._digest({"media": [(modality, medium.identity())]})

    def _digest(self, parts: dict[str, object]) -> str:
        """Digest some parts and how media are processed."""
        parts = parts | self.processor.media_facts() | {"version": __version__}
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    def _ids(self, text: str) -> list[int]:
        """Tokenise a text; letters, and what is counted first and packed then, come again and again."""
        return self._known.get(text, lambda: self._tokenise(text))

    def _tokenise(self, text: str) -> list[int]:
        ids: list[int] = self.processor.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _table(self, prompts: Iterable[Prompt]) -> _Table:
        """Read every distinct medium once and number its features: all videos, then all sounds."""
        wanted = {name_of(*pair): pair for prompt in prompts for pair in requested_media(prompt)}
        ordered = sorted(wanted, key=lambda name: wanted[name][0] == "audio")
        found = {name: self._read(*wanted[name]) for name in ordered}
        offsets, total = {}, 0
        for name, (medium, _) in found.items():
            offsets[name] = total
            total += medium.tokens
        media = {name: medium for name, (medium, _) in found.items()}
        videos = sum(modality == "video" for modality, _ in wanted.values())
        return _Table(media, videos, offsets, tuple(packed for _, packed in found.values()))

    def _read(self, modality: Modality, medium: Medium) -> tuple[MediumInput, PackedMedium]:
        """Read a medium; one whose features are kept is not decoded."""
        name, kept = name_of(modality, medium), None
        if self.kept is not None:
            name = self.kept.key(self.medium_digest(modality, medium))
            kept = self.kept.find(name)
        if kept is not None:
            medium_input = self.processor.recall(modality, kept.outline)
            return medium_input, PackedMedium(name, kept.outline, kept.features)
        with torch.autocast("cpu", enabled=False):  # what encoders get does not depend on who asks
            read = self.processor.read(modality, medium)
        return read, PackedMedium(name, read.outline)

    def _paths(
        self, candidates: Sequence[Candidate], answers: Sequence[Int64[np.ndarray, " _"]], table: _Table
    ) -> list[Path]:
        """Make the path of each candidate: its prompt, which is laid out once, and its response."""
        distinct = dict.fromkeys(candidate.prompt for candidate in candidates)
        prompts = {prompt: self._prompt(prompt, table) for prompt in distinct}
        return [
            _longer(prompts[candidate.prompt], answer)
            for candidate, answer in zip(candidates, answers, strict=True)
        ]

    def _prompt(self, prompt: Prompt, table: _Table) -> Path:
        """Make the path of a prompt, its media tokens numbered."""
        wanted = dict(requested_media(prompt))
        names = {each: name_of(each, wanted[each]) for each in self.processor.media_order if each in wanted}
        found = {modality: table.media[name] for modality, name in names.items()}
        layout = self.processor.lay_out(prompt, found)
        keys = layout.tokens.copy()
        for modality, name in names.items():
            keys[layout.media[modality]] = -1 - np.arange(found[modality].tokens) - table.offsets[name]
        first = prompt.history[0].text if prompt.history else prompt.text
        return Path(keys, layout.positions, next(iter(names.values()), first))

    def _grow(self, paths: Sequence[Path]) -> Forest:
        if not paths:
            raise AvereError("no candidates were given to encode; give at least one")
        return grow_forest(paths, limit=self.row_limit)

    def _pack(self, forest: Forest, table: _Table) -> PackedRows:
        """Turn a forest and its media into tensors."""
        keys = forest.keys.flatten()
        places = (keys < 0).nonzero().squeeze(1)
        return PackedRows(
            tokens=forest.keys.clamp(min=0),
            positions=forest.positions,
            ends=forest.ends,
            inputs=self.processor.stack(
                [
                    medium
                    for medium, packed in zip(table.media.values(), table.packed, strict=True)
                    if packed.features is None
                ]
            ),
            media_places=places,
            media_sources=-1 - keys[places],
            media=table.packed,
        )


def _longer(prompt: Path, answer: Int64[np.ndarray, " answer"]) -> Path:
    """Put a response behind a prompt, at the positions that follow on every axis."""
    line = prompt.positions.max() + 1 + np.arange(len(answer), dtype=prompt.positions.dtype)
    line = np.broadcast_to(line, (len(prompt.positions), len(answer)))
    return Path(
        np.concatenate([prompt.keys, answer]), np.concatenate([prompt.positions, line], axis=1), prompt.root
    )
