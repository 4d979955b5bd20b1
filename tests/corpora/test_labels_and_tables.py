"""The map of labels and the tables that hold them."""

import sys

import pytest

from avere.answers._emotion_words import GROUPS
from avere.corpora import _labels, _tables
from avere.errors import AvereError


def test_no_word_stands_for_two_emotions():
    said = [name for emotion, others in _labels.SYNONYMS.items() for name in (emotion, *others.split())]
    assert len(said) == len(set(said)) == len(_labels.WORDS)


def test_the_reading_of_answers_agrees():
    """What a corpus calls an emotion must not be another emotion's word in an answer."""
    for group in GROUPS:
        known = {_labels.WORDS[name] for name in group if name in _labels.WORDS}
        assert len(known) <= 1 or known == {"anxiety", "worry"}


def test_votes_are_found_under_any_spelling():
    row = {"1happy": "3", "vote_angry": "2", "order": "7", "sad": ""}
    assert _labels.votes(row, ("happiness", "anger", "sadness"), "here") == {"happiness": 3, "anger": 2}
    with pytest.raises(AvereError, match="here: column '1happy' holds 'many', which is no number"):
        _labels.votes({"1happy": "many"}, ("happiness",), "here")


def test_text_may_be_chinese_in_either_encoding(tmp_path):
    for number, encoding in enumerate(("utf-8-sig", "gb18030")):
        path = tmp_path / f"{number}.csv"
        path.write_bytes("name,chinese\na,太好了\n".encode(encoding))
        assert _tables.rows(path, chinese=True) == [{"name": "a", "chinese": "太好了"}]


def test_json_lines_are_a_table_too(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text('{"path": "a.mp4", "label": null, "age": 7.0}\n', encoding="utf-8")
    assert _tables.rows(path, ("path",)) == [{"path": "a.mp4", "label": "", "age": "7"}]
    path.write_text("[1]\n", encoding="utf-8")
    with pytest.raises(AvereError, match=r"labels\.jsonl:1: not an object"):
        _tables.rows(path)


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("path,emotion\na.mp4,anger\n", encoding="utf-8")
    with pytest.raises(AvereError, match=r"no column 'label', only: path, emotion"):
        _tables.rows(path, ("path", "label"))


def test_a_sheet_is_read_as_its_csv(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["clip", "anger", "single_label"])
    book.active.append(["00001.mp4", 0.5, 1])
    book.save(tmp_path / "single-set.xlsx")
    expected = [{"clip": "00001.mp4", "anger": "0.5", "single_label": "1"}]
    assert _tables.rows(tmp_path / "single-set.xlsx", ("clip",)) == expected


def test_without_openpyxl_a_sheet_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(AvereError, match=r"\.\[corpora\].*'single-set.csv' beside it"):
        _tables.rows(tmp_path / "single-set.xlsx")
