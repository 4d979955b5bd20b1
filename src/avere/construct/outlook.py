"""What a construction with annotators would ask, told before anything is asked."""

from pathlib import Path
from typing import NamedTuple

from avere.construct import describe
from avere.construct._said import DescriptionSaid
from avere.construct.annotated import Team, usable
from avere.construct.annotations import Stage
from avere.construct.recipe import Recipe
from avere.interfaces import Estimate, Responder


class Outlook(NamedTuple):
    """The calls of one stage to one model."""

    stage: Stage
    model: str
    calls: int
    """At most: equal questions are asked once, what a stage drops goes no further. Repairs come on top."""
    estimate: Estimate | None
    """Of the describe stage, by models that know their price; the words of later stages are not known yet."""


def outlook(folder: Path, recipe: Recipe, team: Team) -> list[Outlook]:
    """Return what each stage would ask at most, of a folder that nothing was asked about yet.

    Raises:
        AvereError: the folder holds no clips with a label of the recipe.
    """
    clips = usable(folder, recipe.annotation)
    sides = sum(1 for _ in describe.jobs(clips))
    closed = 2 * (recipe.questions.basic + recipe.questions.stress) + recipe.questions.agreement
    asked = sum(1 for _ in clips()) * closed
    checkers = [*team.validators, *([team.annotator] if recipe.annotation.swapped else ())]
    return [
        Outlook("describe", team.annotator.name, sides, _estimate(team.annotator, recipe, folder)),
        Outlook("infer", team.annotator.name, sides, None),
        *(Outlook("confirm", one.name, sides, None) for one in checkers),
        *(Outlook("blind", one.name, asked, None) for one in team.blind),
    ]


def _estimate(model: Responder, recipe: Recipe, folder: Path) -> Estimate | None:
    """Return what describing takes, where the model can tell."""
    estimate = getattr(model, "estimate", None)
    if estimate is None:
        return None
    asks = (job.ask for job in describe.jobs(usable(folder, recipe.annotation)))
    told: Estimate = estimate(
        asks,
        max_tokens=recipe.annotation.max_tokens,
        seed=recipe.seed,
        schema=DescriptionSaid.model_json_schema(),
    )
    return told
