"""The model card that lies next to trained weights: what it is, from what, how well, for what not."""

from collections.abc import Mapping
from typing import NamedTuple

from avere.preference.recipe import TrainingRecipe

LIMITS = """\
## Intended use

Research on how audio-visual language models reason about emotions: which cues they name, and whether those
cues are there. Read the scores on supporting cues beside those on hallucinated ones: a model that answers
"no" more often looks more faithful without being so.

## Limits

- What a face or a voice shows is not what a person feels. Expressions differ between people, cultures and
  situations, and labels are the impressions of annotators.
- Not for decisions about people: not in hiring, teaching, policing, health or border control. In the European
  Union, emotion recognition at work and in education is prohibited with few exceptions.
- Preference data inherits the statistics of its clips, and of the models that wrote its answers; groups that
  are rare there were hardly tested.
- Training makes unfaithful answers less likely, not impossible.
"""


class CardFacts(NamedTuple):
    """What a model card states of one run."""

    base: str
    """Fingerprint of the model before training."""
    data: Mapping[str, str]
    """Digest of each file that was learnt from."""
    metrics: Mapping[str, float]
    version: str


def render(recipe: TrainingRecipe, facts: CardFacts) -> str:
    """Return the card as markdown; its YAML head is the one that model hubs read."""
    name = recipe.loss["name"]
    tags = f"base_model: {recipe.model.source}\ntags: [avere, {name}, emotion]"
    head = f"---\nlibrary_name: transformers\n{tags}\n---\n"
    opening = (
        f"# {recipe.model.source} after {name}\n\n"
        f"Trained by avere {facts.version}; `recipe.json` and `log.jsonl` in this folder say how.\n"
    )
    origin = {"base model": recipe.model.source, "base fingerprint": facts.base, "seed": str(recipe.seed)}
    settings = {f"loss.{key}": str(value) for key, value in recipe.loss.items()}
    steps = {f"optimiser.{key}": str(value) for key, value in recipe.optimiser.model_dump().items()}
    tuned = {f"adapter.{key}": str(value) for key, value in recipe.adapter.model_dump().items()}
    numbers = {key: f"{value:.4g}" for key, value in facts.metrics.items()}
    return "\n".join(
        [
            head,
            opening,
            table("Origin", origin | {f"sha256 of {key}": value for key, value in facts.data.items()}),
            table("Recipe", settings | tuned | steps),
            table("Metrics at the end of training", numbers),
            LIMITS,
        ]
    )


def of_merged(card: str) -> str:
    """Return the card of an adapter as that of its base with the adapter folded in; it may have none."""
    note = "These are full weights: an adapter folded into its base. They load with transformers alone.\n"
    if not card:
        head = "---\nlibrary_name: transformers\ntags: [avere, emotion]\n---\n"
        return f"{head}\n# Merged weights\n\n{note}\n{LIMITS}"
    head, found, rest = card.partition("\n## ")
    return f"{head}\n{note}{found}{rest}"


def table(title: str, rows: Mapping[str, str]) -> str:
    """Return a two-column markdown table under a heading."""
    lines = [f"| {key} | {value} |" for key, value in rows.items()]
    return "\n".join([f"## {title}\n", "| | |", "|---|---|", *lines, ""])
