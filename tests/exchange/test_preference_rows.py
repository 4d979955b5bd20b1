"""Rows of other trainers become pairs, and every row that cannot is named."""

import json
import re

import numpy as np
import pytest

from avere import media
from avere.construct import checking
from avere.errors import AvereError
from avere.exchange import preference_rows
from avere.records import Clip, Corruption, PreferencePair, jsonl

ASKED = [{"role": "user", "content": "<video><audio>What shows it?"}]


def said(text):
    return [{"role": "assistant", "content": text}]


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a clip that has both media, a mute one and a sound."""
    frames = np.zeros((4, 32, 32, 3), dtype=np.uint8)
    wave = np.zeros(8000, dtype=np.float32)
    media.write_video(tmp_path / "both.mp4", frames, 8, wave=wave, rate=16_000)
    media.write_video(tmp_path / "mute.mp4", frames, 8)
    media.write_sound(tmp_path / "voice.wav", wave, 16_000)
    (tmp_path / "torn.mp4").write_bytes((tmp_path / "mute.mp4").read_bytes()[:100])
    return tmp_path


@pytest.fixture
def read(folder):
    def write_and_read(form, *rows, **options):
        file = folder / "rows.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return preference_rows.read(file, form, **options)

    return write_and_read


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "<video>\nWhat shows it?", "chosen": "a smile", "rejected": " a frown"},
        {"prompt": ASKED, "chosen": said("a smile"), "rejected": said("a frown")},
        {"chosen": ASKED + said("a smile"), "rejected": ASKED + said("a frown")},
        {
            "prompt": [
                {"role": "user", "content": [{"type": "video"}, {"type": "text", "text": "What shows it?"}]}
            ],
            "chosen": said("a smile"),
            "rejected": said([{"type": "text", "text": "a frown"}]),
        },
    ],
)
def test_trl_rows(read, folder, row):
    found = read("trl", {**row, "videos": ["mute.mp4"]})
    (pair,) = found.pairs
    (clip,) = found.clips
    assert (pair.prompt, pair.chosen, pair.hallucinated, pair.spurious) == (
        "What shows it?",
        "a smile",
        "a frown",
        None,
    )
    assert (pair.target, pair.clip, pair.corruption.audio, pair.corruption.video) == (
        "video",
        clip.id,
        None,
        None,
    )
    assert (clip.video, clip.audio) == (folder / "mute.mp4", None)
    assert found.faults == []


@pytest.mark.parametrize(
    "rejected", [{"rejected_response": "a frown"}, {"rejected_messages": ASKED + said("a frown")}]
)
def test_ms_swift_rows(read, rejected):
    row = {"messages": ASKED + said("a smile"), **rejected, "videos": ["mute.mp4"], "audios": ["voice.wav"]}
    found = read("ms-swift", row, {**row, "audios": [], "score": 3}, rejected="spurious")
    assert [pair.target for pair in found.pairs] == ["audiovisual", "video"]
    assert [(pair.prompt, pair.chosen, pair.spurious) for pair in found.pairs] == [
        ("What shows it?", "a smile", "a frown")
    ] * 2
    assert len(found.clips) == 2
    assert found.unused == {"score": 1}


def test_a_system_message_stands_before_the_prompt(read):
    messages = [{"role": "system", "content": "Be brief."}, *ASKED, *said("a smile")]
    row = {"messages": messages, "rejected_response": "a frown", "audios": "voice.wav"}
    assert read("ms-swift", row).pairs[0].prompt == "Be brief.\n\nWhat shows it?"


GOOD = {"prompt": "What?", "chosen": "a", "rejected": "b", "videos": ["mute.mp4"]}


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"videos": []}, "neither a video nor an audio"),
        ({"videos": ["none.mp4"]}, "none.mp4"),
        ({"videos": ["torn.mp4"]}, "torn.mp4"),
        ({"audios": ["mute.mp4"]}, "mute.mp4' has no audio"),
        ({"videos": ["mute.mp4", "both.mp4"]}, "2 files, one was expected"),
        ({"videos": ["https://example.org/a.mp4"]}, "a file on this machine was expected"),
        ({"images": ["a.png"]}, "pictures are not read"),
        ({"rejected": "a"}, "are the same"),
        ({"rejected": "  "}, "rejected: empty"),
        ({"rejected": None}, "rejected: a text or one message was expected"),
        ({"prompt": None}, "no prompt; only answers that are lists"),
        ({"prompt": ASKED * 2}, r"the roles are \['user', 'user'\]"),
        ({"chosen": ASKED}, "chosen: the last message is not the assistant's"),
    ],
)
def test_bad_rows_are_named_with_their_line(read, change, cause):
    found = read("trl", GOOD, {**GOOD, **change})
    assert [pair.id for pair in found.pairs] == ["rows-000001"]
    (fault,) = found.faults
    assert fault.line == 2

    assert re.search(cause, fault.cause)


SWAPPED = {"messages": ASKED + said("a"), "videos": ["mute.mp4"], "rejected_videos": ["both.mp4"]}


@pytest.mark.parametrize("same", [{}, {"rejected_messages": ASKED + said("a")}, {"rejected_response": None}])
def test_rejected_media_are_what_makes_the_answer_false(read, same):
    found = read("ms-swift", SWAPPED | same)
    (pair,) = found.pairs
    assert (pair.target, pair.spurious, pair.hallucinated) == ("video", None, None)
    other = next(clip for clip in found.clips if clip.id != pair.clip)
    assert pair.corruption.video == Corruption(kind="clip", clip=other.id)
    assert (other.video.name, other.audio) == ("both.mp4", None)
    assert found.faults == []


def test_rejected_media_join_the_rows_with_the_same_answer(read):
    answers = {**SWAPPED, "rejected_videos": ["mute.mp4"], "rejected_response": "b"}
    for rows in ([SWAPPED, answers], [answers, SWAPPED]):
        (pair,) = read("ms-swift", *rows).pairs
        assert (pair.chosen, pair.hallucinated) == ("a", "b")
        assert pair.corruption.video is not None
    both = read("ms-swift", {**answers, "rejected_videos": ["both.mp4"]}).pairs
    assert [(one.hallucinated, one.corruption.video is None) for one in both] == [("b", False)]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"rejected_videos": ["none.mp4"]}, "none.mp4"),
        ({"rejected_videos": ["mute.mp4"]}, "rejected_response: a text or one message was expected"),
        ({"rejected_messages": ASKED * 2 + said("a")}, "another conversation"),
        ({"rejected_videos": ["mute.mp4"], "rejected_response": "a"}, "are the same"),
    ],
)
def test_bad_rejected_media_are_named(read, change, cause):
    (fault,) = read("ms-swift", SWAPPED | change).faults
    assert cause in fault.cause


def test_lists_and_broken_lines(folder):
    (folder / "rows.json").write_text(json.dumps([GOOD, [1]]))
    found = preference_rows.read(folder / "rows.json", "trl")
    assert (len(found.pairs), found.faults) == (1, [(2, "not a JSON object")])
    (folder / "rows.jsonl").write_text(json.dumps(GOOD) + "\n\n{broken\n")
    assert preference_rows.read(folder / "rows.jsonl", "trl").faults == [(3, "not a JSON object")]
    (folder / "one.json").write_text("{}")
    with pytest.raises(AvereError, match="holds no list of rows"):
        preference_rows.read(folder / "one.json", "trl")


def test_imported_pairs_are_written_and_pass_the_check(folder, command):
    file = folder / "rows.jsonl"
    file.write_text(
        json.dumps(GOOD) + "\n" + json.dumps({**GOOD, "videos": ["both.mp4"], "audios": ["both.mp4"]})
    )
    told = command("data", "import", file, "--form", "trl", "--out", folder / "new")
    assert (told.code, "2 pairs about 2 clips" in told.out) == (0, True)
    pairs = list(jsonl.read(folder / "new" / "pairs.jsonl", PreferencePair))
    clips = list(jsonl.read(folder / "new" / "clips.jsonl", Clip))
    assert [pair.clip for pair in pairs] == [clip.id for clip in clips]
    assert clips[1].audio is not None
    assert clips[1].audio.samefile(folder / "both.mp4")
    assert command("data", "check", folder / "new" / "pairs.jsonl").code == 0


def test_bad_rows_stop_an_import_unless_they_are_skipped(folder, command):
    file = folder / "rows.jsonl"
    file.write_text(json.dumps(GOOD) + "\n" + json.dumps({**GOOD, "rejected": "a"}) + "\n")
    words = ("data", "import", file, "--form", "trl", "--out", folder / "new")
    said_ = command(*words)
    assert (said_.code, f"{file}:2: chosen and rejected answer are the same" in said_.out) == (2, True)
    assert "1 bad rows, named above" in said_.err
    assert not (folder / "new").exists()
    assert "1 rows left out" in command(*words, "--skip-bad").out
    assert command("data", "check", file, "--form", "trl").code == 2
    assert "did you mean 'trl'" in command("data", "check", file, "--form", "trll").err


def test_every_bad_row_of_our_own_files_is_named(folder):
    good = preference_rows.read(_rows(folder), "trl")
    lines = [jsonl.dump(pair, folder) for pair in good.pairs]
    row = json.loads(lines[0])
    swap = {"video": {"kind": "clip", "clip": "gone"}}
    bad = [
        {**row, "id": "b", "clip": "unknown"},
        row,
        {**row, "id": "c", "hallucinated": None},
        {**row, "id": "d", "hallucinated": row["chosen"]},
        {**row, "id": "e", "target": "audio"},
        {**row, "id": "f", "corruption": swap},
        {**row, "id": "g", "extra": 1},
    ]
    pairs, clips = folder / "pairs.jsonl", folder / "clips.jsonl"
    pairs.write_text("\n".join([*lines, *(json.dumps(each) for each in bad), "{}"]))
    jsonl.write(clips, good.clips)
    found = {(place.name, fault.line): fault.cause for place, fault in checking.check(pairs, clips).faults}
    assert found.pop(("pairs.jsonl", 9)).startswith("not a PreferencePair: id: Field required; clip: ")
    assert found == {
        ("pairs.jsonl", 2): "clip 'unknown' is not in the clips file",
        ("pairs.jsonl", 3): "another row has the id 'rows-000001' too",
        ("pairs.jsonl", 4): "no rejected answer; give spurious, hallucinated or both",
        ("pairs.jsonl", 5): "a rejected answer is the chosen one",
        ("pairs.jsonl", 6): f"clip '{row['clip']}' has no audio",
        ("pairs.jsonl", 7): "clip 'gone' is not in the clips file",
        ("pairs.jsonl", 8): "not a PreferencePair: extra: Extra inputs are not permitted",
    }
    (folder / "mute.mp4").unlink()
    causes = [fault.cause for _, fault in checking.check(pairs, clips).faults if fault.line == 1]
    assert len(causes) == 1
    assert "mute.mp4" in causes[0]
    with pytest.raises(AvereError, match="give an existing JSONL file"):
        checking.check(folder / "none.jsonl", clips)


def _rows(folder):
    file = folder / "rows.jsonl"
    file.write_text(json.dumps(GOOD) + "\n")
    return file
