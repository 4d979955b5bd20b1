"""Small benchmarks as they are on disk, with media of EmoWorld: a folder and what a recipe says of it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.corpora import layouts as corpora
from tests.corpora.layouts import put, table

from avere.records import Clip


class Layout(NamedTuple):
    """A benchmark on disk."""

    folder: Path
    data: dict[str, Any]
    questions: int


def avhbench(root: Path, donors: Sequence[Clip]) -> Layout:
    """Two videos with sound, the second with its sound swapped; a copy for one medium, and a caption."""
    for name, donor in zip(("00191", "00191_swap"), donors, strict=False):
        put(donor.video, root / f"videos/{name}.mp4")
    rows = [
        ("00191", "Video-driven Audio Hallucination", "Is the man making sound in the audio?", "Yes"),
        ("00191", "Video-driven Audio Hallucination", "Is the couch making sound in the audio?", "No"),
        ("00191", "Audio-driven Video Hallucination", "Is the man visible in the video?", "Yes"),
        ("00191", "Audio-driven Video Hallucination", "Is the dog visible in the video?", "No"),
        ("00191", "AV Matching", "Are the contexts of audio and visual content matching?", "Yes"),
        ("00191_swap", "AV Matching", "Are the contexts of audio and visual content matching?", "No"),
        ("00191", "AV Captioning", "Describe what you see and hear.", "A man lies in bed."),
        ("00191", "Audio_only", "Is the man making sound in the audio?", "Yes"),
    ]
    names = ("video_id", "task", "text", "label")
    text = json.dumps([dict(zip(names, row, strict=True)) for row in rows])
    (root / "QA.json").write_text(text, encoding="utf-8")
    return Layout(root, {}, 8)


def cmm(root: Path, donors: Sequence[Clip]) -> Layout:
    """A video with its sound beside it, a video alone, a sound alone; each with two probes."""
    put(donors[0].video, root / "reorg_raw_files/a.mp4")
    put(donors[0].audio, root / "reorg_raw_files/a.wav")
    put(donors[1].video, root / "reorg_raw_files/b.mp4")
    put(donors[2].audio, root / "reorg_raw_files/c.wav")
    samples = (
        ("overrely_visual_ignore_audio", "event-level", "a.mp4", "a.wav"),
        ("visual-language", "object-level", "b.mp4", None),
        ("audio-language", "object-level", None, "c.wav"),
    )
    rows = [
        {
            "category": "over-reliance_unimodal_priors",
            "sub_category": sub,
            "granularity": granularity,
            "modality": "visual+audio",
            "video_path": video and f"./reorg_raw_files/{video}",
            "audio_path": audio and f"./reorg_raw_files/{audio}",
            "question": f"Is there a {'person' if answer == 'yes' else 'parrot'}?",
            "answer": answer,
        }
        for sub, granularity, video, audio in samples
        for answer in ("yes", "no")
    ]
    (root / "all_data_final_reorg.json").write_text(json.dumps(rows), encoding="utf-8")
    return Layout(root, {}, 6)


WHEELS = """
forms: {happier: happy, saddened: sad}
synonyms: {glad: happy}
wheels:
  - happy: {joyful: [ecstatic], content: [calm]}
    sad: {lonely: [isolated]}
  - positive: {happy: [joyful, ecstatic]}
    negative: {sad: [lonely], angry: [furious]}
"""


def ov_merd(root: Path, donors: Sequence[Clip]) -> Layout:
    """MER2025 with lists of words for its two described clips, and small wheels of our own."""
    corpora.mer2025(root, donors)
    rows = [("samplenew_3", "['sad', 'lonely']"), ("samplenew_4", "[happy, purple]")]
    table(root / "track2_train_ovmerd.csv", ("name", "openset"), rows)
    (root / "wheels.yaml").write_text(WHEELS, encoding="utf-8")
    return Layout(root, {"wheels": root / "wheels.yaml"}, 2)


def emer(root: Path, donors: Sequence[Clip]) -> Layout:
    """MER2025 with its two described clips."""
    corpora.mer2025(root, donors)
    return Layout(root, {}, 2)


def emorealm(root: Path, donors: Sequence[Clip]) -> Layout:
    """A few questions of each task."""
    source = Path(__file__).parents[1] / "conformance/benchmarks/emorealm.jsonl"
    put(source, root / "questions.jsonl")
    from avere.records import jsonl

    jsonl.write(root / "clips.jsonl", [donors[n].model_copy(update={"id": f"c{n + 1}"}) for n in (0, 1)])
    return Layout(root, {}, 4)


def folder(root: Path, donors: Sequence[Clip]) -> Layout:
    """A table of one's own: three clips with a label, one of them the words of nobody else, one without."""
    return Layout(corpora.folder(root, donors).root, {}, 3)


def dfew(root: Path, donors: Sequence[Clip]) -> Layout:
    """The test parts of all folds: two clips in the first, one in the second."""
    return Layout(corpora.dfew(root, donors).root, {"fold": "all"}, 3)


def ravdess(root: Path, donors: Sequence[Clip]) -> Layout:
    """One full spoken recording beside a silent one, a song and a sound."""
    return Layout(corpora.ravdess(root, donors).root, {"calm": True}, 1)


def mer2023(root: Path, donors: Sequence[Clip]) -> Layout:
    """The third test set without its worried clip."""
    return Layout(corpora.mer2023(root, donors).root, {"classes": 5}, 2)


def mafw(root: Path, donors: Sequence[Clip]) -> Layout:
    """Three clips with single labels."""
    return Layout(corpora.mafw(root, donors).root, {"labels": "single"}, 3)


def crema_d(root: Path, donors: Sequence[Clip]) -> Layout:
    """Four clips, one of them rated."""
    return Layout(corpora.crema_d(root, donors).root, {}, 4)
