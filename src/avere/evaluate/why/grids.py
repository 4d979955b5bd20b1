"""How likely each answer is with a clip's own media, without one of them, and with those of another clip."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from avere.errors import AvereError
from avere.evaluate import conditions
from avere.evaluate.conditions import Condition
from avere.evaluate.why.samples import AskedQuestion, RunSample, keep_closed
from avere.interfaces import Candidate, Scorer
from avere.records import Clip, MediaGrid, Modality, journal

SWAP: tuple[Condition, ...] = ("av", "swap-audio", "swap-video", "swap-both")
"""Own and other picture and sound: the two-by-two grid."""
SHAPLEY: tuple[Condition, ...] = ("av", "a", "v", "text")
"""Every set of media that a model can be given."""


def score_grids(model: Scorer, sample: RunSample, wanted: Sequence[Condition]) -> Iterator[MediaGrid]:
    """Yield, for each answer of a sample, how likely it is under each condition; clip by clip.

    Under the swap conditions another clip lends its media, one that shows other emotions where there is one.

    Raises:
        AvereError: a swap without a second clip, or a medium that cannot be used.
    """
    for asked in sample.clips:
        donor = _contradicting_donor(asked[0].clip, sample.donors, sample.seed)
        candidates = [
            Candidate(prompt=conditions.apply(one.prompt, condition, donor, sample.seed), response=option)
            for one in asked
            for condition in wanted
            for option in one.options
        ]
        values = iter([round(float(value), 4) for value in model.score(candidates)])
        swaps = any(condition.startswith("swap-") for condition in wanted)
        for one in asked:
            found = {str(condition): tuple(next(values) for _ in one.options) for condition in wanted}
            yield _record(one, found, donor if swaps else None, sample)


def grids_of_run(run: Path, sample: RunSample, wanted: Sequence[Condition]) -> Iterator[MediaGrid]:
    """Yield the same from the journal of a run that was asked under all of the conditions; closed questions.

    Raises:
        AvereError: the run lacks a condition, or options were not scored.
    """
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    for said in journal.read(run).values():
        if said.choice_log_probs is not None and said.condition in wanted:
            found.setdefault(said.question, {})[said.condition] = said.choice_log_probs
    grids = [
        _record(one, {name: scores[name] for name in wanted}, None, sample)
        for asked in sample.clips
        for one in keep_closed(asked)
        if set(wanted) <= set(scores := found.get(one.question.id, {}))
    ]
    if not grids:
        raise AvereError(
            f"'{run}' holds no log-probabilities under {','.join(wanted)}; evaluate it with --conditions "
            f"{','.join(wanted)}, or name its model with --model"
        )
    yield from grids


def _record(
    one: AskedQuestion, log_probs: Mapping[str, tuple[float, ...]], donor: Clip | None, sample: RunSample
) -> MediaGrid:
    """Make the record of one question."""
    return MediaGrid(
        question=one.question.id,
        clip=one.clip.id,
        task=one.question.task,
        target=one.question.target,
        donor=None if donor is None else donor.id,
        answer=one.answer,
        right=one.question.answer if one.question.choices else None,
        log_probs=dict(log_probs),
        made_by=sample.made_by("grid"),
    )


def _contradicting_donor(clip: Clip, clips: Sequence[Clip], seed: int) -> Clip | None:
    """Draw a clip that shows another emotion in either medium, as far as labels tell; else any other."""
    others = [
        other
        for other in clips
        if all(
            _shows(other, modality) not in (None, _shows(clip, modality)) for modality in ("audio", "video")
        )
    ]
    return conditions.donor(clip, others or clips, seed)


def _shows(clip: Clip, modality: Modality) -> str | None:
    """Name the emotion that a medium of a clip conveys; the label where nothing else is known."""
    shown = clip.shown.audio if modality == "audio" else clip.shown.video
    return shown or clip.emotion
