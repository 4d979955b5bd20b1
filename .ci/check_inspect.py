"""Check the exported inspect_ai task by running it: its accuracies and ours of the same words agree."""

import json
import sys
import tempfile
from pathlib import Path

from _environments import lay_over, run_command

INSPECT = "inspect_ai==0.3.285"
INSIDE = "--inside"
CLIPS = "4"


def main() -> int:
    """Make an environment with inspect_ai, ask EmoWorld in it, import the log and compare."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = lay_over(folder / "env", (INSPECT,))
        avere = (python, "-m", "avere")
        world, data = folder / "world", folder / "data"
        run_command(*avere, "world", "make", "--clips", CLIPS, "--out", world)
        run_command(*avere, "construct", world, "--out", data)
        run_command(*avere, "export", "inspect", folder / "task", "--data", data)
        run_command(python, "-E", Path(__file__), INSIDE, folder, cwd=folder)
    return 0


def fixed() -> None:
    """Register a model that looks whether the media came, and speaks in several ways."""
    from inspect_ai.model import ModelAPI, ModelOutput, modelapi

    @modelapi("fixed")
    class Fixed(ModelAPI):
        async def generate(self, input, tools, tool_choice, config):  # noqa: ARG002
            parts = {part.type: part for part in input[-1].content}
            assert parts["video"].video.startswith("data:video/mp4;base64,"), parts["video"].video[:40]
            assert parts["audio"].audio.startswith("data:audio/"), parts["audio"].audio[:40]
            assert config.max_tokens == 8
            words = parts["text"].text
            first = words.partition("(A) ")[2].partition(" (B)")[0]
            said = ["A", "(B)", f"(A) {first}", first, "I cannot tell"]
            return ModelOutput.from_content("fixed/model", said[len(words) % len(said)])


def inside(folder: Path) -> None:
    """Run the task, import its log and refuse any difference."""
    from inspect_ai import eval as evaluate

    from avere.analyse import by_parser, read_run
    from avere.cli.main import run as avere

    fixed()
    (log,) = evaluate(
        "task/emorealm.py",
        model="fixed/model",
        log_dir=str(folder / "logs"),
        log_format="json",
        log_images=False,
        display="none",
    )
    assert log.status == "success", log.error
    out = folder / "run"
    given = ["import", "inspect", str(folder / "logs"), "--data", str(folder / "data"), "--out", str(out)]
    assert avere([*given, "--model", "fixed"]) == 0
    theirs = {name: metric.value for score in log.results.scores for name, metric in score.metrics.items()}
    ours = by_parser(read_run(out), "av")[0]
    print(json.dumps({"inspect_ai": theirs, "avere": {**ours.accuracies, "mean": ours.mean}}, indent=2))
    for task, accuracy in {**ours.accuracies, "mean": ours.mean}.items():
        assert abs(100 * theirs[task] - accuracy) < 1e-9, task
    assert 0 < ours.mean < 100
    assert ours.unread > 0
    (file,) = (folder / "logs").glob("*.json")
    assert file.stat().st_size < 1_000_000, "media went into the log"
    print(f"the exported task agrees with {INSPECT}: mean {ours.mean:.2f} % of {ours.questions} questions")


if __name__ == "__main__":
    if INSIDE in sys.argv:
        inside(Path(sys.argv[-1]))
    else:
        sys.exit(main())
