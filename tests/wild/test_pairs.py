"""Pairs as people hand them in: every fault that training would die of is found before, and counted."""

import logging

import numpy as np
import pytest

from avere import media
from avere.construct.checking import check, count_identical
from avere.errors import AvereError, RecordError
from avere.preference.data import check_records, count_records, read_records
from avere.preference.recipe import Data, RunOptions
from avere.preference.views import View, Views
from avere.records import Clip, Corruption, Corruptions, GroupReward, PreferencePair, Provenance, jsonl

VIEWS = Views(
    policy=frozenset({View("real", "chosen"), View("real", "hallucinated")}),
    detached=frozenset(),
    reference=frozenset(),
)


@pytest.fixture
def home(tmp_path):
    """Return a folder with clips: one of both media, one without sound, one torn."""
    frames = np.random.default_rng(0).integers(0, 255, (8, 32, 32, 3), dtype=np.uint8)
    wave = np.zeros(16_000, dtype=np.float32)
    media.write_video(tmp_path / "both.mp4", frames, 8, wave=wave, rate=16_000)
    media.write_video(tmp_path / "mute.mp4", frames, 8)
    whole = (tmp_path / "both.mp4").read_bytes()
    at = whole.index(b"mdat") + 200
    (tmp_path / "torn.mp4").write_bytes(whole[:at] + bytes(len(whole[at:-4000])) + whole[-4000:])
    clips = [
        Clip(id=name, video=tmp_path / f"{name}.mp4", audio=tmp_path / f"{name}.mp4", source="t")
        for name in ("both", "mute", "torn")
    ]
    jsonl.write(tmp_path / "clips.jsonl", clips)
    return tmp_path


def pair(number=0, **changed):
    told = {
        **{"id": f"p{number}", "clip": "both", "target": "audiovisual", "prompt": "What shows it?"},
        **{"chosen": "a smile", "hallucinated": "a sob", "made_by": Provenance(version="0")},
    }
    return PreferencePair(**{**told, **changed})


def noise(level):
    return Corruptions(video=Corruption(kind="noise", level=level))


FAULTS = {
    "level 2": ({"corruption": noise(2.0)}, "corruption.video: a noise level of 2.0"),
    "level -5": ({"corruption": noise(-5.0)}, "corruption.video: a noise level of -5.0"),
    "a kind without its clip": (
        {"corruption": Corruptions(audio=Corruption(kind="clip"))},
        "corruption.audio: kind 'clip' names no clip",
    ),
    "a kind of the other medium": (
        {"corruption": Corruptions(audio=Corruption(kind="blur-captions"))},
        "corruption.audio: ",
    ),
    "a placeholder": ({"prompt": "<|VIDEO|> What shows it?"}, "prompt holds <|VIDEO|>"),
    "an end of a turn": ({"chosen": "a smile<|im_end|>"}, "chosen holds <|im_end|>"),
    "blanks": ({"hallucinated": "a \u00a0smile\n"}, "a rejected answer is the chosen one but for blanks"),
    "an empty reject": ({"hallucinated": " "}, "hallucinated is empty"),
    "an empty prompt": ({"prompt": "\u200b"}, "prompt is empty"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_faults_of_words_and_corruptions_are_found_by_check_and_by_train(kind, home):
    changed, told = FAULTS[kind]
    jsonl.write(home / "pairs.jsonl", [pair(), pair(1, **changed)])
    ((place, fault),) = check(home / "pairs.jsonl", home / "clips.jsonl").faults
    assert (place.name, fault.line) == ("pairs.jsonl", 2)
    assert fault.cause.startswith(told)
    records = read_records(Data(pairs=home / "pairs.jsonl", clips=home / "clips.jsonl"))
    with pytest.raises(AvereError, match=r"1 of 2 records: .*, first 'p1'"):
        check_records(records, VIEWS, RunOptions())


def test_media_are_decoded_not_only_opened_and_each_once(home):
    pairs = [pair(n, clip=clip) for n, clip in enumerate(["both", "mute", "torn", "torn", "gone"])]
    jsonl.write(home / "pairs.jsonl", pairs)
    seen = []

    def progress(tracks):
        seen.extend(tracks)
        return tracks

    found = check(home / "pairs.jsonl", home / "clips.jsonl", progress)
    causes = {fault.line: fault.cause for _, fault in found.faults}
    assert set(causes) == {2, 3, 4, 5}
    assert "no audio" in causes[2]
    assert "torn.mp4" in causes[3]
    assert causes[3] == causes[4]
    assert causes[5] == "clip 'gone' is not in the clips file"
    assert len(seen) == len(set(seen)) == 6


def test_answers_of_a_group_may_be_alike():
    group = GroupReward(reward=1.0, mean=0.5, std=0.5, log_prob=-2.0)
    drawn = [pair(n).model_copy(update={"group": group}) for n in range(3)]
    assert (count_identical(drawn), count_identical([pair(n) for n in range(3)])) == (0, 2)


def test_identical_rows_and_repeated_ids_are_counted_in_one_line(home, command, caplog):
    jsonl.write(home / "pairs.jsonl", [pair(n) for n in range(3000)])
    said = command("data", "check", home / "pairs.jsonl")
    assert said.code == 0
    assert "2,999 of 3,000 rows say what an earlier row says" in said.out
    assert said.out.count("\n") == 2
    records = read_records(Data(pairs=home / "pairs.jsonl", clips=home / "clips.jsonl"))
    with caplog.at_level(logging.WARNING):
        count_records(records, VIEWS, {})
    assert "2999 of 3000 records say what an earlier one says" in caplog.text
    jsonl.write(home / "pairs.jsonl", [pair(0) for n in range(3000)])
    said = command("data", "check", home / "pairs.jsonl")
    assert said.code == 2
    assert (
        "pairs.jsonl:2: another row has the id 'p0' too, and so have 2,998 more, the last in line 3000"
        in said.out
    )
    assert said.out.count("\n") == 2


def test_training_refuses_two_records_of_one_id_held_out_ones_too(home):
    """Values are kept by ids, so that the mean over one of four records was said to be over four."""
    jsonl.write(home / "pairs.jsonl", [pair(n) for n in range(2)])
    jsonl.write(home / "held.jsonl", [pair(9) for _ in range(4)])
    data = Data(pairs=home / "pairs.jsonl", clips=home / "clips.jsonl", held_out=home / "held.jsonl")
    with pytest.raises(RecordError, match=r"held\.jsonl: lines 1 and 2 both hold the PreferencePair 'p9'"):
        read_records(data)


def test_answers_of_ten_thousand_words_are_refused_in_one_line(home, command):
    line = jsonl.dump(pair(), home).replace("a smile", "word " * 10_000)
    (home / "pairs.jsonl").write_text(line + "\n")
    said = command("data", "check", home / "pairs.jsonl")
    assert said.code == 2
    assert (
        "pairs.jsonl:1: not a PreferencePair: chosen: String should have at most 20000 characters" in said.out
    )
