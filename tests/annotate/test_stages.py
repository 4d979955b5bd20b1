"""On EmoWorld each stage is exactly right with annotators that know it, and asks nothing twice."""

import json

import pytest
from tests.annotate.annotation import Counting, work

from avere.annotate.annotations import Confirmation, Inference, ModalityDescription
from avere.annotate.confirm import confirm_cues
from avere.annotate.describe import describe_clips
from avere.annotate.infer import infer_emotions
from avere.annotate.weigh import weigh_cues
from avere.construct import pairs, questions
from avere.construct.lexicon import Gathering, name_cue
from avere.construct.recipe import Pairs, Questions
from avere.interfaces import Reply
from avere.models import scripted_annotator
from avere.models._noise import Errors
from avere.records import jsonl
from avere.world.cues import BY_NAME, EMOTIONS, typical_cues

COUNT = 120


@pytest.fixture(scope="module")
def clips(balanced):
    return balanced.clips[:COUNT]


@pytest.fixture(scope="module")
def annotator(balanced):
    return scripted_annotator.make(balanced.clips, balanced.cues, Errors(), "truth")


@pytest.fixture(scope="module")
def stages(clips, annotator, tmp_path_factory):
    """The files of the three stages."""
    place = work(tmp_path_factory.mktemp("stages"))
    described = describe_clips(lambda: iter(clips), annotator, place)
    inferred = infer_emotions(described, annotator, place)
    return described, inferred, confirm_cues(lambda: iter(clips), inferred, [annotator], annotator, place)


@pytest.fixture(scope="module")
def known(clips, stages):
    read = jsonl.read(stages[0], ModalityDescription), jsonl.read(stages[2], Confirmation)
    return list(weigh_cues(clips, *read, work(stages[0].parent).options))


def present(balanced, clips):
    ids = {clip.id for clip in clips}
    return [cue for cue in balanced.cues if cue.clip in ids and cue.present]


def test_descriptions_hold_all_that_is_there_and_nothing_else(balanced, clips, stages):
    said = {
        (one.clip, name_cue(s.text, one.modality), s.whose)
        for one in jsonl.read(stages[0], ModalityDescription)
        for s in one.sightings
    }
    true = {
        (c.clip, c.name, "other" if c.bearer == "other" else "person" if c.evidence_of else "scene")
        for c in present(balanced, clips)
    }
    assert said == true


def test_inferences_name_what_each_side_shows_and_what_each_cue_speaks_for(balanced, clips, stages):
    inferences = list(jsonl.read(stages[1], Inference))
    shown = {clip.id: clip.shown for clip in clips}
    assert all(one.emotion == getattr(shown[one.clip], one.modality) for one in inferences)
    said = {(c.clip, c.name, c.evidence_of, c.bearer) for one in inferences for c in one.cues}
    assert said == {(c.clip, c.name, c.evidence_of, c.bearer) for c in present(balanced, clips)}


def test_every_cue_is_confirmed_and_every_other_typical_one_denied(balanced, clips, stages):
    there = {(c.clip, c.name) for c in present(balanced, clips)}
    for one in jsonl.read(stages[2], Confirmation):
        assert all(checked.agreement == 1.0 for checked in one.checked)
        names = {checked.cue.name for checked in one.checked if not checked.cue.present}
        every = {kind.name for emotion in EMOTIONS for kind in typical_cues(emotion, one.modality)}
        assert names == {name for name in every if (one.clip, name) not in there}


def test_questions_and_pairs_are_those_of_the_direct_road(balanced, clips, known):
    gathering = Gathering(EMOTIONS)
    for one in known:
        gathering.add(one.cues)
    lexicon = gathering.lexicon()
    found = [one.clip for one in known], [cue for one in known for cue in one.cues]
    assert not [one for one in known if one.dropped or one.waiting]
    asked = questions.make(*found, Questions(), 1, lexicon).questions
    assert asked == questions.questions(clips, balanced.cues, Questions(), 1)
    for options in (Pairs(yes_no=0.5), Pairs(audiovisual_rejects="both", two_cues=1.0)):
        made = pairs.pairs(*found, options, 1, lexicon).pairs
        assert made == pairs.pairs(clips, balanced.cues, options, 1).pairs


def test_labels_are_not_told_and_each_modality_is_alone(clips, annotator, tmp_path):
    counting = Counting(annotator)
    describe_clips(lambda: iter(clips[:5]), counting, work(tmp_path))
    assert len(counting.asked) == 10
    for prompt in counting.asked:
        assert (prompt.video is None) is not (prompt.audio is None)
        assert not [emotion for emotion in EMOTIONS if emotion in prompt.text]


def test_what_is_to_be_checked_stands_among_what_is_not_there(clips, annotator, stages, tmp_path):
    counting = Counting(annotator)
    confirm_cues(lambda: iter(clips), stages[1], [counting], counting, work(tmp_path))
    texts = {kind.wordings[0] for kind in BY_NAME.values()}
    first = []
    for prompt in counting.asked:
        listed = [line.partition(". ")[2] for line in prompt.text.splitlines() if line[:1].isdigit()]
        assert len(listed) > 20
        assert set(listed) <= texts
        (reply,) = annotator.respond([prompt], max_tokens=1000, seed=0, schema={"title": "ConfirmationSaid"})
        first.append(json.loads(reply.text)["verdicts"][0]["answer"] != "absent")
    assert 0.02 < sum(first) / len(first) < 0.4


def test_a_cue_that_is_also_named_of_other_media_is_contradicted(
    balanced, clips, annotator, stages, tmp_path
):
    """An annotator that answers from words alone says the same of any media."""

    class Parrot(Counting):
        def respond(self, prompts, **_):
            for index, prompt in enumerate(prompts):
                numbers = [
                    int(line.partition(". ")[0]) for line in prompt.text.splitlines() if line[:1].isdigit()
                ]
                said = {"verdicts": [{"cue": number, "answer": "person"} for number in numbers]}
                yield Reply(index=index, text=json.dumps(said))

    def agreements(checker, folder):
        place = work(tmp_path / folder, swapped=True)
        file = confirm_cues(lambda: iter(clips), stages[1], [], checker, place)
        sides = list(jsonl.read(file, Confirmation))
        return {
            one.agreement for side in sides for one in side.checked if one.cue.present and one.cue.evidence_of
        }

    assert agreements(annotator, "sees") == {1.0}
    assert agreements(Parrot(annotator), "parrots") <= {0.0, 0.5}
