"""The verbs that look for shortcuts, and parts of an evaluation put together, as a person types them."""

import pytest

from avere.records import jsonl


def evaluated(command, data, out, *more):
    said = command("evaluate", "--model", "scripted:always-yes", "--data", data, "--out", out, *more)
    assert (said.code, said.err) == (0, "")
    return said.out


def test_an_audit_prints_and_writes_its_probes(data, tmp_path, command):
    from avere.analyse.audit import TextProbe

    said = command("analyse", "audit", data, "--out", tmp_path / "probes.jsonl")
    assert said.code == 0
    assert "longest option" in said.out
    probes = {one.probe: one for one in jsonl.read(tmp_path / "probes.jsonl", TextProbe)}
    assert (probes["longest"].right, probes["longest"].verdict) == (50.0, "open")
    assert probes["question words"].reason == "needs 10 clips to learn from"


def test_an_audit_of_a_benchmark_that_needs_settings_is_one_line(data, command):
    said = command("analyse", "audit", data, "--benchmark", "mafw")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "data of mafw: labels" in said.err


def test_blind_questions_are_marked(data, tmp_path, command):
    from avere.analyse.blind import Blind

    evaluated(command, data, tmp_path / "run", "--controls", "text")
    said = command("analyse", "blind", *[tmp_path / "run"] * 5, "--out", tmp_path / "b.jsonl")
    assert "modality_agreement: 1 of 2 blind-solvable; guessing would mark 0.1" in said.out
    assert "some runs are of the same model" in said.out
    assert [one.blind for one in jsonl.read(tmp_path / "b.jsonl", Blind)] == [True, False]
    assert command("analyse", "blind", tmp_path / "run").code == 2


def test_controls_and_what_was_left_out_are_printed(data, tmp_path, command):
    said = evaluated(command, data, tmp_path / "run", "--controls", "av,v,a,text,rotate,blur-captions")
    assert "Same option in every order" in said
    assert "blur-captions: not applicable: no clip has video; not run" in said


def test_parts(data, tmp_path, command):
    said = [evaluated(command, data, tmp_path / "parts", "--shard", f"{number}/2") for number in range(2)]
    assert "part 0/2 is done" in said[0]
    assert "when all are: avere score" in said[1].replace("\n", " ")
    evaluated(command, data, tmp_path / "whole")
    assert command("score", tmp_path / "parts").code == 0
    for name in ("scores.jsonl", "summary.json"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize(("option", "value"), [("--shard", "2/2"), ("--controls", "deaf")])
def test_mistakes_are_one_line(data, tmp_path, command, option, value):
    given = ("evaluate", "--model", "scripted:always-yes", "--data", data, "--out", tmp_path / "x")
    said = command(*given, option, value)
    assert (said.code, said.err.count("\n")) == (2, 1)
