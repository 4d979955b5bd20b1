"""Where EmoWorld draws and sounds a cue, the films, and the verbs from a run to its table."""

import numpy as np
import pytest

from avere import media
from avere.analyse.why.overlay import BAR, GAP, HEAT, WIDTH, lay_over, write_overlay
from avere.analyse.why.truth import find_plans, locate_cue
from avere.records import OcclusionMap, Provenance
from avere.world.picture import face
from avere.world.plan import draw_plan
from avere.world.sound import voice


def plan(**changes):
    return draw_plan(5, split="balanced", seed=2, identities=9).model_copy(update={"seconds": 2.4, **changes})


def occlusion(clip="c", cells=4):
    picture = np.zeros((cells, cells))
    picture[0, 0] = 2.0
    return OcclusionMap(
        question=f"{clip}/q",
        clip=clip,
        task="t",
        target="video",
        answer="Yes",
        right=True,
        log_odds=3.0,
        picture=tuple(map(tuple, picture.tolist())),
        picture_times=(0.0, 1.0),
        sound_times=(1.0, 0.0, 0.0, 0.0),
        sound_seconds=2.4,
        made_by=Provenance(version="0"),
    )


def test_a_cue_is_marked_where_it_is_drawn():
    """The mouth lies below the brows, and neither fills a tenth of the frame."""
    both = plan(face_cues=("frown", "slant"), poster=None)
    mouth, brows = (face.mark_cue(both, name) for name in ("frown", "slant"))
    for marked in (mouth, brows):
        assert 0.002 < marked.mean() < 0.1
    assert np.nonzero(mouth)[0].mean() > np.nonzero(brows)[0].mean() + 20
    assert not face.mark_cue(both, "smile").any()


def test_a_sound_of_its_own_is_timed_and_a_manner_is_all_speech():
    one = plan(voice_cues=("hammer", "yelp"))
    ((begin, end),) = voice.time_cue(one, "yelp")
    assert 0.15 < end - begin < 0.3
    speech = voice.time_cue(one, "hammer")
    assert speech
    assert all(stop <= begin + 0.05 or start >= end - 0.05 for start, stop in speech)
    assert voice.time_cue(one, "sob") == []


def test_places_are_by_the_cells_of_the_map():
    one = plan(face_cues=("frown",), voice_cues=("yelp",))
    seen, heard = locate_cue(one, "frown", occlusion()), locate_cue(one, "yelp", occlusion())
    assert seen.picture is not None
    assert seen.picture.shape == (4, 4)
    assert heard.sound is not None
    assert heard.sound.sum() * 2.4 / 4 == pytest.approx(np.ptp(voice.time_cue(one, "yelp")[0]), abs=1e-6)


def test_plans_are_found_beside_the_media(donors):
    found = find_plans({one.id: one for one in donors})
    assert set(found) == {one.id for one in donors}
    assert find_plans({"x": donors[0].model_copy(update={"source": "dfew"})}) == {}


def test_a_map_colours_its_cells_and_its_seconds():
    drawn = lay_over(occlusion(), np.full((4, 96, 96, 3), 100, np.uint8), seconds=2.4)
    assert drawn.shape == (4, WIDTH + 2 * BAR + 3 * GAP, WIDTH, 3)
    corner, far = drawn[0, 20, 20].astype(int), drawn[0, WIDTH - 20, WIDTH - 20].astype(int)
    assert np.abs(far - 100).max() <= 2
    assert (np.sign(corner - 100) == np.sign(np.array(HEAT) - 100)).all()
    moving = np.abs(drawn[0].astype(int) - drawn[3].astype(int)).max(axis=(0, 2))
    assert moving.any()


def test_a_film_plays_with_sound(donors, tmp_path):
    made = write_overlay(occlusion(donors[0].id), donors[0], tmp_path / "films" / "one.mp4")
    assert made is not None
    told = media.probe(made)
    assert told.has_video
    assert told.has_audio
    assert media.is_playable(made)
    silent = donors[0].model_copy(update={"video": None})
    assert write_overlay(occlusion(), silent, tmp_path / "no.mp4") is None
