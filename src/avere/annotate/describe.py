"""The first stage: each modality of a clip described by itself, by an annotator who is not told the label."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from avere import prompts
from avere.annotate._asking import Job, find_outcome
from avere.annotate._forms import CueSaid, DescriptionSaid
from avere.annotate._stages import SENSE, Clips, Workspace, drop_modality, name_modality, prompt_about
from avere.annotate.annotations import ModalityDescription, Sighting
from avere.answers import emotions
from avere.asking.desk import Desk
from avere.construct.construction import Dropped
from avere.construct.lexicon import MODALITIES, plain_wording
from avere.interfaces import Responder
from avere.records import Clip, Modality, jsonl

FILE = "descriptions.jsonl"


def describe_clips(clips: Clips, annotator: Responder, work: Workspace) -> Path:
    """Ask about the video and the audio of every clip apart, and write what each holds.

    Returns:
        The file of `Description` records, two a clip, in the order of the clips.

    Raises:
        AvereError: the annotator cannot go on; what it answered is kept.
    """
    desk = work.desk("describe", annotator, DescriptionSaid)
    desk.ask_all(partial(jobs, clips), work.watch("describe"))
    out = work.folder / FILE
    jsonl.write(out, (_description(clip, m, desk, work) for clip in clips() for m in MODALITIES))
    return out


def jobs(clips: Clips) -> Iterator[Job]:
    """Yield the questions of the stage: one about each medium that there is."""
    places = ((clip, modality) for clip in clips() for modality in MODALITIES)
    return (_job(clip, modality) for clip, modality in places if getattr(clip, modality) is not None)


def _job(clip: Clip, modality: Modality) -> Job:
    """Word the question about one modality; the other one is withheld, and so is the label."""
    template = f"annotate_{modality}"
    return Job(
        name_modality(clip.id, modality), prompt_about(prompts.render(template), modality, clip), template
    )


def _description(
    clip: Clip, modality: Modality, desk: Desk[str, DescriptionSaid], work: Workspace
) -> ModalityDescription:
    """Describe one modality of a clip, or give the reason why nothing is known of it."""
    if getattr(clip, modality) is None:
        return _nothing(clip, modality, f"the clip has no {modality}")
    said, reason = find_outcome(desk, _job(clip, modality))
    if said is None:
        return _nothing(clip, modality, str(reason))
    found: dict[str, Sighting] = {}
    leaks: list[Dropped] = []
    for cue in said.cues:
        text = plain_wording(cue.cue)
        if not text or text in found:
            continue
        if emotions.parse(text, work.options.emotions, "lenient").reason != "no label is named":
            leaks.append(
                Dropped(
                    what="cue",
                    id=f"{name_modality(clip.id, modality)}/{text}",
                    stage="describe",
                    reason="the cue names an emotion",
                )
            )
            continue
        found[text] = Sighting(text=text, whose=cue.whose, span=_span(cue))
    if not found:
        nothing = _nothing(clip, modality, f"nothing can be {SENSE[modality]}")
        return nothing.model_copy(
            update={"transcript": said.transcript, "dropped": (*nothing.dropped, *leaks)}
        )
    return ModalityDescription(
        clip=clip.id,
        modality=modality,
        sightings=tuple(found.values()),
        transcript=said.transcript,
        dropped=tuple(leaks),
    )


def _nothing(clip: Clip, modality: Modality, reason: str) -> ModalityDescription:
    dropped = (drop_modality(clip.id, modality, "describe", reason),)
    return ModalityDescription(clip=clip.id, modality=modality, reason=reason, dropped=dropped)


def _span(cue: CueSaid) -> tuple[float, float] | None:
    """Take the span of a cue, where its times make sense."""
    if cue.start is None or cue.end is None or not 0 <= cue.start <= cue.end < float("inf"):
        return None
    return cue.start, cue.end
