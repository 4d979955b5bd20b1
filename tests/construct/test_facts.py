import pytest

from avere.construct.facts import gather_facts
from avere.errors import AvereError
from avere.records import Shown


def test_facts_sort_cues_by_the_part_they_play(balanced):
    for fact in balanced.facts.values():
        for side in (fact.video, fact.audio):
            assert side.supporting
            assert not set(side.supporting) & set(side.displaced)
            assert not set(side.absent(side.emotion)) & {*side.supporting, *side.displaced}
        assert len(fact.video.plain) == 2
        assert len(fact.audio.plain) == 1


def test_a_clip_without_cues_is_refused(balanced):
    with pytest.raises(AvereError, match="give clips and cues of the same world"):
        gather_facts(balanced.clips[:1], balanced.cues[100:])


def test_cues_that_speak_for_another_emotion_than_shown_are_refused(balanced):
    clip = balanced.clips[0]
    wrong = next(e for e in ("fear", "anger") if e != clip.shown.video)
    changed = clip.model_copy(update={"shown": Shown(video=wrong, audio=clip.shown.audio)})
    with pytest.raises(AvereError, match=f"shows {wrong} in its video"):
        gather_facts([changed], balanced.cues)
