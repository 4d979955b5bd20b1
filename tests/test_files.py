import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest

from avere import files
from avere.errors import AvereError, MediaError
from avere.records import Corruption, Medium

OLD = 1_000_000_000
"""A time of change long ago, in nanoseconds."""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_only_when_it_is_complete(tmp_path):
    file = tmp_path / "new" / "page.html"
    with files.create_whole(file) as unfinished:
        unfinished.write_text("half")
        assert (unfinished.parent, unfinished.suffix) == (file.parent, ".html")
        assert unfinished.name.startswith(".page.")
        assert not file.exists()
    assert names(file.parent) == ["page.html"]
    assert file.read_text() == "half"


@pytest.mark.parametrize("fault", [RuntimeError("no"), KeyboardInterrupt()])
def test_a_fault_leaves_the_older_file(tmp_path, fault):
    file = files.write_text(tmp_path / "page.html", "older")

    def write() -> None:
        with files.create_whole(file) as unfinished:
            unfinished.write_text("newer")
            raise fault

    with pytest.raises(type(fault)):
        write()
    assert names(tmp_path) == ["page.html"]
    assert file.read_text() == "older"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_full_disk_is_one_line_and_leaves_the_older_file(tmp_path, monkeypatch, code):
    file = files.write_bytes(tmp_path / "page.html", b"older")

    def full(path: Path, content: bytes) -> None:
        path.touch()
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "write_bytes", full)
    text = f"^cannot write '{file}': {os.strerror(code)}; make room, or give another place$"
    with pytest.raises(AvereError, match=text):
        files.write_bytes(file, b"newer")
    assert names(tmp_path) == ["page.html"]
    assert file.read_bytes() == b"older"


def test_a_fault_of_what_is_written_is_not_the_disks(tmp_path):
    with pytest.raises(ConnectionError, match="gone"), files.create_whole(tmp_path / "a.txt"):
        raise ConnectionError("gone")


def test_a_file_cannot_take_the_place_of_a_folder(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(AvereError, match=r"cannot write .*a\.txt'"):
        files.write_text(tmp_path / "a.txt", "text")
    assert names(tmp_path) == ["a.txt"]


def test_text_is_utf8_with_plain_line_ends(tmp_path):
    assert files.write_text(tmp_path / "a.txt", "ü\n").read_bytes() == b"\xc3\xbc\n"
    assert files.write_text(tmp_path / "a.txt", "ü\n", sync=True).read_bytes() == b"\xc3\xbc\n"


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "real" / "a.txt")
    files.write_text(tmp_path / "link.txt", "text")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real" / "a.txt").read_text() == "text"


def test_a_pipe_is_written_to_as_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    files.write_text(pipe, "text")
    reader.join()
    assert read == ["text"]
    assert names(tmp_path) == ["pipe"]


def test_digest_is_the_sha256_of_the_content(tmp_path):
    file = files.write_bytes(tmp_path / "a", b"avere" * 300_000)
    assert files.digest(file) == hashlib.sha256(b"avere" * 300_000).hexdigest()


def test_an_unchanged_file_is_read_once(tmp_path, monkeypatch):
    read: list[Path] = []
    compute = files._digest_content

    def count(path: Path) -> str:
        read.append(path)
        return compute(path)

    monkeypatch.setattr(files, "_digest_content", count)
    file = files.write_bytes(tmp_path / "a", b"one")
    os.utime(file, ns=(OLD, OLD))
    assert files.digest(file) == files.digest(file) == hashlib.sha256(b"one").hexdigest()
    assert len(read) == 1
    file.write_bytes(b"two")
    os.utime(file, ns=(OLD + 1, OLD + 1))
    assert files.digest(file) == hashlib.sha256(b"two").hexdigest()


def test_another_file_of_the_same_size_and_time_is_another(tmp_path):
    file = files.write_bytes(tmp_path / "a", b"one")
    os.utime(file, ns=(OLD, OLD))
    first = files.digest(file)
    other = files.write_bytes(tmp_path / "b", b"two")
    os.utime(other, ns=(OLD, OLD))
    other.replace(file)
    assert files.digest(file) == hashlib.sha256(b"two").hexdigest() != first


def test_a_file_that_changed_just_now_is_read_again(tmp_path):
    """Same inode, same size; the clock of the file system may not have ticked."""
    file = tmp_path / "a"
    file.write_bytes(b"one")
    first = files.digest(file)
    file.write_bytes(b"two")
    assert files.digest(file) == hashlib.sha256(b"two").hexdigest() != first


def test_a_medium_is_its_bytes_and_its_corruption(tmp_path):
    file = files.write_bytes(tmp_path / "a.wav", b"sound")
    content = hashlib.sha256(b"sound").hexdigest()
    assert files.identify_medium(file) == (content, None)
    assert str(files.identify_medium(file)) == f"{content} "
    assert str(files.identify_medium(file, '{"kind":"noise"}')) == f'{content} {{"kind":"noise"}}'
    twin = files.write_bytes(tmp_path / "other.wav", b"sound")
    noisy = Corruption(kind="noise", level=0.5, seed=1)
    assert Medium(path=file).identity() == Medium(path=twin).identity()
    assert Medium(path=file, corruption=noisy).identity() == (content, noisy.model_dump_json())


def test_one_changed_byte_anywhere_is_another_medium(tmp_path):
    size = 1_000_000
    found = set()
    for place in range(0, size, 99_999):
        content = bytearray(size)
        content[place] = 1
        found.add(files.identify_medium(files.write_bytes(tmp_path / "a.wav", bytes(content))))
    assert len(found) == 11


def test_what_cannot_be_read_is_said_or_goes_by_its_name(tmp_path):
    (tmp_path / "empty.wav").touch()
    for path, fault in (
        (tmp_path / "no.wav", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (tmp_path / "empty.wav", r"it is empty \(0 bytes\)"),
    ):
        with pytest.raises(MediaError, match=f"^cannot read '{path}': {fault}; give a file"):
            files.identify_medium(path)
        assert files.identify_medium(path, "x", missing_ok=True) == (path.name, "x")


def test_a_pipe_has_no_digest_and_no_one_waits_for_it(tmp_path):
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="no regular file"):
        files.digest(pipe)
    with pytest.raises(MediaError, match="no regular file"):
        files.identify_medium(pipe)


@pytest.mark.parametrize("content", [b'{"cut', b"", b"\xff\xfe{}"])
def test_a_damaged_file_of_an_earlier_run_is_named_in_one_line(tmp_path, content):
    file = tmp_path / "stages.json"
    file.write_bytes(content)
    with pytest.raises(AvereError, match=r"stages\.json' is not JSON \(.*\); put it back") as found:
        files.read_json(file)
    assert "\n" not in str(found.value)
    file.write_text('{"a": 1}')
    assert files.read_json(file) == {"a": 1}
