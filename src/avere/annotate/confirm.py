"""The third stage: other annotators check every cue, among plausible ones that the first did not name."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from avere import prompts
from avere.annotate._asking import Job, find_outcome
from avere.annotate._forms import ConfirmationSaid
from avere.annotate._stages import SENSE, Clips, Workspace, name_modality, number_entries, prompt_about
from avere.annotate.annotations import Checked, Confirmation, Inference, Verdict
from avere.annotate.infer import find_support
from avere.asking.desk import Desk
from avere.construct.balance import rank_names
from avere.construct.lexicon import Gathering, Lexicon
from avere.construct.recipe import Annotation
from avere.interfaces import Responder
from avere.records import Clip, Cue, Modality, jsonl

FILE = "confirmations.jsonl"
PROMPT = "annotate_confirm"
NEITHER = "neither modality conveys the label"
MOST, DONORS = 200, 64
"""Typical cues kept of an emotion and modality; clips whose media stand in for others'."""


class Place(NamedTuple):
    """One modality of a clip, with what it is said to hold."""

    clip: Clip
    modality: Modality
    claims: tuple[Cue, ...]


class Opinion(NamedTuple):
    """One annotator's check, on the clip's own media or on those of another clip."""

    desk: Desk[str, ConfirmationSaid]
    swapped: bool


def confirm_cues(
    clips: Clips, inferences: Path, validators: Sequence[Responder], annotator: Responder, work: Workspace
) -> Path:
    """Ask the validators which of the cues are there, and write each cue with who bears it out.

    Args:
        clips: those that were described, in the same order.
        inferences: what the second stage wrote.
        validators: who checks; others than the annotator, or errors of its own cannot be seen. None = itself.
        annotator: who described; checks its own cues on other media where the recipe says so.
        work: how and where.

    Returns:
        The file of `Confirmation` records, two a clip, in the order of the clips.

    Raises:
        AvereError: a validator cannot go on; what it answered is kept.
    """
    opinions = [
        Opinion(work.desk("confirm", one, ConfirmationSaid), swapped)
        for one, swapped in checkers(validators, annotator, work.options)
    ]
    checker = _Checker(clips, inferences, work)
    tick = work.watch("confirm")
    for opinion in opinions:
        opinion.desk.ask_all(partial(checker.jobs, swapped=opinion.swapped), tick)
    out = work.folder / FILE
    jsonl.write(out, (checker.confirmation(one, opinions) for one in checker.sides()))
    return out


def checkers(
    validators: Sequence[Responder], annotator: Responder, options: Annotation
) -> list[tuple[Responder, bool]]:
    """List the models that check, and whether they do so on the media of another clip."""
    own = [(one, False) for one in validators or [annotator]]
    return [*own, (annotator, True)] if options.swapped else own


class _Checker:
    """Word the questions of the stage and weigh the answers."""

    def __init__(self, clips: Clips, inferences: Path, work: Workspace) -> None:
        self._clips, self._inferences, self._work = clips, inferences, work
        self._lexicon = _lexicon(self._read(), work)
        self._donors = [pair for pair, _ in zip(self._pairs(), range(DONORS), strict=False)]

    def sides(self) -> Iterator[tuple[Inference, Place | None, str | None]]:
        """Yield each inference, with what is to be checked, or why nothing is."""
        keep = self._work.options.neither == "keep"
        for clip, found in self._pairs():
            conveyed: dict[Modality, str | None] = {one.modality: one.emotion for one in found}
            borne_out = keep or find_support(clip, conveyed) != "neither"
            for one in found:
                if one.emotion is None:
                    yield one, None, one.reason
                elif not borne_out:
                    yield one, None, NEITHER
                else:
                    yield one, Place(clip, one.modality, self._claims(one)), None

    def jobs(self, *, swapped: bool) -> Iterator[Job]:
        """Yield the questions about everything that is to be checked."""
        places = (place for _, place, _ in self.sides() if place is not None)
        found = (self.job(place, swapped=swapped) for place in places)
        return (job for job in found if job is not None)

    def job(self, place: Place, *, swapped: bool) -> Job | None:
        """Word the question about one place; None where no other clip's media will do."""
        clip = self._donor(place) if swapped else place.clip
        if clip is None:
            return None
        texts = {cue.name: cue.text for cue in place.claims}
        cues = number_entries(texts[name] for name in self._order(place))
        text = prompts.render(PROMPT, sense=SENSE[place.modality], cues=cues)
        prompt = prompt_about(text, place.modality, clip)
        return Job(name_modality(place.clip.id, place.modality), prompt, PROMPT)

    def confirmation(
        self, found: tuple[Inference, Place | None, str | None], opinions: Sequence[Opinion]
    ) -> Confirmation:
        """Make the record of one side with all that was said of its cues."""
        one, place, reason = found
        if place is None:
            return Confirmation(clip=one.clip, modality=one.modality, emotion=one.emotion, reason=reason)
        said = [self._said(place, opinion) for opinion in opinions]
        checked = tuple(
            _checked(cue, [(row[number], o.swapped) for row, o in zip(said, opinions, strict=True)])
            for number, cue in enumerate(place.claims)
        )
        return Confirmation(clip=one.clip, modality=one.modality, emotion=one.emotion, checked=checked)

    def _said(self, place: Place, opinion: Opinion) -> list[Verdict | None]:
        """List one verdict a claim; None where there is none."""
        job = self.job(place, swapped=opinion.swapped)
        said = find_outcome(opinion.desk, job).said if job is not None else None
        by_number = {entry.cue: entry.answer for entry in said.verdicts} if said else {}
        numbers = {name: number for number, name in enumerate(self._order(place), start=1)}
        return [by_number.get(numbers[cue.name]) for cue in place.claims]

    def _order(self, place: Place) -> list[str]:
        """List the names of the claims in an order that does not tell which are said to be present."""
        return rank_names((cue.name for cue in place.claims), self._work.seed, place.clip.id, "order")

    def _claims(self, one: Inference) -> tuple[Cue, ...]:
        """List the cues of a side, and after them typical ones that it is not said to have."""
        own = {cue.name: cue for cue in one.cues}
        options, cues = self._work.options, dict(own)
        for emotion in options.emotions:
            names = [
                kind.name for kind in self._lexicon.typical(emotion, one.modality) if kind.name not in own
            ]
            for name in rank_names(names, self._work.seed, one.clip)[: options.absent]:
                kind = self._lexicon.kinds[name]
                cues[name] = Cue(
                    clip=one.clip,
                    modality=one.modality,
                    name=name,
                    text=kind.wordings[0],
                    present=False,
                    evidence_of=emotion,
                )
        return tuple(cues.values())

    def _donor(self, place: Place) -> Clip | None:
        """Find a clip whose description holds none of the cues that are said to be present."""
        names = {cue.name for cue in place.claims if cue.present}
        free = {
            clip.id: clip
            for clip, found in self._donors
            for one in found
            if one.modality == place.modality and one.emotion is not None
            if clip.id != place.clip.id and names.isdisjoint(cue.name for cue in one.cues)
        }
        return free[rank_names(free, self._work.seed, place.clip.id)[0]] if free else None

    def _read(self) -> Iterable[Inference]:
        return jsonl.read(self._inferences, Inference)

    def _pairs(self) -> Iterator[tuple[Clip, tuple[Inference, ...]]]:
        """Yield each clip with the inferences of its sides."""
        found = iter(self._read())
        return zip(self._clips(), zip(found, found, strict=True), strict=True)


def bears_out(cue: Cue, verdict: Verdict) -> bool:
    """True where a validator's words agree with the claim about a cue.

    That a plain fact is somebody's is no contradiction; whose a sign is, is one.
    """
    if not cue.present or verdict == "absent":
        return not cue.present and verdict == "absent"
    if cue.evidence_of is None:
        return True
    return (verdict == "person") is (cue.bearer == "person")


def _checked(cue: Cue, said: Sequence[tuple[Verdict | None, bool]]) -> Checked:
    """Pair a cue with its agreement; on another clip's media, a cue that is present here must be absent."""
    votes = [
        verdict == "absent" if swapped else bears_out(cue, verdict)
        for verdict, swapped in said
        if verdict is not None and (cue.present or not swapped)
    ]
    agreement = sum(votes) / len(votes) if votes else None
    return Checked(cue=cue, said=tuple(verdict for verdict, _ in said), agreement=agreement)


def _lexicon(inferences: Iterable[Inference], work: Workspace) -> Lexicon:
    """Gather the kinds of cues of a corpus as it was described."""
    gathering = Gathering(work.options.emotions)
    for one in inferences:
        gathering.add(one.cues)
    return gathering.lexicon(most=MOST, at_least=work.options.typical)
