"""An append-only file of predictions, whole after any interruption."""

from collections.abc import Iterable
from pathlib import Path

from avere.records import Prediction, jsonl


def read(path: Path) -> dict[str, Prediction]:
    """Return the predictions of a journal by key; a line cut off by an interruption is taken out of the file.

    Raises:
        RecordError: a whole line is wrong.
    """
    if not path.exists():
        return {}
    _mend(path)
    return {prediction.key: prediction for prediction in jsonl.read(path, Prediction)}


def append(path: Path, predictions: Iterable[Prediction]) -> None:
    """Add predictions, one a line, and flush them."""
    with path.open("a", encoding="utf-8") as file:
        for prediction in predictions:
            file.write(jsonl.dump(prediction, path.parent) + "\n")
            file.flush()


def _mend(path: Path) -> None:
    """Cut off what follows the last line end."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("r+b") as file:
            file.truncate(whole)
