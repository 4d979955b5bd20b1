"""What a run is: written whole, read back, and compared in words."""

import pytest

from avere.errors import AvereError, RecordError
from avere.records import ModelInfo, RunInfo, runs


def one(**changes):
    model = ModelInfo(name="m", fingerprint="abcdefghij", role="judge")
    given = {"verb": "judge", "recipe": {"a": {"b": (1, 2)}}, "models": (model,), "data": {"answers": "1"}}
    return RunInfo(**{**given, **changes})


def test_what_is_written_is_read(tmp_path):
    assert runs.read_info(tmp_path) is None
    info = one(recipe={"a": {"b": [1, 2]}})
    runs.write_info(tmp_path, info)
    assert runs.read_info(tmp_path) == runs.read_info(tmp_path / "run.json") == info
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]


def test_only_a_run_that_is_whole_has_an_end(tmp_path):
    info = one(recipe={})
    with pytest.raises(ZeroDivisionError), runs.recorded(tmp_path, info):
        assert 1 / 0
    stopped = runs.read_info(tmp_path) or info
    assert (stopped.begun, stopped.ended) == (info.begun, None)
    later = one(recipe={}, begun="2999-01-01T00:00:00+00:00", version="9")
    with runs.recorded(tmp_path, later):
        pass
    whole = runs.read_info(tmp_path) or later
    assert (whole.begun, whole.version) == (info.begun, info.version)
    assert whole.ended is not None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"recipe": {"a": {"b": (1, 3)}}}, ["recipe a.b is (1, 2) there and (1, 3) here"]),
        ({"recipe": {}}, ["recipe a is {'b': (1, 2)} there and nothing here"]),
        ({"verb": "ask", "recipe": {}}, ["verb is judge there and ask here"]),
        ({"models": ()}, ["judge is m there and nothing here"]),
        (
            {"models": (ModelInfo(name="m", fingerprint="zyx", role="judge"),)},
            ["judge m has fingerprint abcdefgh there and zyx here"],
        ),
        ({"data": {"answers": "2", "cues": "1"}}, ["other answers", "other cues"]),
        ({"begun": "never", "version": "9", "limit": 3}, []),
    ],
)
def test_differences_are_told_in_words(changes, told):
    assert runs.list_differences(one(), one(**changes)) == told


def test_keys_that_are_free_may_differ(tmp_path):
    runs.write_info(tmp_path, one(recipe={"speed": 1, "seed": 0}))
    assert runs.refuse_other(tmp_path, one(recipe={"speed": 2, "seed": 0}), free={"speed"}) is not None
    with pytest.raises(AvereError, match=r"holds another run: recipe seed is 0 there and 1 here; give"):
        runs.refuse_other(tmp_path, one(recipe={"speed": 2, "seed": 1}), free={"speed"})


def test_a_file_that_is_none_is_named(tmp_path):
    (tmp_path / "run.json").write_bytes(b"\xff")
    with pytest.raises(RecordError, match=r"cannot read '.*run\.json'"):
        runs.read_info(tmp_path)
