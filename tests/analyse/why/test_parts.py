"""Attention, grids and maps worked by hand, side by side for two runs."""

import numpy as np
import pytest

from avere.analyse.why import Reasons, reason_lines
from avere.analyse.why import grids as worked
from avere.analyse.why.occlusion import CuePlace, Pointing, point_at
from avere.records import AttentionShares, MediaGrid, OcclusionMap, Provenance

MADE = Provenance(version="0")


def grid(clip, target, cells, right=0):
    """Make a grid of a yes/no question whose log-odds of "yes" are given, all log-probs of "no" zero."""
    return MediaGrid(
        question=clip,
        clip=clip,
        task="t",
        target=target,
        answer=0,
        right=right,
        log_probs={name: (value, 0.0) for name, value in cells.items()},
        made_by=MADE,
    )


def values(lines, place=0):
    return {line.name: line.cells[place].value for line in lines if line.cells[place]}


def test_shifts_effects_and_the_shortcut_index():
    """The answer rests on 4 of the sound asked about and 1 of the picture; in the other clip 2 of each."""
    one = grid("c1", "audio", {"av": 5.0, "swap-audio": 1.0, "swap-video": 4.0, "swap-both": 0.0})
    two = grid("c2", "audio", {"av": 4.0, "swap-audio": 2.0, "swap-video": 2.0, "swap-both": 0.0})
    found = values(reason_lines({"base": Reasons(swap=(one, two))}, "swap"))
    assert found["swap/audio/irrelevant"] == pytest.approx((1 + 2) / 2)
    assert found["swap/audio/relevant"] == pytest.approx((4 + 2) / 2)
    assert found["swap/audio/effect_audio"] == pytest.approx((4 + 2) / 2)
    assert found["swap/audio/shortcut"] == pytest.approx(100 * (1 + 2) / (5 + 4), abs=1e-3)


def test_shapley_values_share_out_what_the_media_give():
    """Words give 1, sound alone 2, picture alone 1, both 6: the sound earns (1 + 5) / 2."""
    one = grid("c1", "audiovisual", {"av": 6.0, "v": 1.0, "a": 2.0, "text": 1.0})
    found = worked.shapley_values(one)
    assert (found.audio, found.video, 2 * found.both) == (3.0, 2.0, 4.0)
    assert found.audio + found.video == 6.0 - 1.0
    lines = values(reason_lines({"base": Reasons(shapley=(one,))}, "shapley"))
    assert lines["shapley/audiovisual/both"] == 4.0
    assert lines["shapley/audiovisual/text"] == 1.0


def test_the_medium_that_decides_is_named():
    def decided(**cells):
        return worked.name_decisive(grid("c", "audio", {"av": 1.0, **cells}))

    assert decided(v=-1.0, a=1.0, text=-1.0) == "sound"
    assert decided(v=1.0, a=-1.0, text=-1.0) == "picture"
    assert decided(v=-1.0, a=-1.0, text=-1.0) == "either"
    assert decided(v=1.0, a=1.0, text=-1.0) == "both"
    assert decided(v=1.0, a=1.0, text=1.0) == "words"


def test_attention_is_a_mean_over_layers_and_heads_with_a_change():
    def shares(sound):
        heads = ((sound, 0.2, 0.8 - sound, 0.0), (0.0, 0.2, 0.8, 0.0))
        return AttentionShares(
            question="q",
            clip="c",
            task="t",
            target="audio",
            response="A",
            tokens={"audio": 4, "video": 4, "text": 8, "response": 2},
            shares=(heads,),
            made_by=MADE,
        )

    runs = {"base": Reasons(attention=(shares(0.2),)), "after": Reasons(attention=(shares(0.6),))}
    lines = {line.name: line for line in reason_lines(runs, "attention")}
    line = lines["attention/audio/audio"]
    assert [cell.value for cell in line.cells if cell] == [10.0, 30.0]
    assert line.changes[1] is not None
    assert (line.changes[1].difference, line.changes[1].reason) == (20.0, "only 1 clip")
    assert [cell.value for cell in lines["attention/audio/asked"].cells if cell] == pytest.approx(
        [100 / 3, 60.0], abs=1e-3
    )


def occlusion(picture=((0.0, 3.0), (1.0, 0.0)), sound=(0.0, 0.5, 2.0)):
    return OcclusionMap(
        question="q",
        clip="c",
        task="t",
        target="video",
        answer="Yes",
        right=True,
        log_odds=2.0,
        picture=picture,
        sound_times=sound,
        sound_seconds=3.0,
        made_by=MADE,
    )


def test_a_peak_hits_where_the_cue_is():
    cue = np.array([[0.0, 0.2], [0.0, 0.0]])
    hit = point_at(occlusion(), "smile", "video", CuePlace(picture=cue))
    assert hit is not None
    assert (hit.hit, hit.chance, hit.fall) == (True, 0.25, 3.0)
    miss = point_at(occlusion(), "sigh", "audio", CuePlace(sound=np.array([1.0, 0.5, 0.0])))
    assert miss is not None
    assert (miss.hit, miss.chance) == (False, 0.6667)
    assert point_at(occlusion(), "sigh", "audio", CuePlace()) is None


def test_pointing_is_told_beside_chance():
    made = [
        Pointing(question="q", clip="c", cue="smile", modality="video", hit=hit, chance=0.2, fall=1.0)
        for hit in (True, True, False, True)
    ]
    found = values(reason_lines({"base": Reasons(occlude=(occlusion(),), pointing=tuple(made))}, "occlude"))
    assert (found["peak/video"], found["peak/video/chance"]) == (75.0, 20.0)
    assert (found["occlude/video/picture"], found["occlude/video/sound"]) == (3.0, 2.0)
