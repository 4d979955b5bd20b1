"""The tiny base: a small Qwen-Omni thinker that learns EmoWorld from captions like those of real corpora."""

import json
import shutil
from collections.abc import Mapping, Sequence
from itertools import takewhile
from math import ceil
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR
from transformers import Trainer, TrainingArguments, set_seed
from transformers.trainer_utils import get_last_checkpoint

from avere import files
from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt, Turn
from avere.models import qwen_omni, tiny
from avere.models.packing.model import LocalModel
from avere.preference.schedule import make_schedule
from avere.records import Clip, Cue, Medium, RunInfo, jsonl, locks, runs
from avere.settings import Settings
from avere.study.tiny_base import supervision
from avere.study.tiny_base.encoders import Lesson, encoders_of, teach_encoders
from avere.study.tiny_base.lessons import LessonGroup, LessonOptions
from avere.world.make import make_world

NEW, WORLD, ENCODERS, LOG, RECIPE = "untrained", "world", "towers.safetensors", "log.jsonl", "recipe.json"


class LessonWorld(Settings):
    """The biased clips to learn from."""

    clips: int = Field(ge=1)
    identities: int = Field(ge=1)
    seed: int = Field(ge=0)


class Phase(Settings):
    """One pass of AdamW with a cosine schedule over one kind of turns."""

    OLD_NAMES: ClassVar[Mapping[str, str]] = {"train_towers": "train_encoders"}

    turns: LessonOptions
    chain: int = Field(default=1, ge=1)
    """Turns of a clip that are told one after the other; those of other chains do not see them."""
    train_encoders: bool = True
    """Whether what sees and hears goes on learning; else only the language model does."""
    learning_rate: float = Field(gt=0)
    warmup_ratio: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    max_grad_norm: float = Field(gt=0)
    epochs: float = Field(gt=0)
    clips_per_step: int = Field(ge=1)


class TinyBaseRecipe(Settings):
    """How the tiny base is made."""

    OLD_NAMES: ClassVar[Mapping[str, str]] = {"towers": "encoders"}

    kind: Literal["tiny_base"]
    world: LessonWorld
    model: tiny.TinyConfig
    phases: tuple[Phase, ...] = Field(min_length=1)
    """Of language, in order; those that are told in words come first and leave the encoders as they are."""
    encoders: Lesson | None = None
    """How the encoders learn to see and hear in the words of the told phases, before the others."""
    autocast: Literal["bfloat16"] | None = None
    """Compute in this type where it is safe, weights stay float32; None computes in float32."""
    checkpoint_every: int | None = Field(default=None, ge=1)
    """Optimiser steps; None keeps no checkpoint, so that nothing can be resumed."""
    begun: Path | None = None
    """A finished run whose clips, tokenizer, encoders and equal phases at the start are taken, for a control
    that differs in later phases alone or a base that is taught further; None learns all of it here."""
    stop_after: int | None = Field(default=None, ge=1)
    """How many phases this run learns, whose words alone the tokenizer knows; a later run, begun with this
    one, learns the others. None: all."""
    seed: int = Field(ge=0)

    @property
    def first_with_media(self) -> int:
        """Which phase is the first that is shown clips."""
        return next(place for place, phase in enumerate(self.phases) if phase.turns.told is None)

    @property
    def learnt(self) -> tuple[Phase, ...]:
        """The phases of this run."""
        return self.phases[: self.stop_after]

    @model_validator(mode="after")
    def _words_come_first(self) -> Self:
        told = [phase.turns.told is not None for phase in self.phases]
        if all(told) or told != sorted(told, reverse=True):
            raise ValueError("phases that are told in words come first, and at least one phase is not")
        if self.stop_after is not None and self.stop_after <= self.first_with_media:
            raise ValueError("stop_after must reach the first phase that is shown clips")
        return self


def train(recipe: TinyBaseRecipe, out: Path) -> Path:
    """Make the clips, build the model, train it from scratch and write it to ``out``.

    A run that was stopped goes on from the latest checkpoint of its phase; half-taught encoders begin again.

    Raises:
        AvereError: ``out`` holds a run of another recipe.
    """
    text = recipe.model_dump_json(indent=2)
    if (out / RECIPE).exists() and (out / RECIPE).read_text(encoding="utf-8") != text:
        raise AvereError(f"'{out}' holds a run of another recipe; give another folder")
    if (out / LOG).exists():
        return out
    info = RunInfo(verb="train", recipe=recipe.model_dump(mode="json"), seed=recipe.seed)
    busy = f"another process trains in '{out}'; wait for it, or give another --out"
    with locks.hold(out, busy), runs.recorded(out, info):
        return _train(recipe, out, text)


def _train(recipe: TinyBaseRecipe, out: Path, text: str) -> Path:
    """Train in a folder that no other process writes to."""
    world = recipe.world
    if recipe.begun is not None:
        _take(recipe, recipe.begun, out)
    file = make_world(world.clips, "biased", world.seed, _origin(recipe, out) / WORLD, world.identities)
    files.write_text(out / RECIPE, text)
    clips = jsonl.read_by_id(file, Clip)
    cues = list(jsonl.read(file.with_name("cues.jsonl"), Cue))
    lessons = [
        supervision.turns(clips.values(), cues, phase.turns, recipe.seed + place)
        for place, phase in enumerate(recipe.learnt)
    ]
    set_seed(recipe.seed)
    model = _untrained(recipe, [group for groups in lessons for group in groups], out)
    history = []
    for place, groups in enumerate(lessons):
        if recipe.encoders is not None and place == recipe.first_with_media:
            history += teach_encoders(model, list(clips.values()), cues, recipe.encoders, out / ENCODERS)
        for encoder in encoders_of(model).values():
            encoder.requires_grad_(recipe.phases[place].train_encoders)
        trainer = Trainer(
            model=model.module,
            args=_arguments(recipe, recipe.phases[place], out / f"phase-{place}"),
            data_collator=_Collator(model, clips, recipe.phases[place].chain),
            train_dataset=groups,
            compute_loss_func=loss,
        )
        trainer.create_optimizer()
        trainer.lr_scheduler = _schedule(trainer, recipe.phases[place])
        latest = get_last_checkpoint(trainer.args.output_dir)  # type: ignore[no-untyped-call]  # untyped there
        trainer.train(resume_from_checkpoint=latest)
        history += [{"phase": place, **row} for row in trainer.state.log_history]
    model.save(out)
    files.write_text(out / LOG, "".join(json.dumps(row) + "\n" for row in history))
    return out


def candidates(group: LessonGroup, clips: Mapping[str, Clip], chain: int = 1) -> list[Candidate]:
    """Return the turns of a group as readings of the same media, each after the earlier ones of its chain."""
    video = None if group.video is None else clips[group.video].video
    audio = None if group.audio is None else clips[group.audio].audio
    made = []
    for place, turn in enumerate(group.turns):
        earlier = group.turns[place - place % chain : place]
        prompt = Prompt(
            text=turn.text,
            video=None if video is None else Medium(path=video),
            audio=None if audio is None else Medium(path=audio),
            history=tuple(Turn(text=each.text, response=each.response) for each in earlier),
        )
        made.append(Candidate(prompt=prompt, response=turn.response))
    return made


def loss(logps: Tensor, labels: Tensor, num_items_in_batch: Tensor | None = None) -> Tensor:
    """Return the negative log-likelihood a token, each response weighing the same.

    So a letter counts as much as a caption of twenty words; ``labels`` counts the tokens of each response.
    """
    del num_items_in_batch
    return -(logps / labels).mean()


class _Collator:
    """Turns groups into one packed batch."""

    def __init__(self, model: LocalModel, clips: Mapping[str, Clip], chain: int) -> None:
        self.model = model
        self.clips = clips
        self.chain = chain

    def __call__(self, groups: Sequence[LessonGroup]) -> dict[str, Any]:
        """Return the encoded candidates, and their lengths as labels."""
        asked = [candidate for group in groups for candidate in candidates(group, self.clips, self.chain)]
        encoded = self.model.encode(asked)
        return {"encoded": encoded, "labels": torch.bincount(encoded.owners, minlength=encoded.count)}


def _origin(recipe: TinyBaseRecipe, out: Path) -> Path:
    """Find the run that rendered the clips: the first of those that were taken over one from another."""
    if recipe.begun is None:
        return out
    return _origin(TinyBaseRecipe.model_validate_json((recipe.begun / RECIPE).read_bytes()), recipe.begun)


def _take(recipe: TinyBaseRecipe, run: Path, out: Path) -> None:
    """Copy what a finished run learnt before its phases differ from the recipe's.

    Raises:
        AvereError: the run is not finished, or differs before clips are shown.
    """
    if not (run / LOG).exists():
        raise AvereError(f"'{run}' holds no finished tiny base to begin with; give the folder of one")
    theirs = TinyBaseRecipe.model_validate_json((run / RECIPE).read_bytes())
    their, own = (
        one.model_dump(include={"world", "model", "encoders", "autocast", "seed"})
        | {"told": one.phases[: one.first_with_media]}
        for one in (theirs, recipe)
    )
    if their != own:
        names = ", ".join(name for name in own if own[name] != their[name])
        raise AvereError(f"'{run}' learnt with another {names}, so nothing can be taken; leave out begun")
    same = takewhile(lambda pair: pair[0] == pair[1], zip(theirs.learnt, recipe.learnt, strict=False))
    taken = [f"phase-{place}" for place, _ in enumerate(same)]
    for folder in (NEW, *taken):
        shutil.copytree(run / folder, out / folder, dirs_exist_ok=True)
    for file in run.glob(f"{Path(ENCODERS).stem}.*"):
        shutil.copy(file, out)


def _untrained(recipe: TinyBaseRecipe, groups: Sequence[LessonGroup], out: Path) -> LocalModel:
    """Build the model, its tokenizer from the words of all lessons; all weights train."""
    words = [text for group in groups for turn in group.turns for text in (turn.text, turn.response)]
    if recipe.begun is None:
        tiny.build(recipe.model, words, out / NEW, seed=recipe.seed)
    return qwen_omni.load(out / NEW, train_encoders=True, dtype="float32", remember=2 * recipe.world.clips)


def _schedule(trainer: Trainer, phase: Phase) -> LambdaLR:
    """Make the rates of one phase, from above zero to zero."""
    steps = ceil(phase.epochs * len(trainer.get_train_dataloader()))
    return make_schedule(trainer.optimizer, ceil(phase.warmup_ratio * steps), steps, "cosine")


def _arguments(recipe: TinyBaseRecipe, phase: Phase, folder: Path) -> TrainingArguments:
    """Return one phase as transformers' arguments."""
    folder.mkdir(parents=True, exist_ok=True)
    return TrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=phase.clips_per_step,
        learning_rate=phase.learning_rate,
        weight_decay=phase.weight_decay,
        max_grad_norm=phase.max_grad_norm,
        num_train_epochs=phase.epochs,
        adam_beta2=0.98,
        use_cpu=not torch.accelerator.is_available(),
        seed=recipe.seed,
        data_seed=recipe.seed,
        logging_steps=10,
        bf16=recipe.autocast == "bfloat16",
        save_strategy="no" if recipe.checkpoint_every is None else "steps",
        save_steps=recipe.checkpoint_every or 1,
        save_total_limit=1,
        report_to=[],
        remove_unused_columns=False,
        label_names=["labels"],
    )
