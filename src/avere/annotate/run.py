"""The whole road from anybody's labelled clips to questions and pairs, by annotators that are handed in."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from avere import __version__, files, media
from avere.annotate import audit, decisions
from avere.annotate._stages import Clips, Workspace, sort_labelled
from avere.annotate.annotations import Confirmation, Inference, ModalityDescription
from avere.annotate.blind import find_solvable_blind
from avere.annotate.confirm import confirm_cues
from avere.annotate.decisions import Decisions
from avere.annotate.describe import describe_clips
from avere.annotate.infer import infer_emotions
from avere.annotate.weigh import Known, cue_id, weigh_cues
from avere.construct import balance, card, construction, filters, pairs, questions, summary
from avere.construct.construction import Construction, Dropped
from avere.construct.lexicon import Gathering, Lexicon
from avere.construct.recipe import Annotation, ConstructionRecipe
from avere.errors import AvereError, MediaError
from avere.interfaces import Responder
from avere.records import Clip, Provenance, RunInfo, jsonl, runs

CLIPS, STAGES = "clips.jsonl", "stages"


class Team(NamedTuple):
    """Who takes part."""

    annotator: Responder
    validators: tuple[Responder, ...]
    blind: tuple[Responder, ...] = ()
    """Models that are asked the questions without media."""
    people: Decisions = MappingProxyType({})
    """What they decided of cues."""


class _Found(NamedTuple):
    """What the stages that ask annotators came to."""

    known: list[Known]
    dropped: list[Dropped]
    lexicon: Lexicon


def construct_from_clips(
    folder: Path,
    out: Path,
    recipe: ConstructionRecipe,
    team: Team,
    *,
    again: bool = False,
    watch: Callable[[str], Callable[[], None]] = lambda _: lambda: None,
) -> Construction:
    """Write questions, pairs, clips, cues, losses, a queue for people and a summary to ``out``.

    Run again, it goes on where it stopped: no question that was answered is asked again.

    Args:
        folder: holds ``clips.jsonl`` with labels; media stay where they are.
        out: the folder; made where missing.
        recipe: how.
        team: who.
        again: ask once more what failed in an earlier run.
        watch: told the name of a stage, gives what is called after each of its questions.

    Raises:
        AvereError: no clips, ``out`` is their folder, nobody checks the cues, or an annotator cannot go on.
    """
    if not team.validators and not recipe.annotation.swapped:
        raise AvereError(
            "nobody checks what the annotator says; give --validator with another model, or let the "
            "annotator check itself on swapped media with --set annotation.swapped=true"
        )
    if out.resolve() == folder.resolve():
        raise AvereError(
            f"'{out}' holds the clips themselves, which are not written over; give another folder"
        )
    usable_clips(folder, recipe.annotation)
    work = Workspace(out / STAGES, recipe.annotation, recipe.seed, again, watch)
    with runs.recorded(work.folder, _info(folder, recipe, team)):
        return _constructed(folder, out, recipe, team, work)


def _info(folder: Path, recipe: ConstructionRecipe, team: Team) -> RunInfo:
    """Describe who annotates which clips, and how."""
    parts = {"annotator": (team.annotator,), "validator": team.validators, "blind": team.blind}
    return RunInfo(
        verb="construct",
        recipe=recipe.model_dump(mode="json"),
        models=tuple(runs.describe_model(one, role) for role, them in parts.items() for one in them),
        data={"clips": files.digest(folder / CLIPS)},
        seed=recipe.seed,
    )


def _constructed(
    folder: Path, out: Path, recipe: ConstructionRecipe, team: Team, work: Workspace
) -> Construction:
    """Run all stages and write what came of them."""
    found = _annotated(folder, work, team)
    made, not_made = _made(found, recipe, team, work)
    dropped = [*found.dropped, *made.dropped]
    jsonl.write(out / "clips.jsonl", (one.clip for one in found.known))
    jsonl.write(out / "cues.jsonl", (cue for one in found.known for cue in one.cues))
    jsonl.write(out / "questions.jsonl", made.questions)
    jsonl.write(out / "pairs.jsonl", made.pairs)
    jsonl.write(out / "dropped.jsonl", dropped)
    jsonl.write(out / "queue.jsonl", (one for known in found.known for one in known.waiting))
    whole = _construction(found, work, team, not_made).model_copy(
        update={
            **summary.of_questions(made.questions),
            **summary.of_pairs(made.pairs),
            "dropped": summary.of_drops(dropped),
            "made_by": _made_by(recipe, team),
            "recipe": recipe.model_dump(mode="json"),
        }
    )
    construction.write(out, whole)
    card.write(out)
    return whole


def _made(
    found: _Found, recipe: ConstructionRecipe, team: Team, work: Workspace
) -> tuple[filters.Sifted, Counter[str]]:
    """Make the questions and pairs; list what filters and balance left out, and what could not be made."""
    facts = [one.clip for one in found.known], [cue for one in found.known for cue in one.cues]
    unsettled = {place for one in found.known for place in one.unsettled}
    asked = questions.make(*facts, recipe.questions, recipe.seed, found.lexicon, unsettled)
    made = pairs.pairs(*facts, recipe.pairs, recipe.seed, found.lexicon)
    sifted = filters.sift(asked.questions, made.pairs, recipe.filters, recipe.annotation.emotions)
    blind = find_solvable_blind(sifted.questions, team.blind, work) if recipe.filters.blind else {}
    seeing = [question for question in sifted.questions if question.id not in blind]
    even, surplus = balance.balance(seeing, recipe.filters, recipe.seed)
    made_by = _made_by(recipe, team)
    kept = [question.model_copy(update={"made_by": made_by}) for question in even]
    chosen = [pair.model_copy(update={"made_by": made_by}) for pair in sifted.pairs]
    dropped = [*sifted.dropped, *blind.values(), *surplus]
    return filters.Sifted(kept, chosen, dropped), asked.skipped + made.skipped


def _annotated(folder: Path, work: Workspace, team: Team) -> _Found:
    """Run the stages that ask annotators."""
    clips = usable_clips(folder, work.options)
    described = describe_clips(clips, team.annotator, work)
    inferred = infer_emotions(described, team.annotator, work)
    confirmed = confirm_cues(clips, inferred, team.validators, team.annotator, work)
    told = (jsonl.read(described, ModalityDescription), jsonl.read(confirmed, Confirmation))
    known = [
        one._replace(clip=_timed(one.clip)) for one in weigh_cues(clips(), *told, work.options, team.people)
    ]
    gathering = Gathering(work.options.emotions)
    for one in known:
        gathering.add(one.cues)
    dropped = [
        *(one for one in _sorted_out(folder, work.options) if isinstance(one, Dropped)),
        *(loss for one in jsonl.read(described, ModalityDescription) for loss in one.dropped),
        *(loss for one in jsonl.read(inferred, Inference) for loss in one.dropped),
        *(loss for one in known for loss in one.dropped),
    ]
    return _Found(known, dropped, gathering.lexicon(at_least=work.options.typical))


def usable_clips(folder: Path, options: Annotation) -> Clips:
    """Find the clips of a folder that bear a label of the recipe.

    Raises:
        AvereError: there is none.
    """

    def clips() -> Iterator[Clip]:
        return (one for one in _sorted_out(folder, options) if isinstance(one, Clip))

    if next(clips(), None) is None:
        raise AvereError(
            f"no clip of '{folder / CLIPS}' bears one of the labels {', '.join(options.emotions)}; label the "
            "clips, or name your labels with --set annotation.emotions=[...]"
        )
    return clips


def _sorted_out(folder: Path, options: Annotation) -> Iterator[Clip | Dropped]:
    return sort_labelled(jsonl.read(folder / CLIPS, Clip), options)


def _timed(clip: Clip) -> Clip:
    """Copy a clip with its length among its attributes, where it can be told."""
    path = clip.video or clip.audio
    if "seconds" in clip.attributes or path is None or not path.exists():
        return clip
    try:
        seconds = media.probe(path).seconds
    except MediaError:
        return clip
    return clip.model_copy(update={"attributes": {**clip.attributes, "seconds": f"{seconds:.2f}"}})


def _made_by(recipe: ConstructionRecipe, team: Team) -> Provenance:
    """Make the provenance of this run's records; the summary tells the prompts apart."""
    digests = "".join(audit.digests().values())
    return Provenance(
        recipe="annotated",
        prompt=hashlib.sha256(digests.encode()).hexdigest()[:16],
        model=team.annotator.fingerprint,
        seed=recipe.seed,
        version=__version__,
    )


def _construction(found: _Found, work: Workspace, team: Team, not_made: Counter[str]) -> Construction:
    """Make the summary, but for what became of the questions and pairs."""
    sides = list(jsonl.read(work.folder / "confirmations.jsonl", Confirmation))
    shares, checked = audit.contradicted(one for side in sides for one in side.checked)
    named = [cue_id(one.cue) for side in sides for one in side.checked]
    cues = [cue for one in found.known for cue in one.cues]
    useful = [one for one in found.known if one.clip.shown.audio or one.clip.shown.video]
    lost = sum(one.what == "clip" and one.stage == "describe" for one in found.dropped)
    checkers = team.validators or (team.annotator,)
    return Construction(
        annotator=team.annotator.name,
        validators=tuple(one.name for one in checkers),
        blind=tuple(one.name for one in team.blind),
        prompts=audit.digests(),
        clips={"read": len(found.known) + lost, "labelled": len(found.known), "useful": len(useful)},
        support=dict(Counter(one.support for one in found.known)),
        labels=dict(Counter(str(one.clip.emotion) for one in useful)),
        cues={
            "checked present": checked.get("present", 0),
            "checked absent": checked.get("absent", 0),
            "confirmed present": sum(cue.present for cue in cues),
            "confirmed absent": sum(not cue.present for cue in cues),
            **Counter(f"{team.people[name]} by people" for name in named if name in team.people),
        },
        contradicted=shares,
        not_made={reason: count for reason, count in sorted(not_made.items()) if count},
        waiting=sum(len(one.waiting) for one in found.known),
        costs=audit.costs(
            {stage: work.journal(stage) for stage in ("describe", "infer", "confirm", "blind")}
        ),
        warnings=(
            *audit.warnings(
                shares, checked, [one.fingerprint for one in (team.annotator, *checkers)], work.options
            ),
            *decisions.unknown(team.people, named),
        ),
    )
