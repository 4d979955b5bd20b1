"""Pairs as parquet in the form of Hugging Face ``datasets``: media inside the rows, or paths beside them.

Columns: prompt, chosen, rejected_spurious, rejected_hallucinated, video, audio, video_rejected,
audio_rejected, target. What a pair lacks is null; so is a rejected medium where nothing stands in. That of
a medium that the target does not name leaves the chosen answer as true as it was. Same records, same bytes.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from avere import files
from avere.errors import AvereError, install_extra
from avere.exchange.formats._folder import DataFolder, FormatOptions, LeftOut, Way, Written
from avere.exchange.formats._shelf import Shelf
from avere.records import Modality, PreferencePair

MEDIA: tuple[Way, ...] = ("embed", "copy", "link")
TEXTS = ("prompt", "chosen", "rejected_spurious", "rejected_hallucinated", "target")
COLUMNS = (*TEXTS[:4], "video", "audio", "video_rejected", "audio_rejected", "target")
FOLDERS: dict[Modality, str] = {"video": "videos", "audio": "audios"}
TOGETHER = 64
"""Rows a row group: what is in memory at once, media included."""
LARGE = 500_000_000
"""Bytes after which another file is begun."""


def write(data: DataFolder, out: Path, options: FormatOptions) -> Written:
    """Write ``train-00000.parquet`` and, where they get large, further files.

    Raises:
        AvereError: pyarrow is not installed, or no pair can be written.
        RecordError: the pairs cannot be read.
    """
    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        raise AvereError(f"parquet needs pyarrow; {install_extra('share')}") from error
    left_out = LeftOut(list)
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("train-*.parquet"):
        old.unlink()
    embed = options.media == "embed"
    groups = _groups(data, out, options, left_out)
    rows = sum(
        _file(out / f"train-{n:05}.parquet", first, groups, embed=embed) for n, first in enumerate(groups)
    )
    if not rows:
        causes = "; ".join(f"{len(ids)} because of {cause}" for cause, ids in left_out.items())
        (out / "train-00000.parquet").unlink(missing_ok=True)
        raise AvereError(
            f"no pair can be written: {causes or 'there is none'}; nothing reads an empty data set"
        )
    return Written(out / "train-00000.parquet", rows, left_out)


def _groups(
    data: DataFolder, out: Path, options: FormatOptions, left_out: LeftOut
) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows in groups; media that go inside them are made in a folder that does not stay."""
    waiting, shelf = data.pairs(), Shelf(out, data, options)
    while pairs := list(islice(waiting, TOGETHER)):
        if options.media != "embed":
            yield list(_rows(pairs, shelf, left_out))
            continue
        with TemporaryDirectory() as folder:
            rows = _rows(pairs, Shelf(Path(folder), data, options), left_out)
            yield [_embedded(row, Path(folder)) for row in rows]


def _rows(
    pairs: Iterable[PreferencePair], shelf: Shelf, left_out: LeftOut
) -> Iterator[dict[str, str | None]]:
    """Yield the rows; count those whose media cannot be had."""
    for pair in pairs:
        try:
            yield _row(pair, shelf)
        except AvereError as error:
            left_out[str(error)].append(pair.id)


def _row(pair: PreferencePair, shelf: Shelf) -> dict[str, str | None]:
    """Make one row, its media as paths below the shelf's root."""
    media: dict[str, str | None] = {}
    for modality, folder in FOLDERS.items():
        media[modality] = shelf.own(pair, modality, folder)
        media[f"{modality}_rejected"] = shelf.replacement(pair, modality, folder)
    return {
        "prompt": pair.prompt,
        "chosen": pair.chosen,
        "rejected_spurious": pair.spurious,
        "rejected_hallucinated": pair.hallucinated,
        **media,
        "target": pair.target,
    }


def _embedded(row: dict[str, str | None], root: Path) -> dict[str, Any]:
    """Put the files themselves in place of their paths."""
    return {
        name: value
        if value is None or name in TEXTS
        else {"bytes": (root / value).read_bytes(), "path": value.partition("/")[2]}
        for name, value in row.items()
    }


def _file(
    path: Path, first: list[dict[str, Any]], groups: Iterator[list[dict[str, Any]]], *, embed: bool
) -> int:
    """Write groups of rows until the file is large; return how many rows."""
    import pyarrow
    from pyarrow import parquet

    schema, count = _schema(embed=embed), 0
    group: list[dict[str, Any]] | None = first
    with files.naming(path), parquet.ParquetWriter(path, schema, compression="zstd") as file:
        while group is not None:
            if group:  # an empty row group at the beginning stops the readers of the file
                file.write_table(pyarrow.Table.from_pylist(group, schema=schema))
            count += len(group)
            group = next(groups, None) if path.stat().st_size < LARGE else None
    return count


def _schema(*, embed: bool) -> Any:
    """Define the columns, with what ``datasets`` reads to know sound and video when they are inside."""
    import pyarrow

    inside = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    kinds = {name: pyarrow.string() if name in TEXTS or not embed else inside for name in COLUMNS}
    features = {
        name: {"dtype": "string", "_type": "Value"}
        if kind != inside
        else {"_type": "Video" if name.startswith("video") else "Audio"}
        for name, kind in kinds.items()
    }
    told = json.dumps({"info": {"features": features}})
    return pyarrow.schema(list(kinds.items()), metadata={"huggingface": told})
