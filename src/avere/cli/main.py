"""The ``avere`` command: finds its verbs in this folder and turns errors into one line."""

import os
import sqlite3
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from avere import __version__, catalogue
from avere.errors import AvereError, StoppedError, install_extra, printable_path, printable_text
from avere.files import REFUSED
from avere.interfaces import PlacedVerb, VerbGroup, VerbModule

PACKAGE = "avere.cli"
MISTAKE, INTERRUPTED, TERMINATED = 2, 130, 143
EXTRAS = {
    **dict.fromkeys(
        ("accelerate", "jaxtyping", "peft", "PIL", "safetensors", "tokenizers", "torch", "transformers"),
        "train",
    ),
    **dict.fromkeys(("aiohttp", "google"), "api"),
    **{"openpyxl": "corpora", "krippendorff": "judge", "ray": "ray", "pyarrow": "share", "gradio": "show"},
}
"""Packages that an extra brings, by the names they are imported by."""
UNWRITABLE = "a name that is not UTF-8 cannot be written down: {}; rename the file or folder"
ROAD = ("Begin", "Make data", "Train", "Evaluate", "Look", "Share", "More")
"""The parts of the help, in the order of the road; each verb says in its ``ROAD`` where it belongs."""
HELP = {"help_option_names": ["-h", "--help"]}
COMPLETING = "_TYPER_COMPLETE_ARGS"
"""Where a shell that completes a command line hands it over."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0; 2 for a mistake a person can fix; 130 after Ctrl-C; 143 where SIGTERM was answered with a checkpoint.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # names are bytes, and not every terminal takes them
    if not sys.warnoptions:
        # What libraries announce to one another's authors is no news to those who use this program.
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
    try:
        build(asked(given))(given, prog_name="avere")
    except StoppedError as pause:
        print(f"avere: {pause}", file=sys.stderr)
        return TERMINATED
    except KeyboardInterrupt:
        return _stopped()
    except SystemExit as leave:
        return _stopped() if leave.code == INTERRUPTED else _code(leave.code)
    except Exception as error:
        said = explain_mistake(error) or explain_system(error)
        if said is None:
            raise
        return _mistake(said)
    return 0


def explain_mistake(error: Exception) -> str | None:
    """Say in one line what a person can fix; None for anything else."""
    if isinstance(error, AvereError):
        return str(error)
    missing = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if missing not in EXTRAS:
        return None
    return f"'{missing}' is not installed; {install_extra(EXTRAS[missing])}"


def explain_system(error: Exception) -> str | None:
    """Say in one line what the system refused, and where; None for a defect, which keeps its traceback.

    >>> explain_system(OSError(28, "No space left on device", "runs/a/log.jsonl"))
    "cannot use 'runs/a/log.jsonl': No space left on device; make room, or give another place"
    """
    if isinstance(error, OSError) and error.errno is not None:
        # Of a copy that fails the second name is that of the copy.
        named = error.filename2 if error.errno in REFUSED and error.filename2 else error.filename
        place = "a file" if named is None else f"'{printable_path(Path(os.fsdecode(named)))}'"
        return f"cannot use {place}: {error.strerror}; make room, or give another place"
    if isinstance(error, UnicodeEncodeError):
        return UNWRITABLE.format(f"'{printable_path(Path(str(error.object)))[:200]}'")
    if type(error).__name__ == "PydanticSerializationError":  # of a library that this module does not import
        return UNWRITABLE.format(error)
    if isinstance(error, sqlite3.DatabaseError):
        return f"a database cannot be used: {error}; take it away, or give another place"
    if type(error).__name__ == "SafetensorError":
        return f"a safetensors file is damaged or cannot be written: {error}; copy or make it again"
    return None


def verbs() -> dict[str, str]:
    """Return the verbs and the modules that hold them; ``import_.py`` is ``import``, ``_`` becomes ``-``.

    >>> "recipes" in verbs()
    True
    """
    modules = (name for name in catalogue.names(PACKAGE) if name != "main")
    return {name.rstrip("_").replace("_", "-"): name for name in modules}


def asked(arguments: Iterable[str]) -> list[str]:
    """Return the verb that the arguments call, or all of them where help is wanted.

    Only the verb that is called gets imported, so that each answers at once.
    """
    known = verbs()
    typed = os.environ.get(COMPLETING)
    words = arguments if typed is None else typed.split()[1:]
    first = next((word for word in words if not word.startswith("-")), None)
    return [first] if first in known else list(known)


def build(wanted: Iterable[str]) -> typer.Typer:
    """Return the application with the wanted verbs: a module's ``app``, or its function of the same name."""
    app = typer.Typer(
        no_args_is_help=True, pretty_exceptions_enable=False, callback=_options, context_settings=HELP
    )
    known = verbs()
    found = {verb: catalogue.find(PACKAGE, known[verb], VerbModule) for verb in wanted}
    for verb in sorted(found, key=lambda one: (ROAD.index(_part(found[one])), one)):
        module = found[verb]
        if isinstance(module, VerbGroup):
            app.add_typer(module.app, name=verb, rich_help_panel=_part(module))
        else:
            app.command(verb, rich_help_panel=_part(module))(_command(module, known[verb]))
    return app


def _part(module: VerbModule) -> str:
    """Find the part of the road that a verb belongs to; one that names none comes last."""
    named = module.ROAD if isinstance(module, PlacedVerb) else ROAD[-1]
    return named if named in ROAD else ROAD[-1]


def _command(module: VerbModule, name: str) -> Callable[..., None]:
    """Find the function of a verb.

    Raises:
        AvereError: its module has none.
    """
    found: Callable[..., None] | None = getattr(module, name, None)
    if found is None:
        raise AvereError(f"{module.__name__} has neither an 'app' nor a function '{name}'; write one of them")
    return found


def _version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        print(f"avere {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Measure and repair unfaithful emotion reasoning in audio-visual language models."""


def _mistake(text: str) -> int:
    """Say in one line what a person can fix."""
    print(f"avere: {printable_text(' '.join(text.split()))}", file=sys.stderr)
    return MISTAKE


def _stopped() -> int:
    """Say how to go on after Ctrl-C."""
    print("avere: stopped; run the same command again to resume", file=sys.stderr)
    return INTERRUPTED


def _code(code: str | int | None) -> int:
    """Return the exit code that Python itself would leave with."""
    if isinstance(code, str):
        print(code, file=sys.stderr)
        return 1
    return code or 0


if __name__ == "__main__":
    sys.exit(run())
