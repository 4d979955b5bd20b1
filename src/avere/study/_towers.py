"""Teaching the towers of the tiny base to see and hear before the language, as those of large models are.

Each feature votes for every tag, a tag being a fact and whose it is; the votes are pooled softly over the
clip, so that a tag is learnt wherever and whenever it shows. The votes are thrown away.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

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


class Lesson(Settings):
    """AdamW with a cosine schedule over tagged clips."""

    learning_rate: float = Field(gt=0)
    warmup_ratio: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    max_grad_norm: float = Field(gt=0)
    steps: int = Field(ge=1)
    clips_per_step: int = Field(ge=1)


class Votes(nn.Module):
    """A linear vote of each feature for each tag, pooled over the clip by log-sum-exp."""

    def __init__(self, width: int, tags: int, features: int) -> None:
        super().__init__()
        self.vote = nn.Linear(width, tags)
        nn.init.zeros_(self.vote.weight)
        nn.init.constant_(self.vote.bias, -3.0 - float(np.log(features)))

    def forward(self, features: Float[Tensor, "features width"]) -> Float[Tensor, " tags"]:
        """Return the logit of every tag."""
        pooled: Tensor = torch.logsumexp(self.vote(features.float()), dim=0)
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
            pupil = _Pupil(model, modality, parameters)
            _teach(pupil, clips, tags(clips, cues, modality), lesson)
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


def tags(clips: Sequence[Clip], cues: Sequence[Cue], modality: Modality) -> Float[Tensor, "clips tags"]:
    """Return which facts each clip has, told apart by whose they are; tags in alphabetical order."""
    found: dict[str, set[tuple[str, str]]] = {clip.id: set() for clip in clips}
    for cue in cues:
        if cue.present and cue.modality == modality:
            found[cue.clip].add((cue.name, cue.bearer))
    names = sorted(set().union(*found.values()))
    return torch.tensor([[float(name in found[clip.id]) for name in names] for clip in clips])


class _Pupil(NamedTuple):
    model: QwenOmni
    modality: Modality
    parameters: list[nn.Parameter]
    """Of the tower."""


def _teach(pupil: _Pupil, clips: Sequence[Clip], truth: Float[Tensor, "clips tags"], lesson: Lesson) -> None:
    model, modality, parameters = pupil
    (example,) = see(model, clips[:1], modality)
    votes = Votes(width=example.shape[1], tags=truth.shape[1], features=example.shape[0])
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
        logits = torch.stack([votes(each) for each in features])
        loss = binary_cross_entropy_with_logits(logits, truth[chosen], reduction="sum") / len(chosen)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
        nn.utils.clip_grad_norm_(parameters, lesson.max_grad_norm)
        optimiser.step()
        schedule.step()


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
