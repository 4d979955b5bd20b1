"""Check the exported lmms-eval task by running lmms-eval: its accuracies and ours of the same words agree.

lmms-eval pins an older PyAV than avere takes, so it has an environment of its own. What it names as its
dependencies takes some seven gigabytes, most of it for models and tasks that this check does not use; so it
is installed without them, and beside it what its command line, its dummy model and our task import.
"""

import json
import sys
import tempfile
from pathlib import Path

from _environments import ROOT, lay_over, run_command

LMMS_EVAL = "lmms-eval==0.7.2"
IMPORTED = (
    "accelerate",
    "av==15.1.0",
    "datasets",
    "evaluate==0.4.6",
    "jinja2",
    "loguru==0.7.3",
    "numpy",
    "pillow",
    "pydantic",
    "pytablewriter==1.2.1",
    "pytz==2026.6",
    "pyyaml",
    "requests",
    "sacrebleu==2.6.0",
    "scipy",
    "tenacity",
    "transformers",
)
"""What a run of the exported task imports; versions that are not said here are those of constraints.txt."""
OLDER = ("av", "python-dateutil")
"""What the harness, or what it writes its tables with, cannot take in the version of constraints.txt."""
INSIDE = "--inside"
CLIPS = "4"
GROUP = "avere_emorealm"
MODELS = ("dummy", "fixed")
"""The harness's own dummy, which takes files, and a model of this check, which takes messages."""


def main() -> int:
    """Make an environment for the harness, ask EmoWorld in it and compare here."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        constraints = folder / "constraints.txt"
        constraints.write_text("\n".join(line for line in known if line.partition("==")[0] not in OLDER))
        theirs = lay_over(folder / "env", ("--no-deps", LMMS_EVAL), ("-c", constraints, *IMPORTED))
        avere = (sys.executable, "-m", "avere")
        world, data = folder / "world", folder / "data"
        run_command(*avere, "world", "make", "--clips", CLIPS, "--out", world)
        run_command(*avere, "construct", world, "--out", data)
        run_command(*avere, "export", "lmms-eval", folder / "task", "--data", data)
        for model in MODELS:
            told = (Path(__file__), INSIDE, model, folder)
            run_command(theirs, "-E", *told, cwd=folder, HF_HOME=str(folder), WANDB_MODE="disabled")
        compare(folder)
    return 0


def inside(model: str, folder: Path) -> None:
    """Run the task by the command line of lmms-eval, with a model that is registered here."""
    from functools import partial

    from lmms_eval import __main__ as command
    from lmms_eval.tasks import TaskManager

    # The wheel of 0.7.2 lacks 173 templates that its own tasks include, and stops while it lists them.
    command.TaskManager = partial(TaskManager, include_defaults=False)
    if model == "fixed":
        register()
    reading = ["--model_args", "response=B,read_bytes=-1"] if model == "dummy" else []
    where = ["--include_path", str(folder / "task"), "--output_path", str(folder / "logs" / model)]
    sys.argv = ["lmms_eval", "--model", model, *reading, "--tasks", GROUP, *where, "--log_samples"]
    command.cli_evaluate()


def register() -> None:
    """Register a model that looks whether all media came, and speaks in several ways."""
    from lmms_eval.api.model import lmms
    from lmms_eval.models import MODEL_REGISTRY_V2
    from lmms_eval.models.registry_v2 import ModelManifest
    from lmms_eval.protocol import ChatMessages

    class Fixed(lmms):
        is_simple = False

        def __init__(self, **settings):  # noqa: ARG002
            super().__init__()

        def generate_until(self, requests):
            return [self.answer(*request.args) for request in requests]

        def answer(self, words, messages_of, settings, doc_id, task, split):
            assert settings["max_new_tokens"] == 8, settings
            messages = ChatMessages(messages=messages_of(self.task_dict[task][split][doc_id]))
            _, videos, sounds = messages.extract_media()
            assert [Path(path).suffix for path in (*videos, *sounds)] == [".mp4", ".wav"]
            assert all(Path(path).is_file() for path in (*videos, *sounds))
            first = words.partition("(A) ")[2].partition(" (B)")[0]
            said = ["A", "(B)", f"(A) {first}", first, "I cannot tell"]
            return said[len(words) % len(said)]

        def loglikelihood(self, requests):
            raise NotImplementedError

        def generate_until_multi_round(self, requests):
            raise NotImplementedError

    globals()["Fixed"] = Fixed
    MODEL_REGISTRY_V2.register_manifest(ModelManifest(model_id="fixed", chat_class_path="__main__.Fixed"))


def compare(folder: Path) -> None:
    """Import the samples of each model and refuse any difference."""
    from avere.analyse import by_parser, read_run
    from avere.cli.main import run as avere

    for model in MODELS:
        logs, out = folder / "logs" / model, folder / "runs" / model
        given = ["import", "lmms-eval", str(logs), "--data", str(folder / "data"), "--out", str(out)]
        assert avere([*given, "--model", model]) == 0
        (file,) = logs.rglob("*_results.json")
        results = json.loads(file.read_text(encoding="utf-8"))["results"]
        theirs = {name: found["accuracy_score,none"] for name, found in results.items()}
        ours = by_parser(read_run(out), "av")[0]
        print(json.dumps({"lmms-eval": theirs, "avere": {**ours.accuracies, "mean": ours.mean}}, indent=2))
        for task, accuracy in ours.accuracies.items():
            assert abs(100 * theirs[f"{GROUP}_{task}"] - accuracy) < 1e-9, task
        assert abs(100 * theirs[GROUP] - ours.mean) < 1e-9
        assert 0 < ours.mean < 100
        print(f"{model}: agrees with {LMMS_EVAL}: mean {ours.mean:.2f} % of {ours.questions} questions")


if __name__ == "__main__":
    if INSIDE in sys.argv:
        inside(sys.argv[-2], Path(sys.argv[-1]))
    else:
        sys.exit(main())
