"""What each corpus knows besides the emotion: votes, splits, compounds, speakers, words."""

import pytest
from tests.corpora import layouts

from avere import corpora
from avere.errors import AvereError
from avere.world.cues import EMOTIONS


@pytest.fixture
def read(tmp_path, donors):
    def call(name, **options):
        root = tmp_path / name
        if not root.exists():
            getattr(layouts, name)(root, donors)
        return {clip.id: clip for clip in corpora.read(name, root, options)}

    return call


def test_dfew_keeps_votes_and_the_fold_that_tests_a_clip(read):
    clips = read("dfew")
    assert clips["part_1/1"].votes == {
        **{"happiness": 8, "sadness": 0, "neutral": 1, "anger": 0},
        **{"surprise": 1, "disgust": 0, "fear": 0},
    }
    assert clips["part_1/1"].attributes == {"label": "1", "test_fold": "1"}
    assert clips["part_2/1601"].attributes["unlabelled"] == "the votes name no single emotion"
    assert clips["part_1/1"].video == clips["part_1/1"].audio


def test_dfew_has_five_folds_and_a_split_needs_one(read):
    assert {clip.id: clip.split for clip in read("dfew", fold=2).values()} == {
        **{"part_1/1": "train", "part_11/16001": "train", "part_1/2": "test"}
    }
    with pytest.raises(AvereError, match="give fold as well"):
        read("dfew", split="test")
    with pytest.raises(AvereError, match="fold: Input should be 1, 2, 3, 4 or 5"):
        read("dfew", fold=6)


def test_dfew_can_do_without_its_annotation(read, tmp_path):
    whole = read("dfew")
    (tmp_path / "dfew/dfew_annotation/annotation.csv").unlink()
    split_only = read("dfew")
    assert set(whole) - set(split_only) == {"part_2/1601"}
    assert split_only["part_1/2"].emotion == "anger"


def test_prepared_media_stand_beside_the_clips(read, tmp_path, donors):
    read("dfew")
    layouts.put(donors[0].video, tmp_path / "dfew/dfew_original_clips_24fps/part_1/1.mp4")
    layouts.put(donors[0].audio, tmp_path / "dfew/dfew_original_clips_16khz/part_1/1.wav")
    clip = read("dfew", prepared=True)["part_1/1"]
    assert clip.video == tmp_path / "dfew/dfew_original_clips_24fps/part_1/1.mp4"
    assert clip.audio == tmp_path / "dfew/dfew_original_clips_16khz/part_1/1.wav"


def test_ravdess_names_say_all(read):
    clip = read("ravdess")["01-01-05-02-01-01-01"]
    assert clip.transcript == "Kids are talking by the door"
    assert clip.attributes == {
        **{"label": "05", "modality": "audiovisual", "channel": "speech", "intensity": "strong"},
        **{"statement": "01", "repetition": "01", "speaker": "01", "sex": "male"},
    }
    assert read("ravdess")["02-01-03-01-02-02-02"].audio is None
    assert read("ravdess")["03-01-08-01-01-01-02"].video is None


def test_the_published_choice_of_ravdess_keeps_songs_and_drops_calm(read):
    assert list(read("ravdess", modality="audiovisual", calm=False)) == ["01-01-05-02-01-01-01"]
    assert list(read("ravdess", channel="song")) == ["01-02-02-01-01-01-24"]


def test_copies_under_one_name_are_not_mixed_up(read, tmp_path, donors):
    read("ravdess")
    root = tmp_path / "ravdess"
    layouts.put(donors[0].audio, root / "sounds/01-01-05-02-01-01-01.wav")
    with pytest.raises(AvereError, match="go by one name"):
        read("ravdess")


def test_a_preview_beside_a_film_is_no_copy_of_it(read):
    found = read("ravdess")
    for clip in found.values():
        if clip.video is not None:
            clip.video.with_suffix(".gif").write_bytes(b"GIF89a")
    assert read("ravdess") == found


def test_mafw_keeps_votes_compounds_and_descriptions(read):
    clips = read("mafw")
    assert {label: vote for label, vote in clips["00003"].votes.items() if vote} == {
        "fear": 0.7,
        "surprise": 0.6,
    }
    assert clips["00001"].attributes["compound"] == "anger+disgust"
    assert clips["00003"].attributes["compound"] == "fear+surprise"
    assert clips["00001"].attributes["description_en"] == "A girl shouts at someone."
    assert list(read("mafw", fold=3, split="test")) == ["00001", "00004"]


def test_mer2023_reads_what_is_spoken_and_every_split(read):
    assert list(read("mer2023", split="test3")) == [f"sample_0000010{n}" for n in (1, 2, 3)]
    clip = read("mer2023")["sample_00000101"]
    assert (clip.transcript, clip.attributes["translation"]) == ("太好了", "How wonderful")
    assert read("mer2023")["sample_00000001"].attributes["valence"] == "-2.5"
    with pytest.raises(AvereError, match=r"no labels of MER2023 test2.*test2-label\.csv"):
        read("mer2023", split="test2")


def test_mer2025_keeps_the_files_of_track_3_apart(read):
    clips = read("mer2025")
    assert clips["samplenew_3"].attributes["reason_ovmerd"] == "He sighs and looks down."
    assert clips["samplenew_3"].attributes["reason_mercaptionplus"] == "He sighs."
    assert list(read("mer2025", track=1)) == ["samplenew_1", "samplenew_2"]
    assert list(read("mer2025", track=3, subset="ovmerd")) == ["samplenew_3", "samplenew_4"]
    assert clips["samplenew_1"].audio != clips["samplenew_1"].video


def test_crema_d_keeps_ratings_by_modality(read):
    clip = read("crema_d")["1001_IEO_ANG_HI"]
    assert clip.votes["audio:anger"] == clip.votes["audio:disgust"] == 5
    assert clip.votes["audiovisual:anger"] == 9
    # By ear anger and disgust tie; by eye anger leads.
    assert (clip.shown.audio, clip.shown.video) == (None, "anger")
    assert clip.attributes == {
        **{"label": "ANG", "speaker": "1001", "statement": "IEO", "intensity": "high"},
        **{"age": "51", "sex": "male"},
    }
    assert clip.transcript == "It's eleven o'clock."


def test_ferv39k_has_scenes_and_no_sound(read):
    clip = read("ferv39k")["Action/Happy/0267"]
    assert (clip.attributes["scene"], clip.split, clip.audio) == ("Action", "train", None)


def test_a_table_of_ones_own_may_name_its_label_set(read):
    clips = read("folder", labels=["anger", "happiness"])
    assert clips["clips/b"].emotion is None
    assert clips["clips/b"].attributes["unlabelled"] == "label 'serenity' is none of: anger, happiness"
    assert clips["clips/a"].attributes["speaker"] == "anna"


def test_emoworld_has_the_emotions_of_its_world():
    from avere.corpora import emoworld

    assert emoworld.LABELS == EMOTIONS
