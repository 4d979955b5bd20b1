"""Pairs as DPO rows of ms-swift with media on both sides, and back."""

import json
from pathlib import Path
from typing import Any

import pytest

from avere.exchange import formats, preference_rows
from avere.exchange.formats import ms_swift
from avere.records import Clip, Corruption, Corruptions, PreferencePair, Provenance, jsonl


@pytest.fixture
def write(donors: list[Clip], tmp_path: Path) -> Any:
    def written(*pairs: PreferencePair) -> formats.Written:
        jsonl.write(tmp_path / "data" / "clips.jsonl", donors[:2])
        jsonl.write(tmp_path / "data" / "pairs.jsonl", pairs)
        options = formats.FormatOptions(media="link")
        return ms_swift.write(formats.open_folder(tmp_path / "data"), tmp_path / "out", options)

    return written


@pytest.fixture
def pair(donors: list[Clip]) -> Any:
    """Return the maker of pairs about the first clip, whose media the second one replaces."""

    def make(name: str, target: Any, *, swapped: bool = True, **changes: Any) -> PreferencePair:
        swap = Corruption(kind="clip", clip=donors[1].id) if swapped else None
        given = {
            **{"id": name, "clip": donors[0].id, "target": target, "prompt": f"Why, {name}?"},
            **{"chosen": "a sob", "spurious": "rain", "hallucinated": "a scream"},
            "corruption": Corruptions(audio=swap, video=swap),
            "made_by": Provenance(version="test"),
        }
        return PreferencePair(**(given | changes))

    return make


def test_rows_have_media_on_both_sides_and_come_back(write: Any, pair: Any) -> None:
    written = write(
        pair("audio", "audio"),
        pair("both", "audiovisual", spurious=None),
        pair("bare", "video", swapped=False),
    )
    # Two rejected answers, one, and two; a row of replaced media for the first two pairs.
    assert (written.rows, dict(written.left_out)) == (3 + 2 + 2, {})
    rows = [json.loads(line) for line in written.file.read_text(encoding="utf-8").splitlines()]
    assert len({frozenset(row) for row in rows}) == 1
    first, third, fifth = rows[0], rows[2], rows[4]
    assert first["messages"][0]["content"] == "<video><audio>Why, audio?"
    assert first["rejected_messages"][1]["content"] == "rain"
    assert (first["rejected_videos"], first["rejected_audios"]) == (first["videos"], first["audios"])
    assert third["rejected_messages"] == third["messages"]
    assert third["rejected_videos"] == third["videos"]  # the prompt is about the sound alone
    assert third["rejected_audios"] != third["audios"]
    assert fifth["rejected_videos"] != fifth["videos"]
    found = preference_rows.read(written.file, "ms-swift")
    assert found.faults == []
    assert [(one.prompt, one.target, one.hallucinated) for one in found.pairs] == [
        ("Why, audio?", "audio", "rain"),
        ("Why, audio?", "audio", "a scream"),
        ("Why, both?", "audiovisual", "a scream"),
        ("Why, bare?", "audiovisual", "rain"),
        ("Why, bare?", "audiovisual", "a scream"),
    ]
    replaced = [(one.corruption.video is not None, one.corruption.audio is not None) for one in found.pairs]
    assert replaced == [(False, True)] * 2 + [(True, True)] + [(False, False)] * 2


def test_a_pair_that_rejects_nothing_is_no_row(write: Any, pair: Any) -> None:
    bare = pair("bare", "audio", swapped=False, spurious=None, hallucinated=None)
    written = write(bare, pair("one", "audio", swapped=False, spurious=None))
    assert written.rows == 1
    assert list(written.left_out.values()) == [["bare"]]
