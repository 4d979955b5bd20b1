"""lmms-eval: a task folder for ``--include_path``, and the samples that ``--log_samples`` writes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar

from avere import files
from avere.benchmark import BenchmarkData
from avere.errors import AvereError, RecordError
from avere.exchange.harnesses._said import HarnessReply, parse_object
from avere.exchange.harnesses._writing import FILE, Exported, export_source, write_rows
from avere.records import jsonl

GROUP = "avere_emorealm"
SAMPLES = "*_samples_*.jsonl"


def export(given: BenchmarkData, folder: Path, tokens: int) -> Exported:
    """Write a folder that lmms-eval runs with ``--include_path FOLDER --tasks avere_emorealm``.

    Raises:
        AvereError: the folder is called as a task is, which would hide the task, or nothing can be asked.
    """
    if folder.resolve().name.startswith(GROUP):
        raise AvereError(
            f"'{folder}' is called as a task is, and lmms-eval would look for data in it; give another name"
        )
    made = write_rows(given, folder)
    names = {task: f"{GROUP}_{task}" for task in made.tasks}
    for task, name in names.items():
        _write_yaml(folder / f"{name}.yaml", _task(task, name, tokens))
    _write_yaml(folder / f"{GROUP}.yaml", _group(list(names.values())))
    code = export_source("avere.exchange.harnesses._lmms_eval_task")
    files.write_text(folder / FILE, code)
    return made


def _task(task: str, name: str, tokens: int) -> dict[str, object]:
    """Describe one task: that of the benchmark, so that its error bars are those of single items."""
    functions = ("doc_to_visual", "doc_to_text", "doc_to_messages", "process_results")
    return {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": _function("DATA"),
        "test_split": task,
        "output_type": "generate_until",
        "doc_to_target": "answer",
        **{function: _function(function) for function in functions},
        "generation_kwargs": {"max_new_tokens": tokens, "temperature": 0, "do_sample": False},
        "metric_list": [{"metric": "accuracy_score", "aggregation": "mean", "higher_is_better": True}],
        "metadata": {"version": 1.0},
    }


def _group(names: list[str]) -> dict[str, object]:
    """Describe the group of all tasks: their unweighted mean, as published."""
    mean = {"metric": "accuracy_score", "aggregation": "mean", "weight_by_size": False}
    return {
        "group": GROUP,
        "task": names,
        "aggregate_metric_list": [mean],
        "metadata": {"version": 1.0},
    }


def _function(name: str) -> TaggedScalar:
    """Refer to a function, or a value, of the task's Python file."""
    return TaggedScalar(value=f"{Path(FILE).stem}.{name}", style=None, tag="!function")


def _write_yaml(path: Path, content: dict[str, object]) -> None:
    """Write a YAML file, whatever words stand in its values."""
    with files.create_whole(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        YAML().dump(content, file)


def read(paths: Sequence[Path]) -> Iterator[HarnessReply]:
    """Yield the replies in files of samples, or in all such files of folders.

    Raises:
        RecordError: a line is no sample of the exported task.
        AvereError: a folder holds no samples.
    """
    for path in paths:
        files = sorted(path.rglob(SAMPLES)) if path.is_dir() else [path]
        if not files:
            raise AvereError(f"'{path}' holds no {SAMPLES}; give what lmms-eval wrote with --log_samples")
        for file in files:
            for number, line in jsonl.lines(file):
                yield _sample(line, f"{file}:{number}")


def _sample(line: bytes, place: str) -> HarnessReply:
    """Take the reply of one sample; the one that was scored, after filters."""
    row = parse_object(line, place)
    asked, reply = row.get("avere"), row.get("filtered_resps")
    if not isinstance(asked, dict) or "id" not in asked:
        raise RecordError(
            f"{place}: the sample names no question; only tasks of `avere export lmms-eval` do so"
        )
    while isinstance(reply, list) and len(reply) == 1:
        reply = reply[0]
    if not isinstance(reply, str):
        raise RecordError(f"{place}: filtered_resps holds {reply!r}, which is not one reply")
    return HarnessReply(str(asked["id"]), reply, place, tuple(map(str, asked.get("choices", ()))))
