"""The fourth stage: from checked cues to what is known of a clip, what people must decide, what is lost."""

from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import NamedTuple

from avere.annotate._stages import drop_modality, name_modality
from avere.annotate.annotations import Checked, Confirmation, ModalityDescription, Support, Waiting
from avere.annotate.confirm import NEITHER
from avere.annotate.decisions import Decision, Decisions
from avere.annotate.infer import find_support
from avere.construct.construction import Dropped
from avere.construct.lexicon import MODALITIES, plain_wording
from avere.construct.recipe import Annotation
from avere.records import Clip, Cue, Modality, Shown

CONTRADICTED = "contradicted by another annotator"
NOT_ABSENT = "not confirmed to be absent"
UNCHECKED = "no other annotator gave an answer"
BY_PEOPLE = "called wrong by people"
BOTH = "named in both modalities"
NO_SUPPORT = "no supporting cue is confirmed"
SEVERAL = "its cues speak for several emotions"


class Known(NamedTuple):
    """One clip after all that annotators said of it."""

    clip: Clip
    """With what each modality shows, where that is known, and the transcript."""
    cues: tuple[Cue, ...]
    """Confirmed ones, present and absent."""
    support: Support
    dropped: tuple[Dropped, ...]
    waiting: tuple[Waiting, ...]

    @property
    def unsettled(self) -> set[tuple[str, Modality]]:
        """The sides with a cue in dispute that would support what they show."""
        cues = (one.cue for one in self.waiting)
        shown = {"audio": self.clip.shown.audio, "video": self.clip.shown.video}
        return {(cue.clip, cue.modality) for cue in cues if cue.evidence_of == shown[cue.modality]}


def weigh_cues(
    clips: Iterable[Clip],
    descriptions: Iterable[ModalityDescription],
    confirmations: Iterable[Confirmation],
    options: Annotation,
    decisions: Decisions = MappingProxyType({}),
) -> Iterator[Known]:
    """Weigh the cues of each clip; the files hold two records a clip, in the order of the clips.

    What people decided of a cue counts, whatever annotators say of it.
    """
    described, confirmed = iter(descriptions), iter(confirmations)
    for clip in clips:
        told = [next(described) for _ in MODALITIES]
        checks = [next(confirmed) for _ in MODALITIES]
        transcript = clip.transcript or next((one.transcript for one in told if one.transcript), None)
        yield _known(clip.model_copy(update={"transcript": transcript}), checks, options, decisions)


def _known(clip: Clip, checks: Sequence[Confirmation], options: Annotation, decisions: Decisions) -> Known:
    dropped: list[Dropped] = []
    waiting: list[Waiting] = []
    kept: dict[Modality, list[Cue]] = {}
    for check in checks:
        kept[check.modality] = []
        for one in check.checked:
            decided = decisions.get(cue_id(one.cue)) or _agreed(one, options)
            if decided == "keep":
                kept[check.modality].append(one.cue)
            elif decided == "drop":
                dropped.append(Dropped(what="cue", id=cue_id(one.cue), stage="people", reason=BY_PEOPLE))
            else:
                dropped.append(_left_out(one))
                waiting.append(_waiting(one))
    if any(check.reason == NEITHER for check in checks):
        dropped.append(Dropped(what="clip", id=clip.id, stage="infer", reason=NEITHER))
    kept = _told_apart(kept, dropped)
    shown: dict[Modality, str | None] = {}
    for check in checks:
        reason = _fault(check, kept[check.modality], options)
        shown[check.modality] = None if reason or not check.checked else check.emotion
        if reason:
            dropped.append(drop_modality(clip.id, check.modality, "confirm", reason))
    found = clip.model_copy(update={"shown": Shown(audio=shown["audio"], video=shown["video"])})
    conveyed = {check.modality: check.emotion for check in checks}
    cues = tuple(cue for modality in MODALITIES for cue in kept[modality])
    return Known(found, cues, find_support(clip, conveyed), tuple(dropped), tuple(waiting))


def _agreed(one: Checked, options: Annotation) -> Decision | None:
    """True where annotators agree on a cue as it is; they never decide that it is wrong."""
    return "keep" if one.agreement is not None and one.agreement >= options.threshold else None


def _fault(check: Confirmation, cues: Iterable[Cue], options: Annotation) -> str | None:
    """Give the reason why a modality that was checked cannot be used."""
    if not check.checked:
        return None
    own = {cue.evidence_of for cue in cues if cue.present and cue.bearer == "person" and cue.evidence_of}
    if check.emotion not in own:
        return NO_SUPPORT
    return SEVERAL if len(own) > 1 and options.conflicts == "drop" else None


def _told_apart(kept: dict[Modality, list[Cue]], dropped: list[Dropped]) -> dict[Modality, list[Cue]]:
    """List the cues without those that are present in both modalities: they tell of neither alone."""
    texts = [{plain_wording(cue.text) for cue in kept[modality] if cue.present} for modality in MODALITIES]
    shared = set.intersection(*texts)
    dropped.extend(
        Dropped(what="cue", id=cue_id(cue), stage="confirm", reason=BOTH)
        for modality in MODALITIES
        for cue in kept[modality]
        if cue.present and plain_wording(cue.text) in shared
    )
    return {
        modality: [cue for cue in kept[modality] if not cue.present or plain_wording(cue.text) not in shared]
        for modality in MODALITIES
    }


def _left_out(one: Checked) -> Dropped:
    reason = UNCHECKED if one.agreement is None else CONTRADICTED if one.cue.present else NOT_ABSENT
    return Dropped(what="cue", id=cue_id(one.cue), stage="confirm", reason=reason)


def _waiting(one: Checked) -> Waiting:
    """List the cues that people must decide."""
    cue = one.cue
    sense = "see" if cue.modality == "video" else "hear"
    question = f"Do you {sense} '{cue.text}' in this clip, and is it the main person's own?"
    return Waiting(
        id=cue_id(cue), clip=cue.clip, cue=cue, said=one.said, agreement=one.agreement, question=question
    )


def cue_id(cue: Cue) -> str:
    """Make the id under which a cue is queued, dropped and decided."""
    return f"{name_modality(cue.clip, cue.modality)}/{cue.name}"
