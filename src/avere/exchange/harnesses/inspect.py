"""inspect_ai: a task file for ``inspect eval``, and the JSON logs that it writes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from avere import files
from avere.benchmark import BenchmarkData
from avere.errors import AvereError, RecordError
from avere.exchange.harnesses._said import HarnessReply, parse_object
from avere.exchange.harnesses._writing import FILE, Exported, export_source, write_rows

TASK = Path(__file__).with_name("_inspect_task.txt")


def export(given: BenchmarkData, folder: Path, tokens: int) -> Exported:
    """Write a folder whose task file ``inspect eval`` runs.

    Raises:
        AvereError: nothing can be asked.
    """
    made = write_rows(given, folder)
    task = TASK.read_text(encoding="utf-8").format(tokens=tokens)
    files.write_text(folder / FILE, export_source(rest=task))
    return made


def read(paths: Sequence[Path]) -> Iterator[HarnessReply]:
    """Yield the replies in JSON logs, or in all such logs of folders.

    Raises:
        RecordError: a log holds no samples.
        AvereError: a log is packed, or a folder holds none.
    """
    for path in paths:
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not files or any(file.suffix == ".eval" for file in files):
            raise AvereError(
                f"'{path}' is no JSON log; write logs with `--log-format json`, or turn packed ones into "
                "JSON with `inspect log dump FILE.eval > FILE.json`"
            )
        for file in files:
            yield from _log(file)


def _log(file: Path) -> Iterator[HarnessReply]:
    """Yield the replies of the samples of one log."""
    try:
        samples = parse_object(file.read_bytes(), str(file)).get("samples")
    except OSError as error:
        raise RecordError(f"cannot read '{file}': {error.strerror}; give an existing log") from error
    if not isinstance(samples, list):
        raise RecordError(f"'{file}' holds no samples; give a log as `inspect eval` wrote it")
    for number, sample in enumerate(samples):
        yield _sample(sample, f"{file}, sample {number}")


def _sample(sample: Mapping[str, Any], place: str) -> HarnessReply:
    """Take the reply of one sample; an error instead of an answer is kept as such."""
    try:
        name, metadata = str(sample["id"]), sample.get("metadata") or {}
        choices = tuple(map(str, metadata["choices"])) if "choices" in metadata else None
        if error := sample.get("error"):
            return HarnessReply(name, "", place, choices, "refused", str(error.get("message", error)))
        return HarnessReply(name, str(sample["output"]["completion"]), place, choices)
    except (AttributeError, KeyError, TypeError) as error:
        raise RecordError(f"{place}: {error!r} is missing; give a log as `inspect eval` wrote it") from error
