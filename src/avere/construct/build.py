"""From a folder of clips and their cues to a folder that models are trained on and asked from."""

from pathlib import Path
from typing import NamedTuple

from avere.construct import card, construction, pairs, questions, summary
from avere.construct.facts import made_from
from avere.construct.free_cues import settle_facts
from avere.construct.mixing import mix_clips
from avere.construct.recipe import ConstructionRecipe
from avere.errors import AvereError
from avere.records import Clip, Cue, Question, jsonl


class Built(NamedTuple):
    """What was written."""

    questions: list[Question]
    pairs: pairs.MadePairs


def build_from_cues(world: Path, out: Path, recipe: ConstructionRecipe) -> Built:
    """Write questions, pairs, clips, cues and a data card to ``out``; media stay where they are.

    Cues may be EmoWorld's or anybody's, in any words (`avere.construct.free_cues`). Those of real clips are
    seldom displaced and seldom known to be absent: half of their stress questions are answered by yes, the
    others are what the clips offer, whatever the recipe says.

    Raises:
        AvereError: ``world`` holds no clips or cues, they cannot be read, or nothing can be made of them.
    """
    clips, cues, lexicon = settle_facts(*_read_known(world))
    if not lexicon.closed:
        halves = recipe.questions.model_copy(update={"shares": "halves", "displaced": "own"})
        recipe = recipe.model_copy(update={"questions": halves})
    wanted = questions.make(clips, cues, recipe.questions, recipe.seed, lexicon)
    asked = wanted.questions
    if recipe.pairs.two_by_two:
        mixed, told_of_them = mix_clips(clips, cues, recipe.seed)
        clips, cues = clips + mixed, cues + told_of_them
    made = pairs.pairs(clips, cues, recipe.pairs, recipe.seed, lexicon)
    lost = made.skipped if lexicon.closed else made.skipped + wanted.skipped
    if not asked and not made.pairs:
        reasons = "; ".join(sorted(lost)) or "no cue speaks for an emotion"
        raise AvereError(
            f"nothing can be made of the {len(cues)} cues of '{world}' ({reasons}); docs/your-own-clips.md "
            "says which rows are needed"
        )
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
        not_made=dict(sorted(lost.items())),
    ).model_copy(update={**summary.of_questions(asked), **summary.of_pairs(made.pairs)})
    construction.write(out, told)
    card.write(out)
    return Built(asked, made)


def _read_known(folder: Path) -> tuple[list[Clip], list[Cue]]:
    """Read clips and cues of a folder.

    Raises:
        AvereError: one of the files is missing, or a line is wrong.
    """
    for name, advice in (
        ("clips.jsonl", "make it from a table of your clips: avere corpora import folder {0} --out {0}"),
        ("cues.jsonl", "write cues.csv and import it (docs/your-own-clips.md), or name an --annotator"),
    ):
        if folder.is_dir() and not (folder / name).exists():
            raise AvereError(f"'{folder}' holds no {name}; {advice.format(folder)}")
    clips = list(jsonl.read_by_id(folder / "clips.jsonl", Clip).values())
    return clips, list(jsonl.read(folder / "cues.jsonl", Cue))
