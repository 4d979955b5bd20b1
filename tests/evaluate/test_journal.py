"""The journal survives being cut off."""

import pytest

from avere.errors import RecordError
from avere.evaluate import journal
from avere.records import Prediction, Provenance


def one(key):
    made = Provenance(version="0")
    return Prediction(key=key, question="q", condition="av", model="m", reply="A", status="ok", made_by=made)


def test_what_is_appended_is_read(tmp_path):
    path = tmp_path / "journal.jsonl"
    assert journal.read(path) == {}
    journal.append(path, [one("a")])
    journal.append(path, [one("b")])
    assert list(journal.read(path)) == ["a", "b"]


def test_half_a_line_is_cut_off_and_the_rest_kept(tmp_path):
    path = tmp_path / "journal.jsonl"
    journal.append(path, [one("a"), one("b")])
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert list(journal.read(path)) == ["a"]
    journal.append(path, [one("b")])
    assert path.read_bytes() == whole


def test_a_wrong_line_is_named(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(RecordError, match=r"journal\.jsonl:1"):
        journal.read(path)
