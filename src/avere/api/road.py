"""The functions of the road: each does what a verb of the command line does."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avere.api.results import (
    ClipAnswers,
    Compared,
    Constructed,
    Evaluated,
    ResponseScore,
    ResponseScores,
    Trained,
)
from avere.errors import AvereError

if TYPE_CHECKING:
    from avere.interfaces import Model

PathLike = str | Path


def load(source: PathLike, **options: Any) -> Model:
    """Load a model: ``tiny``, a folder, a hub repository, ``openai:MODEL@URL`` or ``gemini:MODEL``.

    Args:
        source: the model.
        options: fields of its options, such as ``adapter="runs/avem"`` or ``device="cuda"``.

    Raises:
        AvereError: nothing usable is there, or an option is wrong.
    """
    from avere import models

    return models.load(source, **options)


def ask(
    model: Model | PathLike, clips: PathLike | Sequence[PathLike], question: str, *, max_tokens: int = 128
) -> ClipAnswers:
    """Ask a model one question about clips; one that cannot be read is an answer with its reason.

    Raises:
        AvereError: the model cannot be loaded.
    """
    from tempfile import TemporaryDirectory

    from avere.asking.clips import ClipQuestion
    from avere.asking.tiny_note import find_foreign_files

    paths = [Path(one) for one in ([clips] if isinstance(clips, str | Path) else clips)]
    with TemporaryDirectory() as folder:
        loaded = _loaded(model)
        _warn_of_tiny(loaded, find_foreign_files(paths))
        asking = ClipQuestion(loaded, question, max_tokens, Path(folder) / "journal.jsonl")
        asking.ask_all(paths, lambda _: None)
        return ClipAnswers(answers=tuple(asking.find_answers(paths)))


def score(
    model: Model | PathLike, clips: PathLike | Sequence[PathLike], question: str, responses: Sequence[str]
) -> ResponseScores:
    """Compute how likely each response to a question is, for each clip.

    Raises:
        AvereError: the model does not score, or a clip cannot be read.
    """
    from avere.asking.clips import prompt_about_clip
    from avere.interfaces import Candidate, Scorer

    loaded = _loaded(model)
    if not isinstance(loaded, Scorer):
        raise AvereError(
            f"'{loaded.name}' does not tell how likely a response is; take a model that runs here"
        )
    paths = [Path(one) for one in ([clips] if isinstance(clips, str | Path) else clips)]
    prompts = [prompt_about_clip(path, question) for path in paths]
    places = [(path, prompt, text) for path, prompt in zip(paths, prompts, strict=True) for text in responses]
    found = loaded.score([Candidate(prompt=prompt, response=text) for _, prompt, text in places])
    return ResponseScores(
        scores=tuple(
            ResponseScore(clip=path, response=text, log_prob=value)
            for (path, _, text), value in zip(places, found, strict=True)
        )
    )


def construct(
    folder: PathLike,
    out: PathLike,
    *,
    recipe: PathLike = "emoworld",
    changes: Mapping[str, Any] | None = None,
) -> Constructed:
    """Make questions and preference pairs from a folder with ``clips.jsonl`` and ``cues.jsonl``.

    Args:
        folder: what is known of clips.
        out: where the records go.
        recipe: a file, or the name of a shipped recipe.
        changes: dotted keys of the recipe, such as ``{"pairs.yes_no": 0.5}``.

    Raises:
        AvereError: the folder or the recipe is wrong, or nothing can be made.
    """
    from avere.construct import construction
    from avere.construct.build import build_from_cues
    from avere.construct.recipe import ConstructionRecipe

    build_from_cues(Path(folder), Path(out), _read(recipe, "construct", ConstructionRecipe, changes))
    return Constructed(folder=Path(out), numbers=construction.read(Path(out)))


def train(
    recipe: PathLike,
    out: PathLike,
    *,
    pairs: PathLike | None = None,
    clips: PathLike | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Trained:
    """Train a model on preference pairs; a run that was stopped goes on, a finished one is taken as it is.

    Args:
        recipe: a file, or the name of a shipped recipe such as ``avem_dpo_tiny``.
        out: the folder of the run.
        pairs: the file of pairs, in place of the recipe's.
        clips: the file of clips; by default ``clips.jsonl`` beside the pairs.
        changes: dotted keys of the recipe, such as ``{"loss.beta": 0.2}``.

    Raises:
        AvereError: the recipe or the records are wrong, or the folder holds another run.
    """
    import json

    from avere.preference.recipe import TrainingRecipe

    given: dict[str, Any] = {}
    if pairs is not None:
        given |= {"data.pairs": str(pairs), "data.clips": str(clips or Path(pairs).with_name("clips.jsonl"))}
    checked = _read(recipe, "train", TrainingRecipe, {**given, **(changes or {})})
    from avere.preference.train import train_policy

    folder = train_policy(checked, Path(out), resume=True)
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return Trained(folder=folder, metrics=metrics, log=tuple(json.loads(line) for line in lines))


def evaluate(
    model: Model | PathLike,
    data: PathLike,
    out: PathLike,
    *,
    recipe: PathLike = "emorealm",
    limit: int | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Evaluated:
    """Ask a model every question of a benchmark, score its answers, and measure.

    Args:
        model: loaded, or what `load` takes.
        data: the folder of the benchmark; of the recipe ``folder`` your clips and their table.
        out: the folder of the run; an unfinished run in it goes on.
        recipe: a file, or the name of a shipped recipe.
        limit: only the first so many clips.
        changes: dotted keys of the recipe, such as ``{"conditions": ["av", "text"]}``.

    Raises:
        AvereError: the benchmark cannot be asked whole, or ``out`` holds another run.
    """
    from avere.analyse import read_summary, summarise_run
    from avere.asking.tiny_note import find_foreign_clips
    from avere.benchmark import read_data
    from avere.evaluate import evaluate_model
    from avere.evaluate.recipe import EvaluationRecipe

    checked = _read(recipe, "evaluate", EvaluationRecipe, changes)
    # Read before a model is loaded, so that faults come first.
    clips = read_data(checked.benchmark, checked.config(), Path(data), limit).clips.values()
    loaded = _loaded(model)
    _warn_of_tiny(loaded, find_foreign_clips(clips))
    evaluate_model(loaded, Path(data), Path(out), limit=limit, recipe=checked)
    summarise_run(Path(out))
    return Evaluated(folder=Path(out), summary=read_summary(Path(out)))


def compare(
    first: Evaluated | PathLike,
    second: Evaluated | PathLike,
    *,
    condition: str = "av",
    label_error: float = 0.0,
) -> Compared:
    """Measure how a second run differs from a first one on the same questions.

    Args:
        first: what `evaluate` gave, or its folder.
        second: as the first.
        condition: which of the runs' conditions.
        label_error: share of the benchmark's labels that are taken to be wrong.

    Raises:
        AvereError: a folder holds no run, or they were asked different questions.
    """
    from avere.analyse import contrast_runs, read_run

    arms = ([read_run(_folder(first))], [read_run(_folder(second))])
    return Compared(contrast=contrast_runs(arms, condition, label_error))


def report(
    runs: Iterable[Evaluated | PathLike],
    out: PathLike = "report.html",
    *,
    clips: int = 24,
    people: PathLike | None = None,
) -> Path:
    """Write a page, or by the end of its name a table (csv, md, tex) or a picture (png), that compares runs.

    Args:
        runs: what `evaluate` gave, or their folders, the base first.
        out: the file.
        clips: how many clips the page carries.
        people: a folder that ``avere verify accept`` wrote; what people reach stands beside the runs.

    Raises:
        AvereError: a folder holds no run, or the file's name ends in nothing that is known.
    """
    from avere.report.export import export_tables, form_of

    file = Path(out)
    beside = None if people is None else Path(people)
    return export_tables([_folder(one) for one in runs], file, form_of(file), clips=clips, people=beside)


def _loaded(model: Any) -> Model:
    """Load a model unless it is one."""
    found: Model = load(model) if isinstance(model, str | Path) else model
    return found


def _warn_of_tiny(model: Model, foreign: int) -> None:
    """Warn of what a tiny model cannot know of clips that EmoWorld did not make."""
    from avere.asking.tiny_note import word_tiny_note

    if (note := word_tiny_note(model, foreign)) is not None:
        warnings.warn(note, stacklevel=3)


def _folder(run: Evaluated | PathLike) -> Path:
    """Find the folder of a run."""
    return run.folder if isinstance(run, Evaluated) else Path(run)


def _read(recipe: PathLike, part: str, kind: Any, changes: Mapping[str, Any] | None) -> Any:
    """Read a recipe, a file or a shipped one, with changes by dotted key.

    Raises:
        AvereError: there is none, or any value is wrong.
    """
    from avere import settings
    from avere.recipes import locate_recipe

    file = locate_recipe(str(recipe), part)
    data = settings.read_plain(file)
    for key, value in (changes or {}).items():
        settings.override(data, key, value)
    return settings.check(data, kind, str(file))
