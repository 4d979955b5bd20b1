"""What each view asks of a model."""

from collections.abc import Callable
from pathlib import Path

import pytest

from avere.errors import AvereError
from avere.preference import views
from avere.preference.views import View, Views
from avere.records import Clip, Corruption, Corruptions, Medium, PreferencePair

Make = Callable[..., PreferencePair]
NOISE = Corruption(kind="noise", level=0.5, seed=3)


@pytest.mark.parametrize(
    ("media", "target", "audio", "video"),
    [
        ("real", "audio", "c0.wav", "c0.mp4"),
        ("relevant", "audio", "c1.wav", "c0.mp4"),
        ("relevant", "video", "c0.wav", "c1.mp4"),
        ("relevant", "audiovisual", "c1.wav", "c1.mp4"),
        ("irrelevant", "audio", "c0.wav", "c1.mp4"),
        ("irrelevant", "video", "c1.wav", "c0.mp4"),
        ("irrelevant", "audiovisual", "c0.wav", "c0.mp4"),
        ("audio", "video", "c1.wav", "c0.mp4"),
        ("video", "video", "c0.wav", "c1.mp4"),
        ("both", "video", "c1.wav", "c1.mp4"),
    ],
)
def test_only_the_wanted_media_are_swapped(
    pair: Make, clips: dict[str, Clip], media: views.Media, target: str, audio: str, video: str
) -> None:
    asked = views.prompt_of(pair(0, target=target), media, clips)
    assert asked.audio == Medium(path=Path(audio))
    assert asked.video == Medium(path=Path(video))


def test_none_is_the_same_prompt_without_media(pair: Make, clips: dict[str, Clip]) -> None:
    asked = views.prompt_of(pair(0), "none", clips)
    assert (asked.text, asked.audio, asked.video) == (pair(0).prompt, None, None)


def test_other_corruptions_travel_with_the_medium(pair: Make, clips: dict[str, Clip]) -> None:
    noisy = pair(0, target="audio", corruption=Corruptions(audio=NOISE))
    asked = views.prompt_of(noisy, "relevant", clips)
    assert asked.audio == Medium(path=Path("c0.wav"), corruption=NOISE)
    assert asked.video == Medium(path=Path("c0.mp4"))


def test_without_valid_corruption_the_media_stay_real(pair: Make, clips: dict[str, Clip]) -> None:
    plain = pair(0, corruption=Corruptions(reason="the answer is no"))
    assert views.prompt_of(plain, "relevant", clips) == views.prompt_of(plain, "real", clips)


def test_a_clip_without_sound_stays_without_sound(pair: Make, clips: dict[str, Clip]) -> None:
    clips["c0"] = clips["c0"].model_copy(update={"audio": None})
    assert views.prompt_of(pair(0), "both", clips).audio is None


def test_missing_clips_and_media_are_named(pair: Make, clips: dict[str, Clip]) -> None:
    with pytest.raises(AvereError, match="pair 'p0' names clip 'c0', which is not in the clips file"):
        views.prompt_of(pair(0), "real", {})
    clips["c1"] = clips["c1"].model_copy(update={"audio": None})
    with pytest.raises(AvereError, match="pair 'p0' swaps in the audio of clip 'c1', which has none"):
        views.prompt_of(pair(0, target="audio"), "relevant", clips)


def test_either_is_fixed_by_id_and_seed_and_uses_both(pair: Make) -> None:
    drawn = [[views.either(pair(number), seed) for number in range(200)] for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert 70 < drawn[0].count("spurious") < 130


def test_either_falls_back_to_the_answer_that_exists(pair: Make) -> None:
    assert views.response(pair(0, spurious=None), "either") == "a frown 0"
    assert views.response(pair(0, hallucinated=None), "either") == "the shirt 0"
    with pytest.raises(AvereError, match="pair 'p0' has no either answer"):
        views.response(pair(0, hallucinated=None, spurious=None), "either")


def test_missing_answers_are_counted(pair: Make) -> None:
    pairs = [pair(0), pair(1, spurious=None), pair(2, spurious=None, hallucinated=None)]
    read = frozenset(View("real", which) for which in ("chosen", "spurious", "either"))
    wanted = Views(policy=read, detached=frozenset(), reference=frozenset())
    assert views.missing_answers(pairs, wanted) == {"either": 1, "spurious": 2}


def test_records_without_modality_preference_are_counted(pair: Make, clips: dict[str, Clip]) -> None:
    pairs = [pair(0), pair(1, corruption=Corruptions(reason="none fits"))]
    read = frozenset({View("real", "chosen"), View("relevant", "chosen")})
    real = frozenset({View("real", "chosen")})
    assert views.count_unopposed(pairs, Views(read, frozenset(), read), clips) == {"relevant": 1, "all": 1}
    assert views.count_unopposed(pairs, Views(real, frozenset(), real), clips) == {"all": 0}


def test_records_are_counted_for_each_corrupted_view(pair: Make, clips: dict[str, Clip]) -> None:
    audio, video, both = pair(0), pair(1), pair(2)
    assert [each.target for each in (audio, video, both)] == ["audio", "video", "audiovisual"]
    deaf = audio.model_copy(update={"corruption": Corruptions(video=audio.corruption.video, reason="none")})
    read = frozenset(View(media, "chosen") for media in ("real", "audio", "video"))
    wanted = Views(read, frozenset(), read)
    pairs = [audio, video, both, deaf]
    assert views.count_unopposed(pairs, wanted, clips) == {"audio": 1, "video": 0, "all": 0}
    only = wanted._replace(only_falsifying=True)
    assert views.count_unopposed(pairs, only, clips) == {"audio": 2, "video": 2, "all": 1}


ONLY_AUDIO = {"video": None, "reason": "none fits"}


@pytest.mark.parametrize(
    ("media", "target", "missing", "expected"),
    [
        ("both", "audio", {}, ("c1.wav", "c1.mp4")),
        ("audio", "audio", {}, ("c1.wav", "c0.mp4")),
        ("video", "audio", {}, ("c0.wav", "c0.mp4")),
        ("irrelevant", "video", {}, ("c0.wav", "c0.mp4")),
        ("relevant", "video", {}, ("c0.wav", "c1.mp4")),
        ("audio", "audiovisual", {}, ("c1.wav", "c0.mp4")),
        ("both", "video", ONLY_AUDIO, ("c0.wav", "c0.mp4")),
        ("both", "audiovisual", ONLY_AUDIO, ("c1.wav", "c0.mp4")),
        ("video", "audiovisual", ONLY_AUDIO, ("c0.wav", "c0.mp4")),
    ],
)
def test_only_corruptions_that_make_the_chosen_answer_false_are_kept_if_so_wanted(
    pair: Make,
    clips: dict[str, Clip],
    media: views.Media,
    target: str,
    missing: dict[str, str | None],
    expected: tuple[str, str],
) -> None:
    made = pair(0, target=target)
    made = made.model_copy(update={"corruption": made.corruption.model_copy(update=missing)})
    read = views.candidate_of(made, View(media, "chosen"), clips, only_falsifying=True)
    assert (read.prompt.audio, read.prompt.video) == tuple(Medium(path=Path(name)) for name in expected)
