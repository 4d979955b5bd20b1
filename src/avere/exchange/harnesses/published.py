"""The code published with AVERE: its folders ``preds`` with a text file for each question."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from avere.errors import AvereError
from avere.exchange.harnesses._said import HarnessReply


def read(paths: Sequence[Path]) -> Iterator[HarnessReply]:
    """Yield the replies in the text files of folders; a file is called as its question, whose id is quoted.

    Raises:
        AvereError: a folder holds no text file, or one cannot be read.
    """
    for path in paths:
        files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
        if not files:
            raise AvereError(f"'{path}' holds no .txt; give the folder 'preds' of the published evaluation")
        for file in files:
            try:
                yield HarnessReply(unquote(file.stem), file.read_text(encoding="utf-8"), str(file))
            except (OSError, UnicodeDecodeError) as error:
                raise AvereError(f"cannot read '{file}': {error}; give a text file in UTF-8") from error
