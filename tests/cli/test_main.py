"""The command line as a whole: errors in one line, fixed exit codes, quick help, verbs found by folder."""

import sqlite3
import subprocess
import sys

import pytest
import typer
from safetensors import SafetensorError

from avere import __version__, catalogue
from avere.cli import main
from avere.cli.main import explain_system
from avere.errors import AvereError

HEAVY = ("torch", "transformers", "sklearn", "scipy", "matplotlib")


@pytest.fixture
def verb(monkeypatch):
    """Return a function that makes ``avere recipes ls`` do something else."""

    def install(action):
        app = typer.Typer()
        app.command("ls")(action)
        app.command("other")(lambda: None)
        monkeypatch.setattr("avere.cli.recipes.app", app)

    return install


def raises(error):
    def action() -> None:
        raise error

    return action


def test_version(command):
    assert command("--version") == (0, f"avere {__version__}\n", "")


def test_help_names_every_verb(command):
    said = command("--help")
    assert said.code == 0
    for name in main.verbs():
        assert name in said.out


def test_help_has_a_short_form_and_follows_the_road(command):
    said = command("-h")
    assert said.code == 0
    parts = [said.out.index(f"─ {part} ") for part in main.ROAD[:-1]]
    assert parts == sorted(parts)
    assert f"─ {main.ROAD[-1]} " not in said.out, "let the new verb say its ROAD"
    assert "example" in command("recipes", "copy", "-h").out


def test_a_shell_that_completes_loads_the_verb_alone(monkeypatch):
    monkeypatch.setenv(main.COMPLETING, "avere corpora im")
    assert main.asked([]) == ["corpora"]


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from avere.cli.main import run; code = run(['--help']); "
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]; sys.exit(code or ' '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", sorted(main.verbs()))
def test_every_verb_has_help(command, name):
    said = command(name, "--help")
    assert said.code == 0
    assert name in said.out


def test_only_the_verb_that_is_called_is_loaded():
    assert main.asked(["recipes", "ls"]) == ["recipes"]
    assert main.asked(["--help"]) == main.asked(["recepies"]) == list(main.verbs())


def test_a_mistake_is_one_line_and_exit_code_2(command, verb):
    verb(raises(AvereError("the clip 'a.mp4' is empty;\n  give another")))
    assert command("recipes", "ls") == (2, "", "avere: the clip 'a.mp4' is empty; give another\n")


def test_an_interruption_says_how_to_go_on(command, verb):
    verb(raises(KeyboardInterrupt()))
    assert command("recipes", "ls") == (130, "", "avere: stopped; run the same command again to resume\n")


def test_a_file_that_is_not_there_is_told_before_torch_is_imported():
    program = (
        "import sys; from avere.cli.main import run; "
        "code = run(['train', 'dpo_both_tiny', '--set', 'data.pairs=nowhere.jsonl']); "
        "sys.exit(code if 'torch' not in sys.modules else 1)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    told = "avere: data.pairs: cannot read 'nowhere.jsonl': there is no such file; give an existing one\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_a_missing_extra_is_named(command, verb):
    verb(raises(ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")))
    said = command("recipes", "ls")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "pip install '.[train]'" in said.err


@pytest.mark.parametrize("error", [ValueError("bug"), ModuleNotFoundError("gone", name="avere.gone")])
def test_a_bug_is_not_hidden(command, verb, error):
    verb(raises(error))
    with pytest.raises(type(error)):
        command("recipes", "ls")


@pytest.mark.parametrize("words", [["recepies"], ["recipes", "nope"], ["recipes", "show"], ["--nope"]])
def test_wrong_usage_is_exit_code_2(command, words):
    assert command(*words).code == 2


def test_exit_codes_of_verbs_are_kept(command, verb):
    verb(raises(typer.Exit(3)))
    assert command("recipes", "ls").code == 3


def test_file_names_become_verbs(monkeypatch):
    monkeypatch.setattr(catalogue, "names", lambda _package: ("import_", "main", "new_loss"))
    assert main.verbs() == {"import": "import_", "new-loss": "new_loss"}


def test_a_module_that_holds_no_verb_is_named(command, monkeypatch):
    monkeypatch.delattr("avere.cli.doctor.doctor")
    said = command("doctor")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "avere.cli.doctor has neither an 'app' nor a function 'doctor'" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("world", "make", "--clips", "1", "--seed", "0", "--out"),
        ("evaluate", "--model", "scripted:always-yes", "--data", "DATA", "--out"),
        ("construct", "DATA", "--out"),
        ("recipes", "copy", "dpo_both_tiny"),
        ("report", "DATA", "--out"),
        ("demo", "--out"),
        ("ablate", "demo", "--out"),
    ],
    ids=lambda words: words[0],
)
def test_a_place_that_cannot_be_written_is_one_line(command, workplace, words):
    """A folder below a plain file: every system refuses it, also to the superuser."""
    (workplace / "file").write_text("here")
    (workplace / "data").mkdir()
    place = workplace / "file" / "below"
    said = command(*(word.replace("DATA", str(workplace / "data")) for word in words), place)
    assert said.code == 2
    assert said.err.startswith("avere: ")
    assert said.err.count("\n") == 1


def test_what_the_system_refuses_is_named():
    assert "'/x/y': Read-only file system" in str(
        explain_system(OSError(30, "Read-only file system", "/x/y"))
    )
    assert "not UTF-8" in str(explain_system(UnicodeEncodeError("utf-8", "a\udcff.mp4", 1, 2, "surrogates")))
    assert "take it away" in str(explain_system(sqlite3.DatabaseError("file is not a database")))
    assert "damaged" in str(explain_system(SafetensorError("header too large")))
    assert explain_system(KeyError("grin")) is None
