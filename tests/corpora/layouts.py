"""Small corpora as they are on disk: names, folders and tables of the releases, media of EmoWorld.

Each function is called like its corpus, writes its layout below ``root`` with the media of ``donors``, and
returns what a reader must find. The last clip of each is listed and has no media.
"""

import csv
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from avere.records import Clip, jsonl


class Layout(NamedTuple):
    """A corpus on disk, and the truth about it."""

    root: Path
    emotions: dict[str, str | None]
    """By the id of the clip; None where the corpus gives none."""
    missing: frozenset[str] = frozenset()
    """Clips that are listed and have no media."""


def table(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> Path:
    """Write a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(header), *map(list, rows)])
    return path


def lines(path: Path, text: Iterable[str]) -> None:
    """Write lines of text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in text), encoding="utf-8")


def put(source: Path | None, target: Path) -> None:
    """Copy a file; FFmpeg goes by content, so that any suffix will do."""
    assert source is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def dfew(root: Path, donors: Sequence[Clip]) -> Layout:
    """Two single-labelled clips in fold 1, one that is in no fold, one without media."""
    names = ("1", "2", "1601", "16001")
    for name, part, donor in zip(names[:3], (1, 1, 2), donors, strict=False):
        put(donor.video, root / f"dfew_original_clips/part_{part}/{name}.mp4")
    home = root / "dfew_annotation"
    votes = ("1happy", "2sad", "3neutral", "4angry", "5surprise", "6disgust", "7fear")
    table(
        home / "annotation.csv",
        (*votes, "order", "label"),
        [
            (8, 0, 1, 0, 1, 0, 0, 1, 1),
            (0, 0, 0, 9, 0, 1, 0, 2, 4),
            (0, 3, 3, 0, 2, 0, 2, 1601, 0),
            (0, 0, 1, 0, 0, 0, 9, 16001, 7),
        ],
    )
    held = {1: ["00001,1", "16001,7"], 2: ["00002,4"]}
    rows = [row for each in held.values() for row in each]
    for fold in range(1, 6):
        for split in ("train", "test"):
            own = held.get(fold, [])
            chosen = own if split == "test" else [row for row in rows if row not in own]
            lines(home / f"{split}(single-labeled)/set_{fold}.csv", ["video_name,label", *chosen])
    return Layout(
        root,
        {"part_1/1": "happiness", "part_1/2": "anger", "part_2/1601": None, "part_11/16001": "fear"},
        frozenset({"part_11/16001"}),
    )


def ravdess(root: Path, donors: Sequence[Clip]) -> Layout:
    """A spoken and a silent clip, a calm song and a sound: names alone say what they are."""
    names = ("01-01-05-02-01-01-01", "02-01-03-01-02-02-02", "01-02-02-01-01-01-24")
    for name, donor in zip(names, donors, strict=False):
        put(donor.video, root / f"Actor_{name[-2:]}/{name}.mp4")
    sound = "03-01-08-01-01-01-02"
    put(donors[3].audio, root / f"Actor_02/{sound}.wav")
    return Layout(root, dict(zip((*names, sound), ("anger", "happiness", "calm", "surprise"), strict=True)))


def mafw(root: Path, donors: Sequence[Clip]) -> Layout:
    """Single and compound labels, a clip with a compound label alone, one without media."""
    from avere.corpora.mafw import LABELS

    for name, donor in zip(("00001", "00002", "00003"), donors, strict=False):
        put(donor.video, root / f"mafw_clips/{name}.mp4")
    home = root / "mafw_label/Labels"
    angry = [0.9, 0.8, *[0] * 9]
    afraid = [0, 0, 0.7, 0, 0, 0, 0.6, 0, 0, 0, 0]
    let_down = [*[0] * 10, 1]
    table(
        home / "annotation.csv",
        ("clip", "invalid", *LABELS),
        [
            ("00001.mp4", 0, *angry),
            ("00002.mp4", 0, *let_down),
            ("00003.mp4", 0, *afraid),
            ("00004.mp4", 0, *let_down),
        ],
    )
    single = [("00001.mp4", *angry, 1), ("00002.mp4", *let_down, 11), ("00004.mp4", *let_down, 11)]
    table(home / "single-set.csv", ("clip", *LABELS, "single_label"), single)
    multi = [("00001.mp4", *angry, "1,2"), ("00003.mp4", *afraid, "3,7")]
    table(home / "multi-set.csv", ("clip", *LABELS, "multi_label"), multi)
    lines(home / "descriptive_text.csv", ["00001.mp4,一个女生大声训斥,A girl shouts at someone."])
    for fold in range(1, 6):
        folder = root / f"mafw_label/Train & Test Set/single/no_caption/set_{fold}"
        lines(folder / "train.txt", ["00002.mp4 disappointment"])
        lines(folder / "test.txt", ["00001.mp4 anger", "00004.mp4 disappointment"])
    return Layout(
        root,
        {"00001": "anger", "00002": "disappointment", "00003": None, "00004": "disappointment"},
        frozenset({"00004"}),
    )


def mer2023(root: Path, donors: Sequence[Clip]) -> Layout:
    """A training clip and a third test set with worry and a clip without media."""
    home = root / "MER2023"
    table(home / "train-label.csv", ("name", "discrete", "valence"), [("sample_00000001", "sad", -2.5)])
    put(donors[0].video, home / "train/sample_00000001.avi")
    table(
        home / "test_labels/test3-label.csv",
        ("name", "discrete"),
        [("sample_00000101", "happy"), ("sample_00000102", "worried"), ("sample_00000103", "angry")],
    )
    for name, donor in zip(("101", "102"), donors[1:], strict=False):
        put(donor.video, home / f"test3/sample_00000{name}.avi")
    spoken = [("sample_00000101", "太好了", "How wonderful")]
    table(home / "transcription-engchi-polish.csv", ("name", "chinese", "english"), spoken)
    words = ("sadness", "happiness", "worry", "anger")
    names = ("sample_00000001", "sample_00000101", "sample_00000102", "sample_00000103")
    return Layout(root, dict(zip(names, words, strict=True)), frozenset({"sample_00000103"}))


def mer2025(root: Path, donors: Sequence[Clip]) -> Layout:
    """An emotion, an emotion with a description, and two descriptions, the last without media."""
    for name, donor in zip(("samplenew_1", "samplenew_2", "samplenew_3"), donors, strict=False):
        put(donor.video, root / f"video/{name}.mp4")
        put(donor.audio, root / f"audio/{name}.wav")
    table(
        root / "track1_train_disdim.csv",
        ("name", "discrete", "valence"),
        [("samplenew_1", "neutral", 0.1), ("samplenew_2", "surprise", 1.5)],
    )
    described = [("samplenew_2", "Her brows rise."), ("samplenew_3", "He sighs.")]
    table(root / "track3_train_mercaptionplus.csv", ("name", "reason"), described)
    judged = [("samplenew_3", "He sighs and looks down."), ("samplenew_4", "She laughs.")]
    table(root / "track3_train_ovmerd.csv", ("name", "reason"), judged)
    table(root / "subtitle_chieng.csv", ("name", "chinese", "english"), [("samplenew_1", "嗯", "Mm")])
    emotions = {"samplenew_1": "neutral", "samplenew_2": "surprise", "samplenew_3": None, "samplenew_4": None}
    return Layout(root, emotions, frozenset({"samplenew_4"}))


def crema_d(root: Path, donors: Sequence[Clip]) -> Layout:
    """Three clips with the ratings of people, a fourth that is listed alone."""
    names = ("1001_IEO_NEU_XX", "1001_IEO_ANG_HI", "1002_DFA_HAP_LO", "1002_DFA_SAD_XX")
    for name, donor in zip(names[:3], donors, strict=False):
        put(donor.video, root / f"VideoFlash/{name}.flv")
        put(donor.audio, root / f"AudioWAV/{name}.wav")
    listed = [(number, name) for number, name in enumerate(names, start=1)]
    table(root / "SentenceFilenames.csv", ("Stimulus_Number", "Filename"), listed)
    table(
        root / "processedResults/tabulatedVotes.csv",
        ("", *"ADFHNS", "fileName", "numResponses", "agreement", "emoVote"),
        [
            ("100002", 5, 5, 0, 0, 1, 1, names[1], 12, 0.4166, "A:D"),
            ("200002", 7, 2, 0, 0, 0, 0, names[1], 9, 0.7777, "A"),
            ("300002", 9, 1, 0, 0, 0, 0, names[1], 10, 0.9, "A"),
        ],
    )
    people = [("1001", 51, "Male", "Caucasian", "Not Hispanic"), ("1002", 21, "Female", "Asian", "Hispanic")]
    table(root / "VideoDemographics.csv", ("ActorID", "Age", "Sex", "Race", "Ethnicity"), people)
    words = ("neutral", "anger", "happiness", "sadness")
    return Layout(root, dict(zip(names, words, strict=True)), frozenset({names[3]}))


def ferv39k(root: Path, donors: Sequence[Clip]) -> Layout:
    """Scenes, emotions and numbers, a split over all scenes, a clip that is listed alone."""
    names = ("Action/Happy/0267", "Crime/Angry/0001", "Daily_Life/Fear/0013", "Daily_Life/Sad/0014")
    for name, donor in zip(names[:3], donors, strict=False):
        put(donor.video, root / f"0_7_LabelClips/{name}.mp4")
    for split, chosen in (("train", names[:2]), ("test", names[2:])):
        text = [f"{name} {name.split('/')[1]}" for name in chosen]
        lines(root / f"4_setups/All_scenes/{split}_All.csv", text)
    words = ("happiness", "anger", "fear", "sadness")
    return Layout(root, dict(zip(names, words, strict=True)), frozenset({names[3]}))


def folder(root: Path, donors: Sequence[Clip]) -> Layout:
    """Labels in any spelling, one of the corpus's own, one clip without media."""
    for name, donor in zip("abc", donors, strict=False):
        put(donor.video, root / f"clips/{name}.mp4")
    table(
        root / "labels.csv",
        ("path", "label", "transcript", "speaker", "split"),
        [
            ("clips/a.mp4", "Angry", "Go away!", "anna", "train"),
            ("clips/b.mp4", "serenity", "", "ben", "train"),
            ("clips/c.mp4", "joy", "", "cleo", "test"),
            ("clips/d.mp4", "", "", "dora", "test"),
        ],
    )
    words = ("anger", "serenity", "happiness", None)
    return Layout(
        root,
        dict(zip(("clips/a", "clips/b", "clips/c", "clips/d"), words, strict=True)),
        frozenset({"clips/d"}),
    )


def emoworld(root: Path, donors: Sequence[Clip]) -> Layout:
    """A world's own records, with the media of one taken away."""
    moved = []
    for donor in donors:
        put(donor.video, root / f"media/{donor.id}.mp4")
        put(donor.audio, root / f"media/{donor.id}.wav")
        moved.append(donor.moved(lambda path: root / "media" / path.name))
    jsonl.write(root / "clips.jsonl", moved)
    for path in (root / "media").glob(f"{donors[3].id}.*"):
        path.unlink()
    return Layout(root, {donor.id: donor.emotion for donor in donors}, frozenset({donors[3].id}))
