"""What every test gets: no network, one thread, shapes checked while the code runs, a folder of its own."""

import os

# Before anything imports these libraries: they read the environment once.
os.environ.update(
    HF_HUB_OFFLINE="1",
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_HUB_DISABLE_PROGRESS_BARS="1",
    DO_NOT_TRACK="1",
    OMP_NUM_THREADS="1",
    TOKENIZERS_PARALLELISM="false",
    MPLBACKEND="agg",
    # Help texts keep one form whatever terminal the tests run in.
    COLUMNS="100",
    NO_COLOR="1",
    TERM="dumb",
)

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from beartype import beartype
from beartype.roar import BeartypeDecorHintException
from hypothesis import settings
from jaxtyping import install_import_hook

SOURCES = Path(__file__).resolve().parent.parent / "src"


def checked(function: Any) -> Any:
    """Check arguments and results while the code runs, where beartype knows how.

    It knows neither ``Self`` outside classes that it decorates itself nor protocols that are for mypy alone.
    """
    try:
        return beartype(function)
    except (BeartypeDecorHintException, TypeError):
        return function


def shaped() -> list[str]:
    """Return the modules that annotate shapes; the others stay as they are."""
    files = (
        file for file in sorted(SOURCES.rglob("*.py")) if "from jaxtyping import" in file.read_text("utf-8")
    )
    return [".".join(file.relative_to(SOURCES).with_suffix("").parts) for file in files]


install_import_hook(shaped(), f"{__name__}.checked")

# Loaded machines make single examples slow; no test may fail because of the clock.
settings.register_profile("avere", deadline=None, max_examples=30, derandomize=True)
settings.load_profile("avere")


class Said(NamedTuple):
    """What a command line printed and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that is also the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Return a function that runs ``avere`` in this process: ``command("recipes", "ls").out``."""

    def call(*words: object) -> Said:
        from avere.cli.main import run

        code = run([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def donors(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Return four clips of EmoWorld with real media, to stand in for those of corpora; only to be read."""
    from avere.records import Clip, jsonl
    from avere.world.make import make_world

    return list(
        jsonl.read(make_world(4, "balanced", 11, tmp_path_factory.mktemp("donors"), 4, workers=1), Clip)
    )


class World(NamedTuple):
    """Clips of EmoWorld that nothing was rendered of, and what is known of them."""

    clips: list[Any]
    cues: list[Any]
    facts: dict[str, Any]


def draw_world(split: Any, count: int, seed: int) -> World:
    """Draw a world of twenty identities."""
    from avere.construct.facts import gather_facts
    from avere.world import plan

    plans = [plan.draw_plan(index, split=split, seed=seed, identities=20) for index in range(count)]
    clips, cues = [plan.clip_of(one) for one in plans], [cue for one in plans for cue in plan.cues_of(one)]
    return World(clips, cues, gather_facts(clips, cues))


@pytest.fixture(scope="session")
def balanced() -> World:
    """Draw 400 clips of the balanced split."""
    return draw_world("balanced", 400, seed=3)


@pytest.fixture(scope="session")
def biased() -> World:
    """Draw 400 clips of the biased split."""
    return draw_world("biased", 400, seed=4)
