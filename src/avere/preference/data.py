"""The records of a run: read, checked against what the loss reads, counted."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from avere.construct.checking import count_identical, find_faults
from avere.errors import AvereError
from avere.preference import _media_check
from avere.preference._media_check import MediaTrack
from avere.preference.recipe import Data, RunOptions
from avere.preference.views import Views, count_unopposed, missing_answers
from avere.records import Clip, PreferencePair, jsonl

logger = logging.getLogger("avere.preference")

NAMED = 5
"""Causes of one kind that a refusal tells in full."""


class Records(NamedTuple):
    """What is learnt from, and what is only read on the way."""

    pairs: list[PreferencePair]
    clips: dict[str, Clip]
    held_out: list[PreferencePair]
    tokens: Mapping[MediaTrack, int] = {}
    """What each medium becomes before the model, where it was read and the model tells it."""


def read_records(data: Data) -> Records:
    """Read pairs and clips whole.

    Raises:
        AvereError: there are no pairs, or none of the held-out ones.
        RecordError: a line is wrong, or two records of a file have one id.
    """
    pairs = _read_pairs(data.pairs)
    held_out = [] if data.held_out is None else _read_pairs(data.held_out)
    return Records(pairs, jsonl.read_by_id(data.clips, Clip), held_out)


def _read_pairs(file: Path) -> list[PreferencePair]:
    """Read pairs, whose ids must differ: values of records are kept by their ids.

    Raises:
        AvereError: there are none, or two have one id.
    """
    pairs = list(jsonl.read_by_id(file, PreferencePair).values())
    if not pairs:
        raise AvereError(f"'{file}' holds no pairs; make some with avere construct")
    return pairs


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
    """Keep the records whose media can be read, and say why the others are left out.

    Raises:
        AvereError: there are others, and the recipe does not say to leave them out; or none remains.
    """
    every = [*records.pairs, *records.held_out]
    bad, tokens = _media_check.read_media(model, every, views, records.clips)
    records = records._replace(tokens=tokens)
    if run.on_bad_media == "refuse":
        _media_check.refuse(bad)
    if not bad:
        return records, {}
    pairs = _media_check.leave_out(records.pairs, bad)
    held_out = _media_check.leave_out(records.held_out, bad) if records.held_out else []
    return records._replace(pairs=pairs, held_out=held_out), bad


def count_records(records: Records, views: Views, left_out: Mapping[str, str]) -> dict[str, int]:
    """Count the records, and say in the log how many carry no modality preference, or repeat others."""
    same = count_unopposed(records.pairs, views, records.clips)
    none = same.pop("all")
    if none:
        logger.warning(
            "%d of %d records have no valid corruption; they carry no modality preference",
            none,
            len(records.pairs),
        )
    identical = count_identical(records.pairs)
    if identical:
        logger.warning("%d of %d records say what an earlier one says", identical, len(records.pairs))
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
    """List the faults of the pairs, and the answers and media that the loss misses in them."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        for cause in find_faults(pair):
            found.setdefault(cause, []).append(pair.id)
    for cause, names in islice(found.items(), NAMED):
        yield f"{len(names)} of {len(pairs)} records: {cause}, first '{names[0]}'"
    if len(found) > NAMED:
        yield f"{len(found) - NAMED} further causes, which `avere data check` names"
    for which, number in missing_answers(pairs, views).items():
        yield f"{number} of {len(pairs)} records have no {which} answer, which this loss reads"
    if views.group and (bare := [pair.id for pair in pairs if pair.group is None]):
        yield (
            f"{len(bare)} of {len(pairs)} records say nothing of what drawn answers earned, which this loss "
            f"reads (`avere online data --form groups` makes such records), first '{bare[0]}'"
        )
    known = (pair for pair in pairs if pair.clip in clips)
    silent = [pair.id for pair in known if _lacks_target(pair, clips[pair.clip])]
    if silent:
        yield f"{len(silent)} records ask about a medium that their clip lacks, first '{silent[0]}'"


def _lacks_target(pair: PreferencePair, clip: Clip) -> bool:
    wanted = ("audio", "video") if pair.target == "audiovisual" else (pair.target,)
    return any(getattr(clip, modality) is None for modality in wanted)
