"""Say what is installed, missing and usable on this machine, and what to do about it."""

import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from avere import catalogue
from avere.cli._tables import open_console, wrap_cells

ROAD = "Begin"

TRAIN = "pip install '.[train]'"
EXTRAS = {
    "api: models behind an API": ("api", ("aiohttp", "google-genai")),
    "corpora: sheets of Excel": ("corpora", ("openpyxl",)),
    "judge: agreement of judges": ("judge", ("krippendorff",)),
    "share: parquet, the Hub": ("share", ("huggingface_hub", "pyarrow")),
    "ray: clusters": ("ray", ("ray",)),
    "show: a page to ask in": ("show", ("gradio",)),
    "stock: pictures for other models": ("stock", ("torchvision",)),
}
"""What the smaller extras are for, by which name each is installed, and what it brings."""
GIBIBYTE = 2**30


class Finding(NamedTuple):
    """One line of the report."""

    what: str
    state: str
    advice: str = ""
    """What to do; empty where all is well."""


def doctor() -> None:
    """Say what is installed, missing and usable here, and what to do about it."""
    from rich.table import Table

    table = Table("what", "state", "what to do")
    findings = list(examine())
    for finding in findings:
        table.add_row(*finding)
    open_console().print(wrap_cells(table))
    open_points = sum(bool(finding.advice) for finding in findings)
    told = f"to do in your copy of avere, where wanted: {open_points}"
    print(told if open_points else "all is well")


def examine() -> Iterator[Finding]:
    """Yield the findings, each check on its own so that none hides another."""
    good = sys.version_info >= (3, 11)
    yield Finding("python", platform.python_version(), "" if good else "install Python 3.11 or later")
    for name in ("av", "numpy", "pydantic"):
        yield _package(name, "pip install .")
    for name in ("torch", "transformers", "peft", "accelerate"):
        yield _package(name, TRAIN)
    for what, (extra, packages) in EXTRAS.items():
        yield _extra(what, extra, packages)
    for what, check in CHECKS.items():
        try:
            yield check()
        except Exception as error:
            yield Finding(what, f"check failed: {type(error).__name__}: {error}", "report this")


def _package(name: str, remedy: str) -> Finding:
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "missing", remedy)


def _extra(what: str, extra: str, packages: Sequence[str]) -> Finding:
    """Say whether all that an extra brings is there."""
    found = [_package(name, "") for name in packages]
    missing = ", ".join(one.what for one in found if one.state == "missing")
    versions = ", ".join(f"{one.what} {one.state}" for one in found)
    return Finding(
        what, f"no {missing}" if missing else versions, f"pip install '.[{extra}]'" * bool(missing)
    )


def _gpu() -> Finding:
    try:
        import torch
    except ImportError:
        return Finding("gpu", "unknown without torch", TRAIN)
    if not torch.cuda.is_available():
        return Finding("gpu", f"none; {torch.get_num_threads()} CPU threads: enough for the tiny models")
    memory = torch.cuda.get_device_properties(0).total_memory / GIBIBYTE
    return Finding("gpu", f"{torch.cuda.get_device_name(0)}, {memory:.0f} GiB")


def _codecs() -> Finding:
    import av

    missing = [name for name in ("h264", "aac") if name not in av.codecs_available]
    if missing:
        return Finding(
            "codecs", f"no {', '.join(missing)}", "reinstall PyAV from its wheel: pip install -U av"
        )
    return Finding("codecs", "h264 and aac")


def _memory() -> Finding:
    import os

    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return Finding("memory", "unknown on this system")
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIBIBYTE
    return Finding("memory", f"{total:.0f} GiB", "" if total >= 4 else "4 GiB are wanted for training")


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / GIBIBYTE
    return Finding("disk here", f"{free:.0f} GiB free", "" if free >= 2 else "2 GiB are wanted; free some")


def _tiny_base() -> Finding:
    folder = Path(__file__).parent.parent / "models" / "tiny_base"
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 2**20
    if size:
        return Finding("tiny base", f"shipped, {size:.0f} MiB")
    return Finding("tiny base", "not in this installation", "train one, or give --model a folder")


def _models() -> Finding:
    return Finding("models known", ", ".join(catalogue.names("avere.models")))


CHECKS: dict[str, Callable[[], Finding]] = {
    "gpu": _gpu,
    "codecs": _codecs,
    "memory": _memory,
    "disk here": _disk,
    "tiny base": _tiny_base,
    "models known": _models,
}
