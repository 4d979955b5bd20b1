"""A folder of clips: whole records, real media, the same bytes whoever makes it and however often."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from avere import media
from avere.errors import AvereError
from avere.records import Clip, Cue, jsonl
from avere.world.make import files, make_world
from avere.world.plan import ClipPlan, cues_of


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    out = tmp_path_factory.mktemp("welt-ü")
    make_world(3, "balanced", 5, out, identities=4, workers=1)
    return out


def test_records_and_media_agree(world):
    plans = list(jsonl.read(world / "plans.jsonl", ClipPlan))
    clips = list(jsonl.read(world / "clips.jsonl", Clip))
    assert (
        [clip.id for clip in clips]
        == [plan.id for plan in plans]
        == [f"balanced-5-0000{n}" for n in range(3)]
    )
    assert list(jsonl.read(world / "cues.jsonl", Cue)) == [cue for plan in plans for cue in cues_of(plan)]
    for plan, clip in zip(plans, clips, strict=True):
        assert (clip.video, clip.audio) == files(plan, world)
        assert clip.video is not None
        assert clip.audio is not None
        assert media.frames(clip.video, 4).shape == (4, 192, 192, 3)
        assert len(media.sound(clip.audio, 16_000)) == round(plan.seconds * 16_000)


def test_paths_are_relative(world):
    first = (world / "clips.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert '"video":"media/balanced-5-00000.mp4"' in first


def test_two_workers_write_the_same_bytes_as_one(world, tmp_path):
    make_world(3, "balanced", 5, tmp_path, identities=4, workers=2)
    assert _contents(tmp_path) == _contents(world)


def test_a_run_goes_on_where_it_was(world, tmp_path):
    make_world(2, "balanced", 5, tmp_path, identities=4, workers=1)
    kept, lost = (tmp_path / "media" / f"balanced-5-0000{n}.wav" for n in (0, 1))
    lost.unlink()
    kept.write_bytes(b"kept")
    make_world(3, "balanced", 5, tmp_path, identities=4, workers=1)
    assert kept.read_bytes() == b"kept"
    assert lost.read_bytes() == (world / "media" / lost.name).read_bytes()
    assert set(_contents(tmp_path)) == set(_contents(world))


@pytest.mark.parametrize("settings", [("balanced", 6, 4), ("biased", 5, 4), ("balanced", 5, 9)])
def test_two_worlds_are_not_mixed(world, settings):
    split, seed, identities = settings
    with pytest.raises(AvereError, match="holds clips of other settings"):
        make_world(3, split, seed, world, identities=identities, workers=1)


@pytest.mark.parametrize(("clips", "identities"), [(0, 4), (3, 0), (-1, 4)])
def test_numbers_below_one_are_refused(tmp_path, clips, identities):
    with pytest.raises(AvereError, match="at least 1"):
        make_world(clips, "balanced", 5, tmp_path, identities=identities)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


ORPHANS = """
import sys
from pathlib import Path
from avere.world import make

if __name__ == "__main__":
    make.make_world(400, "balanced", 0, Path(sys.argv[1]), workers=2)
"""


@pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="needs Linux: a process is waited for that is no child"
)
def test_workers_end_with_a_killed_parent(tmp_path):
    file = tmp_path / "orphans.py"
    file.write_text(ORPHANS)
    out = tmp_path / "world"
    parent = subprocess.Popen(
        [sys.executable, file, out], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not list(out.glob("media/*.wav")):
            assert parent.poll() is None
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        handles = [os.pidfd_open(int(child)) for child in children]
    finally:
        parent.kill()
        parent.wait()
    assert len(handles) >= 2
    for handle in handles:
        ended, _, _ = select.select([handle], [], [], 60)
        os.close(handle)
        assert ended
