"""Spans and the dense mask give the same attention; no time is asserted."""

import json

import attention

SMALL = ["--media", "40", "--answers", "3", "--heads", "4", "2", "--width", "8", "--times", "1"]


def test_both_ways_agree(tmp_path, capsys):
    out = tmp_path / "out.json"
    assert attention.main([*SMALL, "--json", str(out)]) == 0
    written = json.loads(out.read_text())
    assert set(written["ways"]) == {"dense", "tree"}
    assert all(each["distance"] < 1e-5 and each["ms"] > 0 for each in written["ways"].values())
    assert "apart" in capsys.readouterr().out


def test_answers_stand_behind_the_media_and_apart():
    assert attention.forest_of(2, 2)[0].tolist() == [122, 122, *[62] * 60, *[122] * 60]
