"""From a folder of clips and their cues to a folder that models are trained on and asked from."""

from pathlib import Path
from typing import NamedTuple

from avere.construct import card, construction, pairs, questions, summary
from avere.construct.facts import made_from
from avere.construct.mixing import mix_clips
from avere.construct.recipe import ConstructionRecipe
from avere.records import Clip, Cue, Question, jsonl


class Built(NamedTuple):
    """What was written."""

    questions: list[Question]
    pairs: pairs.MadePairs


def build_from_cues(world: Path, out: Path, recipe: ConstructionRecipe) -> Built:
    """Write questions, pairs, clips, cues and a data card to ``out``; media stay where they are.

    Raises:
        RecordError: ``world`` holds no clips or cues, or they cannot be read.
    """
    clips = list(jsonl.read_by_id(world / "clips.jsonl", Clip).values())
    cues = list(jsonl.read(world / "cues.jsonl", Cue))
    asked = questions.questions(clips, cues, recipe.questions, recipe.seed)
    if recipe.pairs.two_by_two:
        mixed, told_of_them = mix_clips(clips, cues, recipe.seed)
        clips, cues = clips + mixed, cues + told_of_them
    made = pairs.pairs(clips, cues, recipe.pairs, recipe.seed)
    if out.resolve() != world.resolve():
        jsonl.write(out / "clips.jsonl", clips)
        jsonl.write(out / "cues.jsonl", cues)
    jsonl.write(out / "questions.jsonl", asked)
    jsonl.write(out / "pairs.jsonl", made.pairs)
    told = construction.Construction(
        made_by=made_from(clips[0], recipe.seed) if clips else None,
        recipe=recipe.model_dump(mode="json"),
        clips={"read": len(clips)},
        cues={"known": len(cues)},
        not_made=dict(sorted(made.skipped.items())),
    ).model_copy(update={**summary.of_questions(asked), **summary.of_pairs(made.pairs)})
    construction.write(out, told)
    card.write(out)
    return Built(asked, made)
