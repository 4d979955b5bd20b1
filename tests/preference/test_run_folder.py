"""A folder of training holds one run at a time, by one process, from inputs that stay as they were."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avere.errors import AvereError
from avere.models import qwen_omni
from avere.preference import _run_folder as run_folder
from avere.preference.train import train_policy
from avere.records import ModelInfo, locks

Make = Callable[..., Any]


def contents(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def info(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "run.json").read_text())
    return found


@pytest.fixture
def stopped(recipe: Make, tiny: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Path]:
    """Return a recipe, and a folder in which its training was cut off after it began."""

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    chosen, out = recipe(), tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("avere.preference.train.run", fail)
        with pytest.raises(KeyboardInterrupt):
            train_policy(chosen, out, model=tiny())
    return chosen, out


def test_trained_weights_say_what_they_are(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    chosen = recipe(seed=3)
    for name in ("one", "two"):
        train_policy(chosen, tmp_path / name, model=tiny())
    one, two = (info(tmp_path / name) for name in ("one", "two"))
    assert one["begun"] <= one["ended"]
    assert (one["verb"], one["seed"]) == ("train", 3)
    assert one["recipe"] == chosen.model_dump(mode="json")
    assert one["models"] == [{"name": "tiny", "fingerprint": "tiny-0", "options": {}, "role": "base"}]
    assert set(one["data"]) == {"pairs", "clips", "media"}
    assert {key for key in one if one[key] != two[key]} <= {"begun", "ended"}
    assert locks.NAME not in contents(tmp_path / "one")


def change_pairs(home: Path) -> None:
    text = (home / "pairs.jsonl").read_text()
    (home / "pairs.jsonl").write_text(text.replace("a smile 0", "a grin 0"))


def change_media(home: Path) -> None:
    (home / "c1.mp4").write_bytes(b"another film")


@pytest.mark.parametrize(
    ("change", "named"), [(change_pairs, "pairs"), (change_media, "media")], ids=["pairs", "media"]
)
def test_changed_inputs_are_refused_and_named(
    stopped: tuple[Any, Path], tiny: Make, change: Callable[[Path], None], named: str
) -> None:
    chosen, out = stopped
    before = contents(out)
    change(out.parent)
    with pytest.raises(AvereError, match=rf"^the run in '.*out' began with other {named}; bring back"):
        train_policy(chosen, out, model=tiny())
    assert contents(out) == before


def test_another_base_is_refused_whole_or_half_done(
    stopped: tuple[Any, Path], tiny: Make, tmp_path: Path
) -> None:
    chosen, out = stopped
    with pytest.raises(AvereError, match="began with other base weights or inputs"):
        train_policy(chosen, out, model=tiny(seed=1))
    assert info(out)["ended"] is None
    train_policy(chosen, out, model=tiny())
    assert info(out)["ended"] is not None
    assert train_policy(chosen, out, resume=True, model=tiny()) == out
    change_pairs(tmp_path)
    with pytest.raises(AvereError, match="began with other pairs"):
        train_policy(chosen, out, resume=True, model=tiny())


@pytest.mark.parametrize("name", ["model.safetensors", "avere.json"])
def test_a_base_folder_is_known_by_its_files(recipe: Make, tmp_path: Path, name: str) -> None:
    qwen_omni.example(tmp_path / "base")
    chosen = recipe(model={"source": str(tmp_path / "base"), "dtype": "float32"})
    before = run_folder.look(chosen, tmp_path / "out", resume=False)
    assert not before.complete
    base = ModelInfo(name="base", fingerprint="f")
    run_folder.begin(chosen, tmp_path / "out", base, {})
    assert run_folder.look(chosen, tmp_path / "out", resume=False).checkpoint is None
    content = bytearray((tmp_path / "base" / name).read_bytes())
    content[-2] ^= 1
    (tmp_path / "base" / name).write_bytes(bytes(content))
    with pytest.raises(AvereError, match="began with other base weights or inputs"):
        run_folder.look(chosen, tmp_path / "out", resume=False)


def test_a_folder_of_an_older_version_goes_on(stopped: tuple[Any, Path], tiny: Make) -> None:
    chosen, out = stopped
    (out / "run.json").unlink()
    (out / "inputs.json").write_text(json.dumps(run_folder.digests(chosen.data)))
    change_pairs(out.parent)
    with pytest.raises(AvereError, match="began with other records"):
        train_policy(chosen, out, model=tiny())
    (out / "inputs.json").write_text(json.dumps(run_folder.digests(chosen.data)))
    train_policy(chosen, out, model=tiny())
    assert info(out)["ended"] is not None


def test_a_second_start_is_refused_in_one_line(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    chosen, out = recipe(), tmp_path / "out"
    with run_folder.claimed(out):
        before = contents(out)
        words = [sys.executable, "-c", SECOND, str(out)]
        said = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (said.returncode, said.stderr.count("\n")) == (2, 1)
        assert f"another process trains in '{out}'; wait for it, or give another --out" in said.stderr
        with pytest.raises(AvereError, match="another process trains"):
            train_policy(chosen, out, model=tiny())
        assert contents(out) == before
    assert not out.exists()
    train_policy(chosen, out, model=tiny())


SECOND = """
import sys
from pathlib import Path
from avere.errors import AvereError
from avere.preference import _run_folder as run_folder

try:
    with run_folder.claimed(Path(sys.argv[1])):
        pass
except AvereError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
"""


def test_only_the_first_of_several_processes_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with run_folder.claimed(tmp_path):
        monkeypatch.setenv("RANK", "1")
        with run_folder.claimed(tmp_path):
            assert list(contents(tmp_path)) == [locks.NAME]
