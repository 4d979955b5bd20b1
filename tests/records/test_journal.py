"""The journal survives being cut off, belongs to one process, and is put together from all parts."""

import pytest

from avere.errors import AvereError, RecordError
from avere.records import Prediction, Provenance, journal


def one(key):
    made = Provenance(version="0")
    return Prediction(key=key, question="q", condition="av", model="m", reply="A", status="ok", made_by=made)


def append(path, *keys):
    with journal.appending(path) as add:
        add(map(one, keys))


def test_what_is_appended_is_read(tmp_path):
    path = tmp_path / "run" / "journal.jsonl"
    assert journal.read(path.parent) == {}
    append(path, "a")
    append(path, "b")
    assert list(journal.read(path.parent)) == ["a", "b"]


def test_half_a_line_is_no_prediction_and_is_cut_off_before_the_next(tmp_path):
    path = tmp_path / "journal.jsonl"
    append(path, "a", "b")
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert list(journal.read(tmp_path)) == ["a"]
    assert path.read_bytes() == whole[:-20]
    append(path, "b")
    assert path.read_bytes() == whole


def test_parts_are_read_together_and_nothing_twice(tmp_path):
    append(tmp_path / journal.name(0, 2), "a", "c")
    append(tmp_path / journal.name(1, 2), "b")
    append(tmp_path / journal.name(0, 1), "c", "d")
    assert sorted(journal.read(tmp_path)) == ["a", "b", "c", "d"]


def test_one_journal_has_one_writer(tmp_path):
    path = tmp_path / "journal.jsonl"
    with journal.appending(path) as add:
        add([one("a")])
        with (
            pytest.raises(AvereError, match=r"another process is writing .* --shard 0/2"),
            journal.appending(path),
        ):
            pass
    append(path, "b")
    assert list(journal.read(tmp_path)) == ["a", "b"]


def test_a_wrong_line_is_named(tmp_path):
    (tmp_path / "journal.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(RecordError, match=r"journal\.jsonl:1"):
        journal.read(tmp_path)
