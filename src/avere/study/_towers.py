"""Teaching the towers of the tiny base to see and hear in words, as those of large models are on captions.

A tag is a fact and whose it is. Its vote is the mean embedding of one of its wordings, plus a direction for
whose it is; each feature votes for every tag, and votes are pooled softly over the clip, so that a tag is
learnt wherever and whenever it shows. So features come to lie where the language model keeps the words.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field
from rich.progress import track
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from avere.interfaces import Ask, Reading
from avere.models.qwen_omni import QwenOmni
from avere.records import Clip, Cue, Medium, Modality
from avere.settings import Settings
from avere.world.cues import BY_NAME

SOME = 40
"""Clips whose features are measured."""

Tag = tuple[str, str]
"""A fact, and whose it is."""


class Lesson(Settings):
    """AdamW with a cosine schedule over tagged clips."""

    learning_rate: float = Field(gt=0)
    warmup_ratio: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    max_grad_norm: float = Field(gt=0)
    steps: int = Field(ge=1)
    clips_per_step: int = Field(ge=1)


class Tags(NamedTuple):
    """What can be told of clips, and what is true of each."""

    names: tuple[Tag, ...]
    truth: Float[Tensor, "clips tags"]


class Words:
    """The embeddings of wordings, as the language model has them."""

    def __init__(self, model: QwenOmni) -> None:
        self._table = table_of(model).detach()
        self._ids = {
            name: [
                torch.tensor(model.tokenizer(f" {wording}", add_special_tokens=False)["input_ids"])
                for wording in kind.wordings
            ]
            for name, kind in BY_NAME.items()
        }
        self.width = self._table.shape[1]

    def embed(self, name: str, random: np.random.Generator) -> Float[Tensor, " width"]:
        """Return the mean embedding of one wording of a fact, of length one a dimension."""
        wordings = self._ids[name]
        return _unit(self._table[wordings[int(random.integers(len(wordings)))]].mean(0))


class Votes(nn.Module):
    """The vote of each feature for each tag, pooled over the clip by log-sum-exp."""

    def __init__(self, words: Words, tags: Sequence[Tag]) -> None:
        super().__init__()
        self.words = words
        self.tags = tags
        self.bearers = nn.ParameterDict(
            {bearer: nn.Parameter(torch.randn(words.width) * 0.3) for bearer in ("other", "person")}
        )
        self.scale = nn.Parameter(torch.tensor(-1.0))
        self.bias = nn.Parameter(torch.tensor(-6.0))

    def forward(
        self, features: Float[Tensor, "features width"], random: np.random.Generator
    ) -> Float[Tensor, " tags"]:
        """Return the logit of every tag, each in a wording that chance picks."""
        wanted = torch.stack(
            [self.words.embed(name, random) + self.bearers[bearer] for name, bearer in self.tags]
        )
        votes = _unit(features.float()) @ wanted.T
        pooled: Tensor = torch.logsumexp(votes * self.scale.exp() + self.bias, dim=0)
        return pooled


def teach(model: QwenOmni, clips: Sequence[Clip], cues: Sequence[Cue], lesson: Lesson, file: Path) -> None:
    """Train both towers on the facts of clips; keep their weights in ``file``, or take them from there."""
    towers = {
        "video": model.log_probs.thinker.model.visual,
        "audio": model.log_probs.thinker.model.audio_tower,
    }
    if not file.exists():
        for modality in ("video", "audio"):
            parameters = list(towers[modality].parameters())
            _teach(_Pupil(model, modality, parameters), clips, tags(clips, cues, modality), lesson)
            _shorten(model, clips[:SOME], modality)
        state = {
            f"{name}.{key}": value
            for name, tower in towers.items()
            for key, value in tower.state_dict().items()
        }
        unfinished = file.with_suffix(".new")
        save_file({key: value.contiguous() for key, value in state.items()}, unfinished)
        unfinished.replace(file)
    state = load_file(file)
    for name, tower in towers.items():
        tower.load_state_dict(
            {key.removeprefix(f"{name}."): state[key] for key in state if key.startswith(name)}
        )


def tags(clips: Sequence[Clip], cues: Sequence[Cue], modality: Modality) -> Tags:
    """Return which facts each clip has, told apart by whose they are; tags in alphabetical order."""
    found: dict[str, set[Tag]] = {clip.id: set() for clip in clips}
    for cue in cues:
        if cue.present and cue.modality == modality:
            found[cue.clip].add((cue.name, cue.bearer))
    names = tuple(sorted(set().union(*found.values())))
    return Tags(names, torch.tensor([[float(name in found[clip.id]) for name in names] for clip in clips]))


class _Pupil(NamedTuple):
    model: QwenOmni
    modality: Modality
    parameters: list[nn.Parameter]
    """Of the tower."""


def _teach(pupil: _Pupil, clips: Sequence[Clip], known: Tags, lesson: Lesson) -> None:
    model, modality, parameters = pupil
    votes = Votes(Words(model), known.names)
    parameters = [*parameters, *votes.parameters()]
    optimiser = torch.optim.AdamW(
        parameters, lr=lesson.learning_rate, betas=(0.9, 0.98), weight_decay=lesson.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        lesson.learning_rate,
        total_steps=lesson.steps,
        pct_start=lesson.warmup_ratio,
        cycle_momentum=False,
    )
    random = np.random.default_rng([lesson.steps, len(clips)])
    for _ in track(range(lesson.steps), description=f"towers: {modality}"):
        chosen = random.choice(len(clips), size=lesson.clips_per_step, replace=False)
        features = see(model, [clips[int(index)] for index in chosen], modality)
        logits = torch.stack([votes(each, random) for each in features])
        loss = binary_cross_entropy_with_logits(logits, known.truth[chosen], reduction="sum") / len(chosen)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
        nn.utils.clip_grad_norm_(parameters, lesson.max_grad_norm)
        optimiser.step()
        schedule.step()


def _shorten(model: QwenOmni, clips: Sequence[Clip], modality: Modality) -> None:
    """Make features as long as word embeddings, beside which they will stand."""
    inner = model.log_probs.thinker.model
    last = inner.visual.merger.mlp[-1] if modality == "video" else inner.audio_tower.proj
    words = table_of(model)
    with torch.no_grad():
        features = torch.cat(see(model, clips, modality))
        ratio = words.pow(2).mean().sqrt() / features.pow(2).mean().sqrt()
        last.weight.mul_(ratio)
        last.bias.mul_(ratio)


def table_of(model: QwenOmni) -> Tensor:
    """Return the language model's embeddings, a row a token."""
    embeddings: Any = model.log_probs.thinker.get_input_embeddings()
    table: Tensor = embeddings.weight
    return table


def see(model: QwenOmni, clips: Sequence[Clip], modality: Modality) -> list[Float[Tensor, "features width"]]:
    """Return what a tower makes of one medium of each clip."""
    media = [Medium(path=path) for clip in clips if (path := getattr(clip, modality)) is not None]
    asks = [
        Ask(text="?", video=medium) if modality == "video" else Ask(text="?", audio=medium)
        for medium in media
    ]
    packed = model.encode([Reading(ask=ask, response="") for ask in asks]).packed
    lengths = [getattr(model.encoder.media_tokens(ask), modality) for ask in asks]
    return list(torch.split(model.log_probs.features(packed), lengths))


def _unit(vectors: Float[Tensor, "*batch width"]) -> Float[Tensor, "*batch width"]:
    """Return vectors whose mean square is one."""
    return vectors / vectors.pow(2).mean(-1, keepdim=True).sqrt()
