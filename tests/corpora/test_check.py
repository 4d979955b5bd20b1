"""What a check finds: counts, broken media, and clips that are there twice."""

import pytest
from tests.corpora import layouts

from avere import corpora, media


def entries(name, root, **options):
    return [corpora.examine_clips(clip, **options) for clip in corpora.read(name, root)]


@pytest.fixture(scope="module")
def mafw(tmp_path_factory, donors, encoded):
    """MAFW that holds poor copies of the clips of DFEW, under other names."""
    root = tmp_path_factory.mktemp("mafw")
    layouts.mafw(root, donors)
    for number, donor in enumerate(donors[:2], start=1):
        encoded(donor.video, root / f"mafw_clips/0000{number}.mp4")
    return root


def test_what_is_there_is_counted(tmp_path, donors):
    layouts.dfew(tmp_path, donors)
    found = corpora.write_report("dfew", entries("dfew", tmp_path, fingerprints=False), {})
    assert found.clips == 4
    assert found.labels == {"happiness": 1, "anger": 1, "fear": 1}
    assert found.unlabelled == {"the votes name no single emotion": 1}
    assert [fault.clip for fault in found.missing] == ["part_11/16001"]
    assert (found.unreadable, found.overlaps, found.compared) == ((), (), 0)


def test_what_cannot_be_read_is_named_with_its_cause(tmp_path, donors):
    layouts.dfew(tmp_path, donors)
    home = tmp_path / "dfew_original_clips"
    (home / "part_1/1.mp4").write_text("version https://git-lfs.github.com/spec/v1\n")
    media.mute(donors[1].video, home / "part_1/2.mp4")
    media.write_sound(home / "part_2/1601.wav", media.sound(donors[2].audio, 16_000), 16_000)
    (home / "part_2/1601.wav").rename(home / "part_2/1601.mp4")
    found = corpora.write_report("dfew", entries("dfew", tmp_path), {})
    assert [fault.clip for fault in found.unreadable] == ["part_1/1", "part_2/1601"]
    assert "damaged, cut short or no media" in found.unreadable[0].cause
    assert "has no video stream" in found.unreadable[1].cause
    assert found.without_sound == ("part_1/2",)
    assert found.compared == 1


def test_damage_behind_the_first_frame_is_found_when_decoding(tmp_path, donors):
    layouts.folder(tmp_path, donors)
    file = tmp_path / "clips/a.mp4"
    data = bytearray(file.read_bytes())
    middle = data.index(b"mdat") + 2000
    data[middle : len(data) * 3 // 4] = bytes(len(data) * 3 // 4 - middle)
    file.write_bytes(data)
    entry = entries("folder", tmp_path)[0]
    assert [fault.clip for fault in entry.faults] == ["clips/a"]
    assert "cannot be decoded" in entry.faults[0].cause


def test_leakage_into_another_corpus_is_found_by_picture_and_sound(tmp_path, donors, mafw):
    layouts.dfew(tmp_path, donors)
    found = corpora.write_report("dfew", entries("dfew", tmp_path), {"mafw": entries("mafw", mafw)})
    pairs = {(one.kind, one.clip, one.corpus, one.other) for one in found.overlaps}
    same = {"part_1/1": "00001", "part_1/2": "00002", "part_2/1601": "00003"}
    assert pairs == {(kind, ours, "mafw", its) for kind in ("video", "audio") for ours, its in same.items()}
    assert corpora.find_copies(found.overlaps) == 3


def test_a_clip_in_two_splits_is_found(tmp_path, donors):
    layout = layouts.folder(tmp_path, donors)
    layouts.put(donors[0].video, layout.root / "clips/c.mp4")
    found = corpora.write_report("folder", entries("folder", layout.root), {})
    assert {(one.clip, one.split, one.other, one.other_split) for one in found.overlaps} == {
        ("clips/a", "train", "clips/c", "test")
    }
    assert {one.distance for one in found.overlaps} == {0.0}


def test_names_are_compared_unless_they_are_bare_numbers(tmp_path, donors):
    ravdess, own = tmp_path / "ravdess", tmp_path / "own"
    layouts.ravdess(ravdess, donors)
    for number, stem in enumerate(("01-01-05-02-01-01-01", "1")):
        layouts.put(donors[number].video, own / f"{stem}.mp4")
    rows = [("01-01-05-02-01-01-01.mp4", "anger"), ("1.mp4", "anger")]
    layouts.table(own / "labels.csv", ("path", "label"), rows)
    ours = entries("folder", own, fingerprints=False)
    found = corpora.write_report("folder", ours, {"ravdess": entries("ravdess", ravdess, fingerprints=False)})
    assert [(one.kind, one.other) for one in found.overlaps] == [("name", "01-01-05-02-01-01-01")]
    layouts.dfew(tmp_path / "dfew", donors)
    dfew = entries("dfew", tmp_path / "dfew", fingerprints=False)
    assert corpora.write_report("folder", ours, {"dfew": dfew}).overlaps == ()
    assert len(corpora.write_report("dfew", dfew, {"copy": dfew}).overlaps) == 4


def test_ids_that_are_borne_twice_are_told(tmp_path, donors):
    rows = [("a.mp4", "anger", "x"), ("b.mp4", "fear", "x")]
    layouts.table(tmp_path / "labels.csv", ("path", "label", "id"), rows)
    found = corpora.write_report("folder", entries("folder", tmp_path), {})
    assert found.repeated == ("x",)
    assert len(found.missing) == 2
