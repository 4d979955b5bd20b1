"""The records of a run: read, checked against what the loss reads, counted."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from avere.errors import AvereError
from avere.preference import _media_check
from avere.preference.recipe import Data, RunOptions
from avere.preference.views import Views, count_unopposed, missing_answers
from avere.records import Clip, PreferencePair, jsonl

logger = logging.getLogger("avere.preference")


class Records(NamedTuple):
    """What is learnt from, and what is only read on the way."""

    pairs: list[PreferencePair]
    clips: dict[str, Clip]
    held_out: list[PreferencePair]


def read_records(data: Data) -> Records:
    """Read pairs and clips whole."""
    pairs = list(jsonl.read(data.pairs, PreferencePair))
    if not pairs:
        raise AvereError(f"'{data.pairs}' holds no pairs; make some with avere construct")
    held_out = [] if data.held_out is None else list(jsonl.read(data.held_out, PreferencePair))
    return Records(pairs, jsonl.read_by_id(data.clips, Clip), held_out)


def check_records(records: Records, views: Views, run: RunOptions) -> None:
    """Refuse records that the loss cannot read, all faults counted.

    Raises:
        AvereError: a clip, a file or an answer is missing, or a held-out record is learnt from.
    """
    faults = [*_faults_of_clips(records, absent=run.on_bad_media == "refuse")]
    for pairs in (records.pairs, records.held_out):
        faults += _faults_of_pairs(pairs, records.clips, views)
    both = sorted({pair.id for pair in records.pairs} & {pair.id for pair in records.held_out})
    if both:
        faults.append(f"{len(both)} held-out records are learnt from as well, first '{both[0]}'")
    if faults:
        raise AvereError(f"{'; '.join(faults)}; mend the files or choose another loss")


def keep_readable(
    model: object, records: Records, views: Views, run: RunOptions
) -> tuple[Records, dict[str, str]]:
    """Return the records whose media can be read, and why the others are left out.

    Raises:
        AvereError: there are others, and the recipe does not say to leave them out; or none remains.
    """
    every = [*records.pairs, *records.held_out]
    bad = _media_check.faults(model, every, views, records.clips)
    if run.on_bad_media == "refuse":
        _media_check.refuse(bad)
    if not bad:
        return records, {}
    pairs = _media_check.leave_out(records.pairs, bad)
    held_out = _media_check.leave_out(records.held_out, bad) if records.held_out else []
    return records._replace(pairs=pairs, held_out=held_out), bad


def count_records(records: Records, views: Views, left_out: Mapping[str, str]) -> dict[str, int]:
    """Return the numbers of records, and say in the log which carry no modality preference."""
    same = count_unopposed(records.pairs, views, records.clips)
    none = same.pop("all")
    if none:
        logger.warning(
            "%d of %d records have no valid corruption; they carry no modality preference",
            none,
            len(records.pairs),
        )
    each = {f"records_left_real/{media}": count for media, count in same.items() if len(same) > 1}
    counts = {"records": len(records.pairs), "records_without_modality_preference": none, **each}
    if left_out:
        logger.warning("%d records are left out, for media that cannot be read", len(left_out))
    counts["records_left_out"] = len(left_out)
    if records.held_out:
        counts["records_held_out"] = len(records.held_out)
    return counts


def _faults_of_clips(records: Records, *, absent: bool) -> Iterator[str]:
    """List the faults of the clips that the pairs name; files that are ``absent`` among them or not."""
    pairs = [*records.pairs, *records.held_out]
    named = {pair.clip for pair in pairs}
    for pair in pairs:
        changes = (pair.corruption.audio, pair.corruption.video)
        named |= {change.clip for change in changes if change is not None and change.clip is not None}
    unknown = sorted(named - records.clips.keys())
    if unknown:
        yield f"{len(unknown)} clips that the pairs name are not in the clips file, first '{unknown[0]}'"
    known = [records.clips[name] for name in sorted(named & records.clips.keys())]
    paths = [path for clip in known for path in (clip.video, clip.audio) if path is not None]
    lost = [path for path in paths if not path.is_file()]
    if absent and lost:
        yield f"{len(lost)} media files do not exist, first '{lost[0]}'"


def _faults_of_pairs(
    pairs: Sequence[PreferencePair], clips: Mapping[str, Clip], views: Views
) -> Iterator[str]:
    """List the answers and media that the loss misses in the pairs."""
    for which, number in missing_answers(pairs, views).items():
        yield f"{number} of {len(pairs)} records have no {which} answer, which this loss reads"
    known = (pair for pair in pairs if pair.clip in clips)
    silent = [pair.id for pair in known if _lacks_target(pair, clips[pair.clip])]
    if silent:
        yield f"{len(silent)} records ask about a medium that their clip lacks, first '{silent[0]}'"


def _lacks_target(pair: PreferencePair, clip: Clip) -> bool:
    wanted = ("audio", "video") if pair.target == "audiovisual" else (pair.target,)
    return any(getattr(clip, modality) is None for modality in wanted)
