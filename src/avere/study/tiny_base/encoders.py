"""Teaching the encoders of the tiny base to see and hear in words, as those of large models are on captions.

A tag is a fact and whose it is. Its vote is the mean embedding of one of its wordings, plus a direction for
whose it is; each feature votes for every tag, and votes are pooled softly over the clip, so that a tag is
learnt wherever and whenever it shows. So features come to lie where the language model keeps the words.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field
from rich.progress import track
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from avere import files
from avere.interfaces import Candidate, Prompt
from avere.models.packing.model import LocalModel
from avere.records import Clip, Cue, Medium, Modality, jsonl
from avere.settings import Settings
from avere.world.cues import BY_NAME

SOME = 40
"""Clips whose features are measured."""
LOGGED = 50
"""Steps whose losses are logged as one mean."""

BEARERS = ("other", "person")
Tag = tuple[str, str]
"""A fact, and whose it is."""


class Lesson(Settings):
    """AdamW with a cosine schedule over tagged clips."""

    learning_rate: float = Field(gt=0)
    warmup_ratio: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    max_grad_norm: float = Field(gt=0)
    steps: dict[Modality, int]
    """Optimiser steps of each encoder."""
    clips_per_step: int = Field(ge=1)
    autocast: Literal["bfloat16"] | None = None
    """Compute in this type where it is safe, weights stay float32; None computes in float32."""


class Tags(NamedTuple):
    """What can be told of clips, and what is true of each."""

    names: tuple[Tag, ...]
    truth: Float[Tensor, "clips tags"]


class Votes(nn.Module):
    """The vote of each feature for each tag, pooled over the clip by log-sum-exp."""

    def __init__(self, table: Float[Tensor, "tokens width"], model: LocalModel, tags: Sequence[Tag]) -> None:
        super().__init__()
        self.wordings = nn.Buffer(torch.stack([_wordings(name, table, model) for name, _ in tags]))
        self.bearers = nn.Parameter(torch.randn(len(BEARERS), table.shape[1]) * 0.3)
        self.whose = torch.tensor([BEARERS.index(bearer) for _, bearer in tags])
        self.scale = nn.Parameter(torch.tensor(-1.0))
        self.bias = nn.Parameter(torch.tensor(-6.0))

    def forward(
        self, features: Float[Tensor, "features width"], random: np.random.Generator
    ) -> Float[Tensor, " tags"]:
        """Return the logit of every tag, each in a wording that chance picks."""
        count, wordings, _ = self.wordings.shape
        chosen = torch.from_numpy(random.integers(wordings, size=count))
        wanted = self.wordings[torch.arange(count), chosen] + self.bearers[self.whose]
        votes = _unit(features.float()) @ wanted.T
        pooled: Tensor = torch.logsumexp(votes * self.scale.exp() + self.bias, dim=0)
        return pooled


def teach_encoders(
    model: LocalModel, clips: Sequence[Clip], cues: Sequence[Cue], lesson: Lesson, file: Path
) -> list[dict[str, Any]]:
    """Train both encoders on the facts of clips; keep their weights in ``file``, or take them from there.

    Returns:
        Rows of mean losses, which stand in a file of lines beside ``file``.
    """
    log = file.with_suffix(".jsonl")
    encoders = encoders_of(model)
    if not file.exists():
        rows: list[dict[str, Any]] = []
        for modality, encoder in encoders.items():
            pupil = _Pupil(model, modality, list(encoder.parameters()))
            losses = _teach(pupil, clips, tags(clips, cues, modality), lesson)
            rows += [
                {"encoder": modality, "step": end, "loss": float(np.mean(losses[end - LOGGED : end]))}
                for end in range(LOGGED, len(losses) + 1, LOGGED)
            ]
            _shorten(model, clips[:SOME], modality)
        files.write_text(log, "".join(json.dumps(row) + "\n" for row in rows))
        state = {
            f"{name}.{key}": value
            for name, encoder in encoders.items()
            for key, value in encoder.state_dict().items()
        }
        with files.create_whole(file) as unfinished:
            save_file({key: value.contiguous() for key, value in state.items()}, unfinished)
    with files.naming(file):
        state = load_file(file)
    for name, encoder in encoders.items():
        encoder.load_state_dict(
            {key.removeprefix(f"{name}."): state[key] for key in state if key.startswith(name)}
        )
    return [json.loads(line) for _, line in jsonl.lines(log)]


def encoders_of(model: LocalModel) -> dict[Modality, nn.Module]:
    """Find the vision and audio encoders, by modality."""
    video, audio = model.log_probs.encoders
    return {"video": video, "audio": audio}


def tags(clips: Sequence[Clip], cues: Sequence[Cue], modality: Modality) -> Tags:
    """Tabulate the facts of each clip, told apart by whose they are; tags in alphabetical order."""
    found: dict[str, set[Tag]] = {clip.id: set() for clip in clips}
    for cue in cues:
        if cue.present and cue.modality == modality:
            found[cue.clip].add((cue.name, cue.bearer))
    names = tuple(sorted(set().union(*found.values())))
    return Tags(names, torch.tensor([[float(name in found[clip.id]) for name in names] for clip in clips]))


class _Pupil(NamedTuple):
    model: LocalModel
    modality: Modality
    parameters: list[nn.Parameter]
    """Of the encoder."""


def _teach(pupil: _Pupil, clips: Sequence[Clip], known: Tags, lesson: Lesson) -> list[float]:
    """Return the loss of every step."""
    model, modality, parameters = pupil
    steps = lesson.steps[modality]
    votes = Votes(table_of(model).detach(), model, known.names)
    parameters = [*parameters, *votes.parameters()]
    optimiser = torch.optim.AdamW(
        parameters, lr=lesson.learning_rate, betas=(0.9, 0.98), weight_decay=lesson.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        lesson.learning_rate,
        total_steps=steps,
        pct_start=lesson.warmup_ratio,
        cycle_momentum=False,
    )
    random = np.random.default_rng([steps, len(clips)])
    device, half = parameters[0].device.type, lesson.autocast is not None
    losses = []
    for _ in track(range(steps), description=f"encoders: {modality}"):
        chosen = random.choice(len(clips), size=lesson.clips_per_step, replace=False)
        with torch.autocast(device, torch.bfloat16, enabled=half):
            features = see(model, [clips[int(index)] for index in chosen], modality)
        logits = torch.stack([votes(each, random) for each in features])
        loss = binary_cross_entropy_with_logits(logits, known.truth[chosen], reduction="sum") / len(chosen)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
        nn.utils.clip_grad_norm_(parameters, lesson.max_grad_norm)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def _wordings(
    name: str, table: Float[Tensor, "tokens width"], model: LocalModel
) -> Float[Tensor, "wordings width"]:
    """Return the mean embedding of each wording of a fact, of length one a dimension."""
    ids = [
        model.tokenizer(f" {wording}", add_special_tokens=False)["input_ids"]
        for wording in BY_NAME[name].wordings
    ]
    return torch.stack([_unit(table[torch.tensor(each)].mean(0)) for each in ids])


def _shorten(model: LocalModel, clips: Sequence[Clip], modality: Modality) -> None:
    """Make features as long as word embeddings, beside which they will stand."""
    encoder: Any = encoders_of(model)[modality]
    last = encoder.merger.mlp[-1] if modality == "video" else encoder.proj
    words = table_of(model)
    with torch.no_grad():
        features = torch.cat(see(model, clips, modality))
        ratio = words.pow(2).mean().sqrt() / features.pow(2).mean().sqrt()
        last.weight.mul_(ratio)
        last.bias.mul_(ratio)


def table_of(model: LocalModel) -> Tensor:
    """Return the language model's embeddings, a row a token."""
    embeddings: Any = model.log_probs.base_model.get_input_embeddings()
    table: Tensor = embeddings.weight
    return table


def see(
    model: LocalModel, clips: Sequence[Clip], modality: Modality
) -> list[Float[Tensor, "features width"]]:
    """Run an encoder on one medium of each clip."""
    media = [Medium(path=path) for clip in clips if (path := getattr(clip, modality)) is not None]
    prompts = [
        Prompt(text="?", video=medium) if modality == "video" else Prompt(text="?", audio=medium)
        for medium in media
    ]
    packed = model.encode([Candidate(prompt=prompt, response="") for prompt in prompts]).packed
    lengths = [getattr(model.packer.media_tokens(prompt), modality) for prompt in prompts]
    return list(torch.split(model.log_probs.features(packed), lengths))


def _unit(vectors: Float[Tensor, "*batch width"]) -> Float[Tensor, "*batch width"]:
    """Return vectors whose mean square is one."""
    return vectors / vectors.pow(2).mean(-1, keepdim=True).sqrt()
