"""What the verb ``data`` does with folders that leave this machine or come to another program."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from avere import catalogue
from avere.construct import card
from avere.errors import AvereError, install_extra
from avere.exchange import formats
from avere.interfaces import FormatModule

FORMATS = "avere.exchange.formats"
SHOWN = 8
"""Reasons that are told one by one."""


class Hub(Protocol):
    """What is asked of ``huggingface_hub.HfApi``."""

    def create_repo(self, repo_id: str, *, repo_type: str, private: bool, exist_ok: bool) -> Any:
        """Make a repository, or find it."""

    def upload_folder(self, *, repo_id: str, repo_type: str, folder_path: str, commit_message: str) -> Any:
        """Send a folder."""


def write(name: str, source: Path, out: Path, media: str | None, frames: int) -> formats.Written:
    """Write a folder of records in the form of that name, with its data card.

    Raises:
        AvereError: no such form or way of placing media, or ``out`` is the source itself.
    """
    form = catalogue.find(FORMATS, name.replace("-", "_"), FormatModule)
    if out.resolve() == source.resolve():
        raise AvereError(f"'{out}' is the folder that is shared; give --out another one")
    options = formats.FormatOptions(media=formats.choose_way(media, form.MEDIA), frames=frames)
    written = form.write(formats.open_folder(source), out, options)
    card.write(out, parquet=written.file.suffix == ".parquet", source=source)
    return written


def left_out(reasons: Mapping[str, Sequence[str]]) -> list[str]:
    """Return lines that say what was not written and why, the most frequent reason first."""
    order = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))
    lines = [
        f"left out: {len(ids)} because of {reason}; the first is '{ids[0]}'" for reason, ids in order[:SHOWN]
    ]
    rest = sum(len(ids) for _, ids in order[SHOWN:])
    return [*lines, f"left out: {rest} for {len(order) - SHOWN} other reasons"] if rest else lines


def push(folder: Path, repository: str, *, public: bool, hub: Hub | None = None) -> None:
    """Send a folder to a data set repository of the Hugging Face Hub, private unless told otherwise.

    Raises:
        AvereError: the folder has links in place of media, the library is missing, or the Hub refuses.
    """
    links = [path for path in folder.rglob("*") if path.is_symlink()]
    if links:
        raise AvereError(f"'{links[0]}' is a link, which cannot be sent; export again with another --media")
    if hub is None:
        try:
            from huggingface_hub import HfApi
        except ModuleNotFoundError as error:
            raise AvereError(f"the Hub needs huggingface_hub; {install_extra('share')}") from error
        hub = HfApi()
    try:
        hub.create_repo(repository, repo_type="dataset", private=not public, exist_ok=True)
        hub.upload_folder(
            repo_id=repository,
            repo_type="dataset",
            folder_path=str(folder),
            commit_message="Questions and pairs made by avere",
        )
    except (OSError, ValueError) as error:
        cause = str(error).partition("\n")[0]
        raise AvereError(f"the Hub did not take '{folder}' as '{repository}': {cause}") from error
