"""What a module of a registry folder offers; `avere.catalogue.find` refuses one that lacks a part.

A public module of the folder is one entry. Abilities that only some modules have are protocols of their own:
``isinstance(module, OpenBenchmark)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import typer

    from avere.analyse.measures import MeasureFamily
    from avere.analyse.table import Table
    from avere.answers.strict import ParsedChoice
    from avere.benchmark import BenchmarkData, Mark, Tallies
    from avere.exchange.formats import DataFolder, FormatOptions, Way, Written
    from avere.exchange.harnesses import Exported, HarnessReply
    from avere.interfaces.messages import Prompt
    from avere.interfaces.models import Model
    from avere.preference.online.exporting import RolloutRow
    from avere.preference.online.truth import PolicyAnswer, Truth
    from avere.preference.views import LogProbs, LossTerms, Views
    from avere.records import Clip, Question
    from avere.settings import Settings


class ModelModule(Protocol):
    """A module of ``avere.models``."""

    def handles(self, source: str) -> bool:
        """Check that a source is for this module; it may look at a folder or hub repository."""

    def load(self, source: str, **options: Any) -> Model:
        """Load the model.

        Raises:
            AvereError: nothing usable is there, or an option is wrong.
        """


class ModelAbilities(NamedTuple):
    """What the models of a module can do besides answering; `avere models` shows it."""

    sources: str
    """How one is named on the command line."""
    media: tuple[str, ...]
    """What reaches the model besides words."""
    scores: bool = False
    """Whether it tells how likely responses are: options by log-probability, contrastive decoding."""
    trains: bool = False
    """Whether it trains, its candidates merged into a forest."""
    needs: tuple[str, ...] = ()
    """Packages that must be installed."""
    extra: str = ""
    """The extra of this package that brings them."""


@runtime_checkable
class DescribedModule(Protocol):
    """A module of ``avere.models`` that says what its models can do."""

    ABILITIES: ModelAbilities


@runtime_checkable
class ExampleModule(Protocol):
    """A module of ``avere.models`` that makes its smallest instance, for tests of what every model must do.

    One that needs a server has none: the tests start the server and load the model from there.
    """

    def example(self, folder: Path) -> Model:
        """Make the smallest instance; ``folder`` is empty, and what lies there afterwards loads again."""


class LossModule(Protocol):
    """A module of ``avere.preference.losses``."""

    Config: type[Settings]
    """What the ``loss:`` section of a recipe may say."""

    def views(self, config: Any) -> Views:
        """Declare the views that the loss reads."""

    def loss(self, logps: LogProbs, config: Any) -> LossTerms:
        """Compute the loss of each record."""


class RewardModule(Protocol):
    """A module of ``avere.preference.online.rewards``."""

    Config: type[Settings]
    """What a recipe may say of the reward."""

    def reward(self, answer: PolicyAnswer, truth: Truth, config: Any) -> float | None:
        """Compute a value between 0 and 1; None where the truth says that it does not apply."""


class EngineModule(Protocol):
    """A module of ``avere.preference.online.engines``."""

    def write(self, rows: Sequence[RolloutRow], out: Path, model: str) -> tuple[Path, ...]:
        """Write prompts, a plug-in with our rewards and a configuration that the engine reads."""


class BenchmarkModule(Protocol):
    """A module of ``avere.benchmark``; it is a `ClosedBenchmark`, an `OpenBenchmark`, or both."""

    __name__: str
    Config: type[Settings]
    """What the ``data:`` section of a recipe may say."""
    FAMILY: str
    """The module of `avere.analyse.families` that measures it."""

    def clips(self, path: Path, config: Any) -> Iterator[Clip]:
        """Yield the clips of a folder, also those that nothing is asked about."""

    def questions(self, path: Path, config: Any) -> Iterator[Question]:
        """Yield the questions of a folder."""

    def prompt(self, question: Question, clip: Clip) -> Prompt:
        """Word a question for a model, with the media of its clip."""

    def template(self, question: Question) -> str:
        """Name the prompt template that ``prompt`` fills."""

    def options(self, question: Question) -> tuple[str, ...]:
        """List the responses whose log-probabilities answer a closed question; none of an open one."""


@runtime_checkable
class ClosedBenchmark(BenchmarkModule, Protocol):
    """A benchmark with closed questions."""

    def parse(self, question: Question, reply: str, how: str = "strict") -> ParsedChoice:
        """Parse the reply to a closed question: the place of the choice, or None and the reason."""


@runtime_checkable
class OpenBenchmark(BenchmarkModule, Protocol):
    """A benchmark with open questions."""

    def tallies(self, out: Path) -> Tallies:
        """Make what scores the replies to them, from the files of a run folder."""


@runtime_checkable
class KeepingBenchmark(BenchmarkModule, Protocol):
    """A benchmark whose scoring needs tables of its own."""

    def keep(self, config: Any, out: Path) -> None:
        """Write them into a run folder."""


@runtime_checkable
class PublishedBenchmark(ClosedBenchmark, Protocol):
    """A benchmark whose replies a script published with AVERE reads."""

    def published(self, question: Question, reply: str) -> Mark:
        """Mark a reply as that script does."""


@runtime_checkable
class PeopleBenchmark(BenchmarkModule, Protocol):
    """A benchmark with published results of people."""

    PEOPLE: Mapping[str, float]
    """Percent right, by condition."""


class CorpusModule(Protocol):
    """A module of ``avere.corpora``."""

    LABELS: tuple[str, ...]
    """The corpus's own labels as words; empty: any word."""

    def clips(self, root: Path, **options: Any) -> Iterator[Clip]:
        """Yield every clip; options only narrow.

        Raises:
            AvereError: the corpus is not there.
        """


class VerbModule(Protocol):
    """A module of ``avere.cli``: a function of the module's own name, or a `VerbGroup`."""

    __name__: str


@runtime_checkable
class PlacedVerb(VerbModule, Protocol):
    """A module of ``avere.cli`` that says where in the help its verb stands."""

    ROAD: str
    """One of the parts that `avere.cli.main` lists."""


@runtime_checkable
class VerbGroup(Protocol):
    """A module of ``avere.cli`` with several commands."""

    app: typer.Typer


class FamilyModule(Protocol):
    """A module of ``avere.analyse.families``."""

    def family(self, table: Table) -> MeasureFamily:
        """Choose the measures of a benchmark's run."""


class FormatModule(Protocol):
    """A module of ``avere.exchange.formats``."""

    MEDIA: tuple[Way, ...]
    """The ways in which it can place media, the usual one first."""

    def write(self, data: DataFolder, out: Path, options: FormatOptions) -> Written:
        """Write questions or pairs; what the form cannot hold is counted."""


class HarnessReader(Protocol):
    """A module of ``avere.exchange.harnesses`` that can read a harness's records."""

    def read(self, paths: Sequence[Path]) -> Iterator[HarnessReply]:
        """Read the replies in files or folders of records."""


class HarnessExporter(Protocol):
    """A module of ``avere.exchange.harnesses`` that can write a task for a harness."""

    def export(self, given: BenchmarkData, folder: Path, tokens: int) -> Exported:
        """Write a folder that the harness runs."""
