"""lmms-eval: a task folder for ``--include_path``, and the samples that ``--log_samples`` writes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from avere import files
from avere.benchmark import BenchmarkData
from avere.errors import AvereError, RecordError
from avere.exchange.harnesses._said import HarnessReply, parse_object
from avere.exchange.harnesses._writing import FILE, Exported, export_source, write_rows

GROUP = "avere_emorealm"
SAMPLES = "*_samples_*.jsonl"
TASK = """\
task: {group}_{task}
dataset_path: json
dataset_kwargs: !function {module}.DATA
test_split: {task}
output_type: generate_until
doc_to_visual: !function {module}.doc_to_visual
doc_to_text: !function {module}.doc_to_text
doc_to_messages: !function {module}.doc_to_messages
doc_to_target: answer
process_results: !function {module}.process_results
generation_kwargs:
  max_new_tokens: {tokens}
  temperature: 0
  do_sample: false
metric_list:
  - metric: accuracy_score
    aggregation: mean
    higher_is_better: true
metadata:
  version: 1.0
"""
WHOLE = """\
group: {group}
task:
{tasks}
aggregate_metric_list:
  - metric: accuracy_score
    aggregation: mean
    weight_by_size: false
metadata:
  version: 1.0
"""
"""A task of lmms-eval for each task of the benchmark, so that its error bars are those of single items; the
group is their unweighted mean, as published."""


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
    words = {"group": GROUP, "module": Path(FILE).stem, "tokens": tokens}
    for task in made.tasks:
        files.write_text(folder / f"{GROUP}_{task}.yaml", TASK.format(task=task, **words))
    tasks = "\n".join(f"  - {GROUP}_{task}" for task in made.tasks)
    files.write_text(folder / f"{GROUP}.yaml", WHOLE.format(group=GROUP, tasks=tasks))
    code = export_source("avere.exchange.harnesses._lmms_eval_task")
    files.write_text(folder / FILE, code)
    return made


def read(paths: Sequence[Path]) -> Iterator[HarnessReply]:
    """Read the replies in files of samples, or in all such files of folders.

    Raises:
        RecordError: a line is no sample of the exported task.
        AvereError: a folder holds no samples.
    """
    for path in paths:
        files = sorted(path.rglob(SAMPLES)) if path.is_dir() else [path]
        if not files:
            raise AvereError(f"'{path}' holds no {SAMPLES}; give what lmms-eval wrote with --log_samples")
        for file in files:
            for number, line in enumerate(file.read_bytes().splitlines(), start=1):
                if line.strip():
                    yield _sample(line, f"{file}:{number}")


def _sample(line: bytes, place: str) -> HarnessReply:
    """Return the reply of one sample; the one that was scored, after filters."""
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
