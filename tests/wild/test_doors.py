"""No verb ends in a traceback, whatever the names, the folders and the disk: one line that names the path."""

import builtins
import errno
import io
import os
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.wild import doors

from avere.cli.main import verbs

CURT = {"ablate", "demo", "online run"}
"""Studies, which would train for minutes: only what they do before that is tried."""
EMBEDDING = "data export datasets"
WRITING = sorted(doors.VERBS.keys() - doors.WRITES_NOTHING)
OUTSIDE = sorted(doors.VERBS.keys() - doors.WRITES_NOTHING - doors.WRITES_INPUT)


@pytest.fixture
def home(furnished, tmp_path):
    """Return the files, to be written into; the large ones are links."""
    place = tmp_path / "home"
    shutil.copytree(furnished, place, ignore=shutil.ignore_patterns("*.safetensors"))
    for file in furnished.rglob("*.safetensors"):
        (place / file.relative_to(furnished)).symlink_to(file)
    return place


def one_line(said, *told):
    """Check that a verb was refused in one line, which holds these words."""
    lines = [line for line in said.err.splitlines() if line.startswith("avere: ")]
    assert (said.code, len(lines)) == (2, 1), said
    assert "Traceback" not in said.err
    assert all(word in lines[0] for word in told), lines


def test_every_verb_is_tried():
    tried = {verb.partition(" ")[0] for verb in (*doors.VERBS, *doors.WITHOUT_FILES, *doors.ELSEWHERE)}
    assert tried == set(verbs())


@pytest.mark.parametrize("verb", sorted(doors.VERBS.keys() - CURT))
def test_the_words_work(verb, home, tmp_path, command):
    """Guards the other tests: what they refuse is not refused for another reason."""
    said = command(*doors.words(verb, home, tmp_path / "out"))
    assert said.code == 0, said.err


@pytest.mark.parametrize("verb", sorted(doors.VERBS.keys() - CURT))
def test_names_that_are_not_utf8(verb, furnished, home, tmp_path, command):
    """Names are bytes; a verb works with them, or says in one line that it cannot."""
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    odd.mkdir()
    said = [command(*doors.words(verb, home, odd / "out"))]
    said += [command(*doors.words(verb, home.rename(odd / "home"), tmp_path / "out"))]
    for one in said:
        if one.code != 0:
            one_line(one, r"caf\xe9")


@pytest.mark.parametrize("verb", sorted(doors.VERBS))
def test_missing_files_of_such_names(verb, tmp_path, command):
    if "{home}" in doors.VERBS[verb].replace("base={home}", ""):
        one_line(command(*doors.words(verb, Path(os.fsdecode(b"caf\xe9")), tmp_path / "out")), r"caf\xe9")


@pytest.mark.parametrize("verb", OUTSIDE)
def test_a_place_below_a_file(verb, home, tmp_path, command):
    """Every system refuses it, also to the superuser."""
    (tmp_path / "file").write_text("here")
    one_line(command(*doors.words(verb, home, tmp_path / "file" / "below")), str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "here"


@pytest.mark.parametrize("verb", WRITING)
def test_a_disk_that_takes_nothing(verb, home, tmp_path, command, monkeypatch):
    """A read-only disk, as Python's own functions meet it."""
    fault = errno.EROFS
    out = (home if verb in doors.WRITES_INPUT else tmp_path / "out").resolve()

    def refuse(function, writes):
        def refusing(path, *more, **named):
            inside = isinstance(path, (str, os.PathLike)) and str(Path(path).absolute()).startswith(str(out))
            if inside and writes(*more, **named):
                raise OSError(fault, os.strerror(fault), str(path))
            return function(path, *more, **named)

        return refusing

    opening = refuse(io.open, lambda mode="r", *_, **__: set(mode) & set("wax+"))
    for module, name, function in (
        (io, "open", opening),
        (builtins, "open", opening),
        (os, "open", refuse(os.open, lambda flags, *_, **__: flags & (os.O_WRONLY | os.O_RDWR))),
        (os, "mkdir", refuse(os.mkdir, lambda *_, **__: True)),
    ):
        monkeypatch.setattr(module, name, function)
    said = command(*doors.words(verb, home, tmp_path / "out"))
    one_line(said, str(out), os.strerror(fault))


@contextmanager
def room_for(size):
    """Let this process and its children write so many bytes to a file: the next ones fail half-way."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("verb", WRITING)
def test_a_disk_that_is_full_half_way(verb, home, tmp_path, command):
    """Files that others read meanwhile are made in the system's folder for such, which may be full too."""
    with room_for(10):
        said = command(*doors.words(verb, home, tmp_path / "out"))
    one_line(
        said, f"'{home if verb in doors.WRITES_INPUT else tmp_path / 'out'}" if verb != EMBEDDING else "'/"
    )
