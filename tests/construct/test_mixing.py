"""Clips with the picture of one and the sound of another."""

from collections import Counter

from avere.construct.facts import gather_facts
from avere.construct.mixing import mix_clips
from avere.construct.pairs import pairs
from avere.construct.recipe import Pairs


def test_two_clips_make_all_four_combinations_of_their_media(biased):
    made, cues = mix_clips(biased.clips[:41], biased.cues, seed=3)
    assert (made, cues) == mix_clips(biased.clips[:41], biased.cues, seed=3)
    assert len(made) == 40
    facts, own = gather_facts(made, cues), biased.facts
    for clip in made:
        seen, heard = (own[name] for name in clip.id.split("+"))
        assert (clip.video, clip.audio) == (seen.clip.video, heard.clip.audio)
        assert facts[clip.id].video == seen.video
        assert facts[clip.id].audio == heard.audio
        assert clip.transcript == heard.clip.transcript
        assert clip.emotion in (None, seen.clip.emotion)
    pictures, sounds = (Counter(clip.id.split("+")[side] for clip in made) for side in (0, 1))
    assert pictures == sounds
    assert set(pictures.values()) == {1}


def test_a_clip_that_lacks_a_medium_is_in_none(biased):
    clips = [biased.clips[0].model_copy(update={"audio": None}), *biased.clips[1:3]]
    made, _ = mix_clips(clips, biased.cues, seed=0)
    assert {name for clip in made for name in clip.id.split("+")} == {clip.id for clip in clips[1:]}


def test_pairs_about_mixed_clips_answer_of_the_medium_that_is_asked_about(biased):
    made, cues = mix_clips(biased.clips[:60], biased.cues, seed=3)
    facts = gather_facts(made, cues)
    about = [pair for pair in pairs(made, cues, Pairs(), seed=1).pairs if pair.target != "audiovisual"]
    assert len(about) > 60
    for pair in about:
        words = facts[pair.clip].side("audio" if pair.target == "audio" else "video")
        cited = [kind.wordings for name in words.supporting for kind in [words.kind(name)]]
        assert any(wording in pair.chosen for wordings in cited for wording in wordings)
