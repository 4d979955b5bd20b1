"""Check the exported lmms-eval task by running lmms-eval: its accuracies and ours of the same words agree.

lmms-eval pins an older PyAV than avere takes, so each has an environment of its own. What it names as its
dependencies takes some seven gigabytes, most of it for models and tasks that this check does not use; so it
is installed without them, and beside it what its command line, its dummy model and our task import.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TORCH, LMMS_EVAL = "torch==2.13.0", "lmms-eval==0.7.2"
"""torch goes first and pinned, so that pip takes its CPU build where one is offered."""
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
INSIDE, COMPARE = "--inside", "--compare"
CLIPS = "4"
QUIET = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "WANDB_MODE": "disabled"}
GROUP = "avere_emorealm"
MODELS = ("dummy", "fixed")
"""The harness's own dummy, which takes files, and a model of this check, which takes messages."""


def run(*command: str | Path, cwd: Path = ROOT, **more: str) -> None:
    """Run a command and stop everything where it fails."""
    told = [str(part) for part in command]
    subprocess.run(told, check=True, cwd=cwd, env={**os.environ, **QUIET, **more})


def main() -> int:
    """Make both environments, ask EmoWorld in the one and compare in the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for env in ("theirs", "ours"):
            venv.create(folder / env, with_pip=True)
        theirs, ours = (folder / env / "bin" for env in ("theirs", "ours"))
        run(ours / "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", ".")
        known = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        constraints = folder / "constraints.txt"
        constraints.write_text("\n".join(line for line in known if line.partition("==")[0] not in OLDER))
        run(theirs / "pip", "install", "--quiet", TORCH)
        run(theirs / "pip", "install", "--quiet", "--no-deps", LMMS_EVAL)
        run(theirs / "pip", "install", "--quiet", "-c", constraints, *IMPORTED)
        world, data = folder / "world", folder / "data"
        run(ours / "avere", "world", "make", "--clips", CLIPS, "--out", world)
        run(ours / "avere", "construct", world, "--out", data)
        run(ours / "avere", "export", "lmms-eval", folder / "task", "--data", data)
        for model in MODELS:
            run(
                theirs / "python",
                "-I",
                Path(__file__),
                INSIDE,
                model,
                folder,
                cwd=folder,
                HF_HOME=str(folder),
            )
        run(ours / "python", "-I", Path(__file__), COMPARE, folder)
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
    elif COMPARE in sys.argv:
        compare(Path(sys.argv[-1]))
    else:
        sys.exit(main())
