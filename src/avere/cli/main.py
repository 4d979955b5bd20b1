"""The ``avere`` command: finds its verbs in this folder and turns errors into one line."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

import typer

from avere import __version__, catalogue
from avere.errors import AvereError, StoppedError
from avere.interfaces import VerbGroup, VerbModule

PACKAGE = "avere.cli"
MISTAKE, INTERRUPTED, TERMINATED = 2, 130, 143
TRAINING = frozenset(
    {"accelerate", "jaxtyping", "peft", "PIL", "safetensors", "tokenizers", "torch", "transformers"}
)
"""What ``pip install 'avere[train]'`` brings."""
API = frozenset({"aiohttp", "google"})
"""What ``pip install 'avere[api]'`` brings."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0; 2 for a mistake a person can fix; 130 after Ctrl-C; 143 where SIGTERM was answered with a checkpoint.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        build(asked(given))(given, prog_name="avere")
    except AvereError as error:
        return _mistake(str(error))
    except StoppedError as pause:
        print(f"avere: {pause}", file=sys.stderr)
        return TERMINATED
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in TRAINING | API:
            raise
        extra = "api" if missing in API else "train"
        return _mistake(f"'{error.name}' is not installed; install it with: pip install 'avere[{extra}]'")
    except KeyboardInterrupt:
        return _stopped()
    except SystemExit as leave:
        return _stopped() if leave.code == INTERRUPTED else _code(leave.code)
    return 0


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
    first = next((word for word in arguments if not word.startswith("-")), None)
    return [first] if first in known else list(known)


def build(wanted: Iterable[str]) -> typer.Typer:
    """Return the application with the wanted verbs: a module's ``app``, or its function of the same name."""
    app = typer.Typer(
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, callback=_options
    )
    known = verbs()
    for verb in wanted:
        module = catalogue.find(PACKAGE, known[verb], VerbModule)
        if isinstance(module, VerbGroup):
            app.add_typer(module.app, name=verb)
        else:
            app.command(verb)(_command(module, known[verb]))
    return app


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
    print(f"avere: {' '.join(text.split())}", file=sys.stderr)
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
