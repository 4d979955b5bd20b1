"""The second stage: which emotion each modality conveys, judged from its own cues and nothing else."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from avere import prompts
from avere.annotate._asking import Job, find_outcome
from avere.annotate._forms import InferenceSaid
from avere.annotate._stages import SENSE, Workspace, drop_modality, name_modality, number_entries
from avere.annotate.annotations import Inference, ModalityDescription, Sighting, Support
from avere.answers import emotions
from avere.asking.desk import Desk
from avere.construct.lexicon import name_cue
from avere.interfaces import Prompt, Responder
from avere.records import Clip, Cue, Modality, jsonl

FILE = "inferences.jsonl"
PROMPT = "annotate_infer"
WHOSE = {"person": "the main person's", "other": "somebody else's", "scene": "a plain fact"}


def infer_emotions(descriptions: Path, annotator: Responder, work: Workspace) -> Path:
    """Ask what the cues of each modality convey, and write it with what each cue speaks for.

    Equal lists of cues are asked about once.

    Returns:
        The file of `Inference` records, one a description, in their order.

    Raises:
        AvereError: the annotator cannot go on; what it answered is kept.
    """
    desk = work.desk("infer", annotator, InferenceSaid)

    def read() -> Iterable[ModalityDescription]:
        return jsonl.read(descriptions, ModalityDescription)

    def jobs() -> Iterator[Job]:
        return (_job(one, work) for one in read() if one.sightings)

    desk.ask_all(jobs, work.watch("infer"))
    out = work.folder / FILE
    jsonl.write(out, (_inference(one, desk, work) for one in read()))
    return out


def find_support(clip: Clip, conveyed: dict[Modality, str | None]) -> Support:
    """Find the modalities that alone convey the label of a clip."""
    hears, sees = conveyed["audio"] == clip.emotion, conveyed["video"] == clip.emotion
    if hears and sees:
        return "agreement"
    return "audio-only" if hears else "video-only" if sees else "neither"


def _job(one: ModalityDescription, work: Workspace) -> Job:
    entries = (f"{sighting.text} ({WHOSE[sighting.whose]})" for sighting in one.sightings)
    text = prompts.render(
        PROMPT,
        sense=SENSE[one.modality],
        cues=number_entries(entries),
        emotions=", ".join(work.options.emotions),
    )
    return Job(name_modality(one.clip, one.modality), Prompt(text=text), PROMPT)


def _inference(one: ModalityDescription, desk: Desk[str, InferenceSaid], work: Workspace) -> Inference:
    """Infer the emotion of one modality, or give the reason why it is not known."""
    if not one.sightings:
        return Inference(clip=one.clip, modality=one.modality, reason=one.reason)
    said, reason = find_outcome(desk, _job(one, work))
    known = work.options.emotions
    evidence = {entry.cue: entry.emotion for entry in said.evidence} if said else {}
    cues = [
        _cue(one, sighting, _named(evidence.get(number), known))
        for number, sighting in enumerate(one.sightings, start=1)
    ]
    emotion = _named(said.emotion, known) if said else None
    detail = None
    if said and emotion not in known:
        reason, detail = "the cues convey none of the recipe's emotions", emotion
    dropped = (drop_modality(one.clip, one.modality, "infer", reason, detail),) if reason else ()
    return Inference(
        clip=one.clip,
        modality=one.modality,
        emotion=None if reason else emotion,
        cues=tuple({cue.name: cue for cue in cues}.values()),
        reason=reason,
        dropped=dropped,
    )


def _named(word: str | None, known: tuple[str, ...]) -> str | None:
    """Find the emotion that a word names, or the word itself where it is none that the recipe knows."""
    if word is None:
        return None
    return emotions.parse(word, known, "lenient").label or " ".join(word.casefold().split())


def _cue(one: ModalityDescription, sighting: Sighting, emotion: str | None) -> Cue:
    return Cue(
        clip=one.clip,
        modality=one.modality,
        name=name_cue(sighting.text, one.modality),
        text=sighting.text,
        present=True,
        evidence_of=None if sighting.whose == "scene" else emotion,
        bearer="other" if sighting.whose == "other" else "person",
        span=sighting.span,
    )
