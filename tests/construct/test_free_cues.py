"""Cues in anybody's words become questions and pairs; what is not written down is not taken to be absent."""

import pytest

from avere.construct import build
from avere.construct.free_cues import settle_facts
from avere.construct.recipe import ConstructionRecipe
from avere.errors import AvereError
from avere.records import Clip, Cue, jsonl
from avere.records.clips import Shown


def clip(name, emotion):
    return Clip(id=name, source="folder", emotion=emotion)


def cue(name, modality, text, emotion, **more):
    return Cue(clip=name, modality=modality, name=text, text=text, evidence_of=emotion, present=True, **more)


CLIPS = [clip("a", "anger"), clip("b", "happiness")]
CUES = [
    cue("a", "audio", "The  Shout!", "angry"),
    cue("a", "audio", "traffic", None),
    cue("a", "video", "clenched fist", "anger"),
    cue("a", "video", "grin", "happiness", bearer="other"),
    Cue(clip="a", modality="audio", name="snarl", text="snarl", evidence_of="anger", present=False),
    cue("b", "video", "grin", "happiness"),
    cue("b", "video", "tears", "sadness"),
    cue("b", "audio", "laughter", "happiness"),
]


def test_names_come_from_words_and_emotions_from_labels():
    found = settle_facts(CLIPS, CUES)
    assert (found.cues[0].name, found.cues[0].evidence_of) == ("audio:shout", "anger")
    assert found.lexicon.kinds["audio:laughter"].wordings == ("laughter",) * 3
    assert not found.lexicon.closed


def test_a_modality_shows_what_all_its_cues_speak_for():
    first, second = settle_facts(CLIPS, CUES).clips
    assert first.shown == Shown(audio="anger", video="anger")
    # Grin and tears speak for two emotions: what the face shows is not known.
    assert second.shown == Shown(audio="happiness", video=None)


def test_what_emoworld_tells_stays_as_it_is(balanced):
    found = settle_facts(balanced.clips[:20], [one for one in balanced.cues if one.clip < "balanced-3-00020"])
    assert found.lexicon.closed
    assert found.clips == balanced.clips[:20]


def test_a_cue_of_no_clip_is_refused():
    with pytest.raises(AvereError, match="the cue 'grin' is about 'z', which is none of the clips"):
        settle_facts(CLIPS, [cue("z", "video", "grin", "happiness")])


def write(folder, cues):
    jsonl.write(folder / "clips.jsonl", CLIPS)
    jsonl.write(folder / "cues.jsonl", cues)


def test_questions_and_pairs_are_made_of_them(tmp_path):
    write(tmp_path, CUES)
    built = build.build_from_cues(tmp_path, tmp_path / "out", ConstructionRecipe())
    kinds = {(question.target, question.kind) for question in built.questions if question.cue is not None}
    assert {("audio", "supporting"), ("audio", "hallucinated"), ("audio", "plain")} <= kinds
    heard = next(pair for pair in built.pairs.pairs if pair.id == "a/audio")
    assert "shout" in heard.chosen.casefold()
    assert "traffic" in (heard.spurious or "")
    assert "snarl" in (heard.hallucinated or "")
    again = build.build_from_cues(tmp_path / "out", tmp_path / "again", ConstructionRecipe())
    assert again.questions == built.questions


def test_cues_that_speak_for_nothing_make_nothing_and_say_so(tmp_path):
    write(tmp_path, [cue("a", "audio", "traffic", None)])
    with pytest.raises(AvereError, match="nothing can be made of the 1 cues"):
        build.build_from_cues(tmp_path, tmp_path / "out", ConstructionRecipe())


@pytest.mark.parametrize(("gone", "told"), [("clips", "avere corpora import folder"), ("cues", "cues.csv")])
def test_a_folder_that_lacks_a_file_says_how_to_make_it(tmp_path, gone, told):
    write(tmp_path, CUES)
    (tmp_path / f"{gone}.jsonl").unlink()
    with pytest.raises(AvereError, match=told):
        build.build_from_cues(tmp_path, tmp_path / "out", ConstructionRecipe())
