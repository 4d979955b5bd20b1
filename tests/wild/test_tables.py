"""Tables and lines as other people write them: read right, or refused with the line; never other rows."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avere import corpora, media
from avere.corpora import _tables
from avere.errors import AvereError, RecordError
from avere.records import Clip, jsonl

ONE = [("clips/a", "anger"), ("clips/b", "happiness")]
PLAIN = "path,label\nclips/a.mp4,angry\nclips/b.mp4,joy\n"
READ = {
    "plain": (PLAIN.encode(), "as every program writes it"),
    "marked": (PLAIN.encode("utf-8-sig"), "Excel's CSV UTF-8 begins with a mark"),
    "utf16": (PLAIN.replace(",", "\t").encode("utf-16"), "Excel's Unicode text, with its mark"),
    "semicolons": (PLAIN.replace(",", ";").encode(), "Excel where the comma is the decimal sign"),
    "tabs": (PLAIN.replace(",", "\t").encode(), "text copied out of a sheet"),
    "windows": (PLAIN.replace("\n", "\r\n").encode(), "line ends of Windows"),
    "mac": (PLAIN.replace("\n", "\r").encode(), "line ends of old Macs, which Excel still offers"),
    "no last line end": (PLAIN.rstrip().encode(), "editors that add none"),
    "blank rows": (PLAIN.encode() + b"\n,\n", "Excel saves emptied rows"),
    "capitals": (PLAIN.replace("path,label", "Path,LABEL").encode(), "headers as people type them"),
    "emotion": (PLAIN.replace("path,label", "filename,Emotion").encode(), "pandas scripts"),
    "file": (PLAIN.replace("path,label", "file,emotion").encode(), "the folder form of Hugging Face"),
    "video": (PLAIN.replace("path,label", "video,label").encode(), "lists of videos"),
    "spaces": (PLAIN.replace(",", ", ").encode(), "a blank after each comma"),
    "backslashes": (PLAIN.replace("/", "\\").encode(), "paths of Windows"),
    "quoted header": (PLAIN.replace("path,label", '"path","label"').encode(), "every cell in quotes"),
}


def read(path, data, **options):
    path.write_bytes(data)
    return list(corpora.read("folder", path, options))


@pytest.mark.parametrize("kind", READ)
def test_tables_are_read_as_spreadsheets_write_them(kind, tmp_path):
    data, _ = READ[kind]
    found = read(tmp_path / "labels.csv", data)
    assert [(clip.id, clip.emotion) for clip in found] == ONE


WORDS = {
    "a newline in quotes": 'path,label,transcript\na.mp4,angry,"Go\naway"\n',
    "U+2028": "path,label,transcript\na.mp4,angry,Go\u2028away\n",
    "U+0085": "path,label,transcript\na.mp4,angry,Go\x85away\n",
    "form feed": "path,label,transcript\na.mp4,angry,Go\x0caway\n",
    "a comma in quotes after a blank": 'path,label,transcript\na.mp4,angry, "Go, away"\n',
    "quotes in quotes": 'path,label,transcript\na.mp4,angry,"Go ""away"""\n',
    "an inch": 'path,label,transcript\na.mp4,angry,5" away\n',
    "semicolons beside commas": "path;label;transcript\na.mp4;angry;Go, away, now\n",
}
SPOKEN = ["Go\naway", "Go\u2028away", "Go\x85away", "Go\x0caway", "Go, away", 'Go "away"', '5" away']
SPOKEN += ["Go, away, now"]


@pytest.mark.parametrize(("kind", "spoken"), zip(WORDS, SPOKEN, strict=True))
def test_words_keep_what_is_in_them(kind, spoken, tmp_path):
    (clip,) = read(tmp_path / "labels.csv", WORDS[kind].encode())
    assert (clip.emotion, clip.transcript) == ("anger", spoken)


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "an unquoted comma": (
        "path,transcript,label\na.mp4,Well, I am fine,angry\n",
        r":2: 4 cells under a h.* 3",
    ),
    "two of them": ("path,label\na.mp4,sad,x\nb.mp4,sad\nc.mp4\n", r":2: 3 cells.*and so have 1 other rows"),
    "a missing cell": ("path,transcript,label\na.mp4,angry\n", r":2: 2 cells under a header of 3"),
    "an open quote": ('path,label\na.mp4,angry\nb.mp4,"sad\nc.mp4,joy\n', r":3: a double quote that opens"),
    "one that opens inside a row": ('path,label\na.mp4,"x\ny\nz"\nb.mp4,"sad\n', r":5: a double quote"),
    "one that another quote ends": (
        'path,label\na.mp4,"sad\nb.mp4,"joy"\n',
        r":2: a double quote that opens",
    ),
    "one that another row closes": (
        'path,label\na.mp4,"sad\nb.mp4,joy"\n',
        r":2: the label is 'sad\\nb.mp4,joy'",
    ),
    "an umlaut of Windows": (
        "path,label,transcript\na.mp4,sad,Fr\xe9d\xe9ric\n".encode("cp1252"),
        r":2: not UTF-8.*iconv",
    ),
    "two accents side by side": (
        "path,label,transcript\na.mp4,sad,\xe9\xe8\n".encode("cp1252"),
        r":2: not UTF-8",
    ),
    "UTF-16 without its mark": (PLAIN.encode("utf-16-le"), "zero bytes"),
    "a sheet": (b"PK\x03\x04rest", "is a sheet, not text"),
    "two columns of a name": ("path,label,label\na.mp4,sad,joy\n", "two columns 'label'"),
    "no path": ("name,label\na.mp4,sad\n", r"no column 'path' \(or filename, .*only: name, label"),
    "no rows": ("path,label\n", "no column 'path'.*only: nothing"),
    "an empty path": ("path,label\n,sad\n", r":2: the path is ''"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_for_sure_is_refused_with_its_line(kind, tmp_path):
    data, told = REFUSED[kind]
    with pytest.raises(AvereError) as caught:
        read(tmp_path / "labels.csv", data if isinstance(data, bytes) else data.encode())
    assert re.search(told, str(caught.value))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", sorted(media.SOUND_SUFFIXES))
def test_sound_of_any_kind_is_known_by_its_name(tmp_path, suffix):
    (tmp_path / f"a{suffix}").touch()
    table = f"path,label\na.mkv,sad\nb{suffix.upper()},joy\n"
    film, sound = read(tmp_path / "labels.csv", table.encode())
    assert (film.video, film.audio) == (tmp_path / "a.mkv", tmp_path / f"a{suffix}")
    assert (sound.video, sound.audio) == (None, tmp_path / f"b{suffix.upper()}")


def test_the_sound_beside_a_film_is_its_own_unless_it_has_a_row(tmp_path):
    for name in ("a.mp4", "a.wav", "b.mp4", "b.wav"):
        (tmp_path / name).write_bytes(b"")
    table = "path,label\na.mp4,sad\nb.mp4,joy\nb.wav,joy\n"
    sounds = [clip.audio.name for clip in read(tmp_path / "labels.csv", table.encode())]
    assert sounds == ["a.wav", "b.mp4", "b.wav"]


CUES = "clip;Modality;cue;present;emotion;whose\n"
CUE_ROWS = {
    "the least": ("a.mp4;face;wide grin;;;\n", ("a", "video", "wide grin", True, None, "person")),
    "all words": ("a;heard;Sob;no;Sad;other\n", ("a", "audio", "Sob", False, "sadness", "other")),
}
WRONG_CUES = {
    "another clip": ("b.mp4;face;grin;;;\n", r":2: no clip is called 'b.mp4'; did you mean 'a.mp4'"),
    "no modality": ("a;hands;grin;;;\n", r":2: 'hands' is no modality; write one of: video, picture"),
    "no words": ("a;face;;;;\n", r":2: the cue has no words"),
    "maybe": ("a;face;grin;maybe;;\n", r":2: 'maybe' is no present; write one of: yes, true, 1, no"),
}


def read_cues(path, rows):
    path.write_text(CUES + rows, encoding="utf-8-sig")
    clip = Clip(id="a", video=path.parent / "a.mp4", source="folder")
    return list(corpora.read_cues(path, [clip]))


@pytest.mark.parametrize("kind", CUE_ROWS)
def test_cues_are_read_in_the_words_of_their_writer(kind, tmp_path):
    rows, wanted = CUE_ROWS[kind]
    (cue,) = read_cues(tmp_path / "cues.csv", rows)
    assert (cue.clip, cue.modality, cue.text, cue.present, cue.evidence_of, cue.bearer) == wanted
    assert cue.name == cue.text


@pytest.mark.parametrize("kind", WRONG_CUES)
def test_wrong_cues_are_refused_with_their_line(kind, tmp_path):
    rows, told = WRONG_CUES[kind]
    with pytest.raises(AvereError, match=told):
        read_cues(tmp_path / "cues.csv", rows)


def test_a_table_of_cues_needs_its_columns(tmp_path):
    (tmp_path / "cues.csv").write_text("clip,what\na,b\n")
    with pytest.raises(AvereError, match="no column 'modality', 'text', only: clip, what"):
        list(corpora.read_cues(tmp_path / "cues.csv", []))


def test_an_encoding_may_be_said(tmp_path):
    data = "path,label,transcript\na.mp4,sad,Fr\xe9d\xe9ric\n".encode("cp1252")
    (clip,) = read(tmp_path / "labels.csv", data, encoding="cp1252")
    assert clip.transcript == "Fr\xe9d\xe9ric"
    with pytest.raises(AvereError, match="no encoding is called 'klingon'"):
        read(tmp_path / "labels.csv", data, encoding="klingon")


def test_chinese_is_read_only_where_a_corpus_may_be_in_it(tmp_path):
    path = tmp_path / "subtitles.csv"
    path.write_bytes("name,chinese\na,太好了，我很高兴\n".encode("gb18030"))
    assert _tables.rows(path, chinese=True)[0]["chinese"] == "太好了，我很高兴"
    with pytest.raises(AvereError, match=":2: not UTF-8"):
        _tables.rows(path)
    # These bytes are GB 18030 too, of three rare signs.
    path.write_bytes("name,chinese\na,Fr\xe9d\xe9ric l'a dit \xe0 G\xe9rard\n".encode("cp1252"))
    with pytest.raises(AvereError, match=":2: not UTF-8"):
        _tables.rows(path, chinese=True)


def test_rows_beyond_what_a_sheet_says_of_its_size_are_read(tmp_path):
    """Some programs write the dimension of the first save and never again."""
    import zipfile

    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (("path", "label"), ("clips/a.mp4", "angry"), ("clips/b.mp4", "joy")):
        book.active.append(row)
    book.save(tmp_path / "right.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "right.xlsx") as right,
        zipfile.ZipFile(tmp_path / "labels.xlsx", "w") as wrong,
    ):
        for name in right.namelist():
            wrong.writestr(name, right.read(name).replace(b'ref="A1:B3"', b'ref="A1:B2"'))
    found = corpora.read("folder", tmp_path / "labels.xlsx")
    assert [(clip.id, clip.emotion) for clip in found] == ONE


def test_a_video_and_its_sound_are_one_row(tmp_path):
    data = b"path,label,audio\nx.mp4,sad,x.wav\n"
    (clip,) = read(tmp_path / "labels.csv", data)
    assert (clip.id, clip.video, clip.audio) == ("x", tmp_path / "x.mp4", tmp_path / "x.wav")
    both = read(tmp_path / "labels.csv", b"path,label\nx.mp4,sad\nx.wav,sad\n")
    assert [clip.id for clip in both] == ["x", "x"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", r":2: not JSON"),
        ("[" * 100_000, r":2: not JSON"),
        ('{"path": ' + "9" * 5000 + "}", r":2: not JSON"),
        ('{"path": "a"}', r"no column 'label'"),
        ('{"path": "a", "label": ["sad"]}', r"'label' holds more than one value"),
    ],
)
def test_bad_json_lines_are_named(line, told, tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text('{"path": "b", "label": "sad"}\n' + line)
    with pytest.raises(AvereError, match=told):
        _tables.rows(path, ("path", "label"))


# U+2028 and the like are no line ends in JSON lines, and editors put a mark before the first.
EXOTIC = ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e", "\r", "\u00a0", "\ufeff"]


@pytest.mark.parametrize("sign", EXOTIC)
def test_lines_of_json_end_at_line_feeds_alone(sign, tmp_path):
    row = {"id": "a", "source": "t", "transcript": f"Go{sign}away"}
    text = json.dumps(row, ensure_ascii=False) + "\n"
    for start in ("", "\ufeff"):
        (tmp_path / "clips.jsonl").write_bytes((start + text * 2).encode())
        found = list(jsonl.read(tmp_path / "clips.jsonl", Clip))
        assert [clip.transcript for clip in found] == [f"Go{sign}away"] * 2
        rows = {"path": "a.mp4", "label": "sad", "transcript": f"Go{sign}away"}
        line = json.dumps(rows, ensure_ascii=False) + "\n"
        (clip, _) = read(tmp_path / "labels.jsonl", (start + line * 2).encode())
        assert clip.transcript == f"Go{sign}away"


def test_two_records_of_one_id_are_refused_with_both_lines(tmp_path):
    path = tmp_path / "clips.jsonl"
    jsonl.write(path, [Clip(id=name, source="t") for name in "abcb"])
    with pytest.raises(RecordError, match=r"lines 2 and 4 both hold the Clip 'b'"):
        jsonl.read_by_id(path, Clip)


def test_a_line_without_end_is_refused_early(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl, "LONGEST_LINE", 100)
    path = tmp_path / "clips.jsonl"
    jsonl.write(path, [Clip(id="a", source="t"), Clip(id="b", source="t" * 100)])
    with pytest.raises(RecordError, match=r"clips\.jsonl:2: longer than 100 bytes"):
        list(jsonl.read(path, Clip))
    path.write_bytes(b"\xff\xfe" + b"{}")
    with pytest.raises(RecordError, match="is UTF-16 text"):
        list(jsonl.read(path, Clip))


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@given(
    rows=st.lists(st.lists(TEXT, min_size=3, max_size=3), max_size=5),
    separator=st.sampled_from([",", ";", "\t"]),
    end=LINE_ENDS,
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
)
def test_what_csv_writes_is_read_back(rows, separator, end, quoting, tmp_path_factory):
    # Before Python 3.13, csv leaves a lone carriage return unquoted, and then no reader can tell.
    if quoting == csv.QUOTE_MINIMAL:
        rows = [[cell.replace("\r", "\n") for cell in row] for row in rows]
        end = "\n" if end == "\r" else end
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator, lineterminator=end, quoting=quoting).writerows(
        [["path", "label", "words"], *rows]
    )
    path = tmp_path_factory.mktemp("csv") / "labels.csv"
    path.write_bytes(written.getvalue().encode())
    expected = [[cell.strip() for cell in row] for row in rows]
    found = [list(row.values()) for row in _tables.rows(path)]
    assert found == [row for row in expected if any(row)]


@given(texts=st.lists(TEXT, max_size=5))
def test_what_we_write_is_read_back(texts, tmp_path_factory):
    path: Path = tmp_path_factory.mktemp("jsonl") / "clips.jsonl"
    clips = [Clip(id=str(n), source=text, transcript=text) for n, text in enumerate(texts)]
    jsonl.write(path, clips)
    assert list(jsonl.read_by_id(path, Clip).values()) == clips
