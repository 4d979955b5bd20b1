"""What is written for other programs is what was there, in their words, and comes back the same."""

import json

import numpy as np
import pytest

from avere import catalogue, media
from avere.benchmark import emorealm as benchmark
from avere.errors import AvereError, RecordError
from avere.exchange import formats, preference_rows
from avere.exchange.formats import _shelf
from avere.interfaces import FormatModule
from avere.preference.views import prompt_of
from avere.records import Clip, Corruption, Corruptions, PreferencePair, Provenance, Question, jsonl

MADE = Provenance(version="test")
RATE = 16_000


def question(name, task="reasoning_stress_audio", **changes):
    values = {
        "id": name,
        "clip": "part/one",
        "task": task,
        "text": "Does the “sob” show it?",
        "choices": ("Yes", "No"),
        "answer": 1,
        "target": "audio",
        "made_by": Provenance(version="0.1.0"),
    }
    return Question(**(values | changes))


def pair(name, target, corruption, **changes):
    values = {
        "id": name,
        "clip": "part/one",
        "target": target,
        "prompt": "Why?",
        "chosen": "a sob",
        "spurious": "rain",
        "hallucinated": "a scream",
        "corruption": corruption,
        "made_by": MADE,
    }
    return PreferencePair(**(values | changes))


SWAP = Corruption(kind="clip", clip="two")
NOISE = Corruption(kind="noise", level=0.5, seed=3)
QUESTIONS = [
    question("part/one/stress audio/0"),
    question(
        "é%2F",
        "reasoning_basic_video",
        choices=("a smile", "tears", "a frown", "A"),
        answer=3,
        target="video",
    ),
    question("agree", "modality_agreement", target="audiovisual", clip="two", answer=0),
]
PAIRS = [
    pair("one/audio", "audio", Corruptions(audio=SWAP, video=SWAP)),
    pair("one/video", "video", Corruptions(reason="nothing at hand")),
    pair("one/both", "audiovisual", Corruptions(audio=NOISE, video=NOISE)),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a folder of three clips: plain files, one file with both media, and no sound at all."""
    folder, random = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    shots = random.integers(0, 255, (6, 32, 32, 3), np.uint8)
    wave = (0.1 * random.standard_normal(8000)).astype(np.float32)
    media.write_video(folder / "one.mp4", shots, 12)
    media.write_sound(folder / "one.wav", wave, RATE)
    media.write_video(folder / "two.mkv", shots[::-1], 12, wave=wave[::-1].copy(), rate=RATE)
    files = {
        "part/one": {"video": folder / "one.mp4", "audio": folder / "one.wav"},
        "two": {"video": folder / "two.mkv", "audio": folder / "two.mkv"},
        "mute": {"video": folder / "one.mp4"},
    }
    jsonl.write(folder / "clips.jsonl", [Clip(id=name, source="t", **each) for name, each in files.items()])
    jsonl.write(folder / "questions.jsonl", QUESTIONS)
    jsonl.write(folder / "pairs.jsonl", PAIRS)
    return folder


@pytest.fixture
def write(data, tmp_path):
    def written(name, way=None, questions=None, pairs=None):
        source = data
        if questions is not None or pairs is not None:
            source = tmp_path / "source"
            jsonl.write(source / "clips.jsonl", jsonl.read(data / "clips.jsonl", Clip))
            jsonl.write(source / "questions.jsonl", questions or [])
            jsonl.write(source / "pairs.jsonl", pairs or [])
        form = catalogue.find("avere.exchange.formats", name, FormatModule)
        options = formats.FormatOptions(media=formats.choose_way(way, form.MEDIA))
        return form.write(formats.open_folder(source), tmp_path / "out", options)

    return written


def test_every_form_keeps_the_contract():
    names = catalogue.names("avere.exchange.formats")
    assert set(names) == {"datasets", "emorealm", "ms_swift", "published"}
    for name in names:
        form = catalogue.find("avere.exchange.formats", name, FormatModule)
        assert form.MEDIA
        assert callable(form.write)


@pytest.mark.parametrize(("name", "given"), [("emorealm", "questions"), ("published", "pairs")])
def test_two_records_of_one_id_are_refused(name, given, write):
    """Rendered media are named by ids: those of the second would take the place of the first's."""
    twice = {"questions": [QUESTIONS[0]] * 2, "pairs": [pair("p", "audiovisual", Corruptions())] * 2}[given]
    with pytest.raises(RecordError, match=rf"{given}\.jsonl: lines 1 and 2 both hold the"):
        write(name, **{given: twice})


def test_questions_come_back_from_the_published_file(write):
    written = write("emorealm")
    assert (written.rows, dict(written.left_out)) == (3, {})
    assert list(benchmark.questions(written.file)) == QUESTIONS


def test_the_published_evaluator_finds_rows_and_media(write, tmp_path):
    first, second, third = json.loads(write("emorealm").file.read_text(encoding="utf-8"))
    assert first == {
        "id": "part%2Fone%2Fstress%20audio%2F0",
        "video": "part/one.mp4",
        "task": "reasoning_stress_audio",
        "question": "Does the “sob” show it?",
        "choices": ["(A) Yes", "(B) No"],
        "answer": "B",
    }
    assert second["answer"] == "D"
    root = tmp_path / "out" / "dfew"
    for row in (first, third):
        video = root / "dfew_original_clips_24fps" / row["video"]
        sound = (root / "dfew_original_clips_16khz" / row["video"]).with_suffix(".wav")
        assert media.probe(video).frame_count == 6
        assert (media.probe(sound).rate, media.probe(sound).channels) == (RATE, 1)


def test_what_the_published_evaluator_cannot_hold_is_told(write):
    bad = [
        question("open", choices=(), answer=None, references=("a sob",)),
        question("free", "description_audio"),
        question("maybe", choices=("Yes", "Maybe")),
        question("unknown", answer=None),
        question("mute", clip="mute"),
        question("gone", clip="gone"),
    ]
    written = write("emorealm", questions=[*bad, QUESTIONS[0]])
    assert written.rows == 1
    assert dict(written.left_out) == {
        "an open question, which the published file cannot hold": ["open"],
        "task 'description_audio', which the published evaluator does not know": ["free"],
        "options other than yes and no in reasoning_stress_audio": ["maybe"],
        "a question without a known answer": ["unknown"],
        "a clip without audio": ["mute"],
        "clip 'gone', which clips.jsonl lacks": ["gone"],
    }


def test_links_point_to_media_and_none_leaves_them_alone(write, data, tmp_path):
    write("emorealm", "none")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["EmoReAlM"]
    write("emorealm", "link")
    link = tmp_path / "out/dfew/dfew_original_clips_24fps/part/one.mp4"
    assert link.is_symlink()
    assert link.samefile(data / "one.mp4")
    write("emorealm", "copy")
    assert not link.is_symlink()
    assert link.read_bytes() == (data / "one.mp4").read_bytes()


def test_rows_of_the_published_trainer(write, tmp_path):
    rows = {row["id"]: row for row in json.loads(write("published").file.read_text(encoding="utf-8"))}
    first = rows["one/audio"]
    assert first["prompt"] == "<video>\n<audio>\nWhy?"
    assert [first[name] for name in ("chosen", "rejected", "rejected_2")] == ["a sob", "rain", "a scream"]
    assert (first["video"], first["video_l"]) == ("videos/part/one.mp4",) * 2
    assert (first["audio"], first["audio_l"]) == ("audios/part/one.wav", "audios/two.wav")
    assert rows["one/video"]["video_l"] == rows["one/video"]["video"]
    both = rows["one/both"]
    assert (both["video_l"], both["audio_l"]) == ("corrupted/one/both.mp4", "corrupted/one/both.wav")
    assert all(
        (tmp_path / "out" / row[name]).is_file() for row in rows.values() for name in row if "_l" in name
    )


def heard(asked):
    """Decode media as a model gets them: eight frames and the sound."""
    frames = media.frames(asked.video.path, 8, corruption=asked.video.corruption)
    return asked.text, frames, media.sound(asked.audio.path, corruption=asked.audio.corruption)


def test_training_from_what_was_exported_and_imported_is_the_same(write, data):
    found = preference_rows.read(write("published").file, "published")
    assert (found.faults, found.unused) == ([], {})
    ours, theirs = (
        {clip.id: clip for clip in clips} for clips in (formats.open_folder(data).clips.values(), found.clips)
    )
    for before, after in zip(PAIRS, found.pairs, strict=True):
        same = ("id", "target", "prompt", "chosen", "spurious", "hallucinated")
        assert [getattr(before, name) for name in same] == [getattr(after, name) for name in same]
        for view in ("real", "relevant"):
            text, frames, wave = heard(prompt_of(before, view, ours))
            again, seen, sound = heard(prompt_of(after, view, theirs))
            assert text == again
            # Rendered pictures go through an encoder, which coloured noise suffers from; the rest is exact.
            rendered = before.id == "one/both" and view == "relevant"
            assert np.abs(seen.astype(int) - frames).mean() <= (30 if rendered else 0)
            np.testing.assert_allclose(sound, wave, atol=1e-4)


def test_rows_of_the_published_trainer_without_our_own_columns(write):
    file = write("published").file
    rows = json.loads(file.read_text(encoding="utf-8"))
    for row in rows:
        del row["id"], row["target"]
    bad = [
        {**rows[0], "rejected_2": None},
        {**rows[0], "rejected_2": "a sob"},
        {**rows[0], "target": "smell"},
    ]
    file.write_text(json.dumps([*rows, *bad]), encoding="utf-8")
    found = preference_rows.read(file, "published")
    # A row that corrupts nothing could be about anything: both media, and the reason is said.
    assert [(pair.target, bool(pair.corruption.reason)) for pair in found.pairs] == [
        ("audio", False),
        ("audiovisual", True),
        ("audiovisual", False),
    ]
    assert [fault.cause for fault in found.faults] == [
        "rejected_2: a text or one message was expected",
        "chosen and rejected answer are the same",
        "target: 'smell' is none of audio, video, audiovisual",
    ]


def test_pairs_that_the_published_trainer_cannot_read_are_told(write):
    bad = [
        pair("single", "audio", Corruptions(), spurious=None),
        pair("mute", "video", Corruptions(), clip="mute"),
    ]
    written = write("published", pairs=bad)
    assert json.loads(written.file.read_text()) == []
    assert dict(written.left_out) == {
        "a pair with one rejected answer; that trainer needs two": ["single"],
        "a clip without audio": ["mute"],
    }


@pytest.mark.parametrize("name", ["../up", "/root", "a//b", "a\\b", "", "c:d", "."])
def test_ids_never_lead_out_of_the_folder(name):
    with pytest.raises(RecordError, match="can be no file name"):
        _shelf.file_name(name, ".mp4")


def test_unknown_ways_are_refused():
    with pytest.raises(AvereError, match="give one of copy, link"):
        formats.choose_way("embed", ("copy", "link"))


@pytest.fixture
def load():
    """Return a function that reads parquet as other people do, without decoding what is inside."""
    pytest.importorskip("pyarrow")
    datasets = pytest.importorskip("datasets")

    def rows(file, cache):
        found = datasets.load_dataset("parquet", data_files=str(file), split="train", cache_dir=str(cache))
        kinds = {name: type(kind).__name__ for name, kind in found.features.items()}
        for name, kind in kinds.items():
            if kind in ("Video", "Audio"):
                found = found.cast_column(name, getattr(datasets, kind)(decode=False))
        return kinds, list(found)

    return rows


def test_data_sets_hold_their_media(write, load, data, tmp_path):
    written = write("datasets")
    kinds, (first, second, third) = load(written.file, tmp_path / "cache")
    assert (written.rows, list(kinds)) == (3, [*first])
    assert kinds["video_rejected"] == "Video"
    assert kinds["audio"] == "Audio"
    assert first["audio"] == {"bytes": (data / "one.wav").read_bytes(), "path": "part/one.wav"}
    assert first["video"]["bytes"] == (data / "one.mp4").read_bytes()
    assert (first["prompt"], first["rejected_spurious"], first["target"]) == ("Why?", "rain", "audio")
    assert first["video_rejected"]["path"] == "two.mp4"
    assert second["video_rejected"] is None
    made = tmp_path / "made.wav"
    made.write_bytes(third["audio_rejected"]["bytes"])
    assert media.sound(made).size == 8000


def test_data_sets_may_name_their_media(write, load, data, tmp_path):
    bad = pair("gone", "audio", Corruptions(audio=Corruption(kind="clip", clip="gone")))
    single = pair("single", "video", Corruptions(), spurious=None, clip="mute")
    written = write("datasets", "copy", pairs=[single, bad, PAIRS[0]])
    kinds, rows = load(written.file, tmp_path / "cache")
    assert (written.rows, dict(written.left_out)) == (2, {"clip 'gone', which clips.jsonl lacks": ["gone"]})
    assert set(kinds.values()) == {"Value"}
    assert (rows[0]["rejected_spurious"], rows[0]["audio"]) == (None, None)
    assert (tmp_path / "out" / rows[1]["audio_rejected"]).read_bytes()


def test_the_same_records_give_the_same_bytes(write, monkeypatch):
    from avere.exchange.formats import datasets

    pytest.importorskip("pyarrow")
    first = write("datasets").file.read_bytes()
    assert write("datasets").file.read_bytes() == first
    monkeypatch.setattr(datasets, "TOGETHER", 1)
    monkeypatch.setattr(datasets, "LARGE", 1)
    folder = write("datasets").file.parent
    assert sorted(path.name for path in folder.iterdir()) == [f"train-0000{n}.parquet" for n in range(3)]
    monkeypatch.undo()
    assert write("datasets").file.read_bytes() == first
    assert len(list(folder.iterdir())) == 1


def test_a_data_set_without_rows_is_refused(write, tmp_path):
    pytest.importorskip("pyarrow")
    with pytest.raises(AvereError, match="no pair can be written: 1 because of clip 'gone'"):
        write("datasets", pairs=[pair("p", "audio", Corruptions(), clip="gone")])
    assert list((tmp_path / "out").iterdir()) == []
