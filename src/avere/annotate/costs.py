"""What a construction with annotators would ask and cost, told before anything is asked."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from avere import prompts
from avere.annotate import blind, confirm, describe, infer
from avere.annotate._asking import Job, schema_of
from avere.annotate._forms import ConfirmationSaid, DescriptionSaid, InferenceSaid, TextSaid
from avere.annotate._stages import SENSE, Clips, number_entries, prompt_about
from avere.annotate.run import Team, usable_clips
from avere.construct import language
from avere.construct.construction import Stage
from avere.construct.lexicon import MODALITIES
from avere.construct.recipe import ConstructionRecipe
from avere.interfaces import CostEstimate, PricedResponder, Prompt, Responder
from avere.records import Modality

CUES, CUE = 8, "a cue in a few words"
"""What a side is thought to hold, and a question to name, while the words of later stages are not known."""


class StageEstimate(NamedTuple):
    """The calls of one stage to one model."""

    stage: Stage
    model: str
    calls: int
    """At most: equal questions are asked once, what a stage drops goes no further. Repairs come on top."""
    estimate: CostEstimate | None
    """By models that know their price."""


class _StagePlan(NamedTuple):
    """What a stage asks, in words of about the right length."""

    asked: Callable[[], Iterator[Prompt]]
    form: type[BaseModel]


def estimate_stages(folder: Path, recipe: ConstructionRecipe, team: Team) -> list[StageEstimate]:
    """Estimate the calls of each stage at most, for a folder that nothing was asked about yet.

    Raises:
        AvereError: the folder holds no clips with a label of the recipe.
    """
    clips = usable_clips(folder, recipe.annotation)
    asked: dict[Stage, _StagePlan] = {
        "describe": _StagePlan(lambda: (job.prompt for job in describe.jobs(clips)), DescriptionSaid),
        "infer": _StagePlan(partial(_inferring, clips, recipe), InferenceSaid),
        "confirm": _StagePlan(partial(_confirming, clips, recipe), ConfirmationSaid),
        "blind": _StagePlan(partial(_asking_blind, clips, recipe), TextSaid),
    }
    who: dict[Stage, Sequence[Responder]] = {
        "describe": (team.annotator,),
        "infer": (team.annotator,),
        "confirm": [one for one, _ in confirm.checkers(team.validators, team.annotator, recipe.annotation)],
        "blind": team.blind,
    }
    return [_told(stage, asked[stage], one, recipe) for stage, models in who.items() for one in models]


def _told(stage: Stage, plan: _StagePlan, model: Responder, recipe: ConstructionRecipe) -> StageEstimate:
    """Count the calls of a stage to one model, and their price where the model can tell."""
    found = None
    if isinstance(model, PricedResponder):
        how: dict[str, Any] = {
            "max_tokens": recipe.annotation.max_tokens,
            "seed": recipe.seed,
            "schema": schema_of(plan.form),
        }
        found = model.estimate(plan.asked(), **how)
    return StageEstimate(stage, model.name, sum(1 for _ in plan.asked()), found)


def _inferring(clips: Clips, recipe: ConstructionRecipe) -> Iterator[Prompt]:
    """Yield lists of cues without media, each other than all before."""
    known = ", ".join(recipe.annotation.emotions)
    for number, job in enumerate(describe.jobs(clips)):
        cues = number_entries(f"{CUE} {number} ({infer.WHOSE['person']})" for _ in range(CUES))
        sense = SENSE[_modality(job)]
        yield Prompt(text=prompts.render(infer.PROMPT, sense=sense, cues=cues, emotions=known))


def _confirming(clips: Clips, recipe: ConstructionRecipe) -> Iterator[Prompt]:
    """Yield lists of cues, said to be there or not, about the media of each side."""
    options = recipe.annotation
    cues = number_entries([CUE] * (CUES + options.absent * len(options.emotions)))
    for clip in clips():
        for modality in MODALITIES:
            if getattr(clip, modality) is not None:
                text = prompts.render(confirm.PROMPT, sense=SENSE[modality], cues=cues)
                yield prompt_about(text, modality, clip)


def _asking_blind(clips: Clips, recipe: ConstructionRecipe) -> Iterator[Prompt]:
    """Yield as many questions without media as are made at most."""
    closed = 2 * (recipe.questions.basic + recipe.questions.stress) + recipe.questions.agreement
    choices = language.lettered([f"{CUE}, {CUE}"] * 4)
    count = sum(1 for _ in clips()) * closed
    return (
        Prompt(text=prompts.render(blind.PROMPT, question=f"{CUE} {CUE} {number}?", choices=choices))
        for number in range(count)
    )


def _modality(job: Job) -> Modality:
    return "video" if job.prompt.video is not None else "audio"
