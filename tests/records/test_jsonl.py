"""Records in files: errors name the place, paths follow the file, nothing half-written stays."""

import json
from pathlib import Path

import pytest

from avere.errors import RecordError
from avere.records import Clip, Medium, Record, Score, jsonl
from avere.records._base import MediaPath


class Pair(Record):
    clip: Clip
    medium: Medium
    spare: MediaPath | None = None


def clip(name: str, folder: Path) -> Clip:
    return Clip(id=name, video=folder / "media" / f"{name}.mp4", source="test")


def test_paths_are_written_relative_to_the_file_and_read_back(tmp_path):
    file = tmp_path / "set" / "clips.jsonl"
    assert jsonl.write(file, [clip("a", file.parent)]) == 1
    assert json.loads(file.read_text())["video"] == "media/a.mp4"
    assert list(jsonl.read(file, Clip)) == [clip("a", file.parent)]


def test_a_moved_folder_still_works(tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    jsonl.write(before / "clips.jsonl", [clip("a", before)])
    before.rename(after)
    assert list(jsonl.read(after / "clips.jsonl", Clip)) == [clip("a", after)]


def test_paths_of_nested_records_move_too(tmp_path):
    pair = Pair(clip=clip("a", tmp_path), medium=Medium(path=tmp_path / "b.wav"), spare=tmp_path / "c.png")
    jsonl.write(tmp_path / "pairs.jsonl", [pair])
    text = (tmp_path / "pairs.jsonl").read_text()
    assert str(tmp_path) not in text
    assert list(jsonl.read(tmp_path / "pairs.jsonl", Pair)) == [pair]


def test_media_beside_the_folder_are_the_same_file(tmp_path):
    media = tmp_path / "media" / "ü b.mp4"
    media.parent.mkdir()
    media.write_bytes(b"x")
    file = tmp_path / "records" / "clips.jsonl"
    jsonl.write(file, [Clip(id="a", video=media, source="test")])
    (read,) = jsonl.read(file, Clip)
    assert read.video is not None
    assert read.video.samefile(media)


def test_empty_lines_are_no_records(tmp_path):
    file = tmp_path / "scores.jsonl"
    file.write_text('{"key": "a", "value": 1.0}\n\n{"key": "b", "value": null}\n')
    assert [score.key for score in jsonl.read(file, Score)] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"key": "b", "value": "high"}', "value: .*number"),
        ('{"key": "b", "value": true}', "value: .*number"),
        ('{"key": 7, "value": 1.0}', "key: .*string"),
        ('{"value": 1.0}', "key: Field required"),
        ('{"key": "b"}', "value: Field required"),
        ('{"key": "b", "value": 1.0, "points": 2}', "points: Extra inputs"),
        ('{"key": "b", "value": 1.0, "parts": {"c": "x"}}', r"parts\.c: .*number"),
        ('{"key": "b", "value": NaN}', "value: .*finite"),
        ('{"key": "b", ', "line: Invalid JSON"),
        ("[]", "line: .*object"),
    ],
)
def test_errors_name_file_line_and_field(tmp_path, line, fault):
    file = tmp_path / "scores.jsonl"
    file.write_text(f'{{"key": "a", "value": 1.0}}\n{line}\n')
    lines = jsonl.read(file, Score)
    assert next(lines).key == "a"
    with pytest.raises(RecordError, match=rf"scores\.jsonl:2: not a Score: {fault}"):
        next(lines)


def test_all_faults_of_a_line_are_listed():
    with pytest.raises(RecordError) as caught:
        jsonl.parse('{"key": 7, "points": 2}', Score, "here:1")
    assert all(field in str(caught.value) for field in ("key:", "points:", "value:"))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RecordError, match=r"nowhere\.jsonl.*give an existing JSONL file"):
        next(jsonl.read(tmp_path / "nowhere.jsonl", Score))


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    file = tmp_path / "scores.jsonl"
    jsonl.write(file, [Score(key="old", value=1.0)])

    def interrupted():
        yield Score(key="new", value=0.0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jsonl.write(file, interrupted())
    assert [score.key for score in jsonl.read(file, Score)] == ["old"]


def test_the_same_records_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        jsonl.write(tmp_path / name, [clip("a", tmp_path), clip("ä", tmp_path)])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
