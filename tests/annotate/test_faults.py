"""Whatever annotators and clips do: nothing is lost or asked twice, and every loss has its reason."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.annotate.annotation import Counting, Saying, work

from avere import prompts
from avere.annotate.annotations import Inference, ModalityDescription
from avere.annotate.confirm import confirm_cues
from avere.annotate.describe import describe_clips
from avere.annotate.infer import infer_emotions
from avere.annotate.run import Team, construct_from_clips
from avere.construct.construction import Dropped
from avere.construct.recipe import ConstructionRecipe, Questions
from avere.errors import AvereError, MediaError
from avere.interfaces import Reply
from avere.models import scripted, scripted_annotator
from avere.models._noise import Errors
from avere.records import Clip, jsonl, runs


@pytest.fixture(scope="module")
def truth(balanced):
    return scripted_annotator.make(balanced.clips[:40], balanced.cues, Errors(), "truth")


def described(folder, clips, annotator, **options):
    file = describe_clips(lambda: iter(clips), annotator, work(folder, **options))
    return list(jsonl.read(file, ModalityDescription))


def cue(text, whose="person"):
    return {"cue": text, "whose": whose, "start": 0.5, "end": 1.0}


def said(*cues, transcript=None):
    return json.dumps({"cues": cues, "transcript": transcript})


def test_an_annotator_that_fails_half_way_is_asked_the_rest_alone(balanced, truth, tmp_path):
    clips = balanced.clips[:6]
    first, second = Counting(truth, stop_after=5), Counting(truth)
    with pytest.raises(AvereError, match=r"truth cannot be reached .*run the same command again"):
        described(tmp_path, clips, first)
    found = described(tmp_path, clips, second)
    assert len(found) == 12
    assert all(one.sightings for one in found)
    assert (len(first.asked), len(second.asked)) == (5, 7)
    described(tmp_path, clips, Counting(truth, stop_after=0))


def test_a_question_that_fails_by_itself_costs_no_other_one(balanced, truth, tmp_path):
    bad = balanced.clips[1].id

    class Picky(Counting):
        def respond(self, prompts, **how):
            for index, prompt in enumerate(prompts):
                if prompt.audio is not None and prompt.audio.path.stem == bad:
                    raise MediaError(f"cannot decode '{bad}'")
                (reply,) = self.inner.respond([prompt], **how)
                yield reply.model_copy(update={"index": index})

    found = described(tmp_path, balanced.clips[:4], Picky(truth))
    assert [(one.clip, one.modality) for one in found if not one.sightings] == [(bad, "audio")]
    assert next(one.reason for one in found if not one.sightings) == "no answer: media error"


@pytest.mark.parametrize("first", ["I see somebody smile.", '{"cues": 3}', "", '{"cues": [{"cue"', "[1, 2]"])
def test_prose_and_wrong_json_get_one_chance_of_repair(balanced, truth, tmp_path, first):
    annotator = Saying(truth, lambda prompt, reply: reply.text if prompt.history else first)
    (video, audio) = described(tmp_path, balanced.clips[:1], annotator)
    assert video.sightings
    assert audio.sightings
    assert len(annotator.asked) == 4
    assert annotator.asked[2].history[0].response == first
    assert annotator.asked[2].video == annotator.asked[0].video
    assert "cannot be read" in annotator.asked[2].text
    described(tmp_path, balanced.clips[:1], annotator)
    assert len(annotator.asked) == 4


def test_what_stays_unreadable_is_a_record_with_a_reason(balanced, truth, tmp_path):
    annotator = Saying(truth, lambda *_: "No idea.")
    (video, _) = described(tmp_path, balanced.clips[:1], annotator)
    assert video.reason == "unreadable answer, also after one repair"
    assert video.dropped[0].what == "side"
    assert len(annotator.asked) == 4


def test_a_refusal_is_not_argued_with_but_may_be_asked_again(balanced, truth, tmp_path):
    refusal = Reply(index=0, text="", status="refused", reason="no faces, please")
    annotator = Saying(truth, lambda *_: refusal)
    (video, _) = described(tmp_path, balanced.clips[:1], annotator)
    assert video.reason == "no answer: refused"
    assert len(annotator.asked) == 2
    willing = Saying(truth, lambda _, reply: reply.text)
    assert not described(tmp_path, balanced.clips[:1], willing)[0].sightings
    again = work(tmp_path)._replace(again=True)
    describe_clips(lambda: iter(balanced.clips[:1]), willing, again)
    assert len(willing.asked) == 2
    assert described(tmp_path, balanced.clips[:1], willing)[0].sightings


def test_no_face_and_no_sound_are_told_apart_from_no_file(balanced, truth, tmp_path):
    silent = balanced.clips[0].model_copy(update={"audio": None})
    annotator = Saying(truth, lambda *_: said())
    video, audio = described(tmp_path, [silent], annotator)
    assert (video.reason, audio.reason) == ("nothing can be seen", "the clip has no audio")
    assert len(annotator.asked) == 1


def test_unicode_and_very_long_transcripts_come_through(balanced, truth, tmp_path):
    words = "«Ça alors!» 😱 喜び " * 20_000
    text = said(cue("Тихий  вздох."), transcript=words)
    (_, audio) = described(tmp_path, balanced.clips[:1], Saying(truth, lambda *_: text))
    assert audio.transcript == words
    assert [one.text for one in audio.sightings] == ["тихий вздох"]
    told = Counting(truth)
    infer_emotions(tmp_path / "descriptions.jsonl", told, work(tmp_path))
    assert all(len(prompt.text) < 2000 for prompt in told.asked)


def test_cues_that_name_an_emotion_do_not_get_through(balanced, truth, tmp_path):
    text = said(cue("happy smile"), cue("raised brows"), cue("the raised brows"), cue("mug", "scene"))
    (video, _) = described(tmp_path, balanced.clips[:1], Saying(truth, lambda *_: text))
    assert [one.text for one in video.sightings] == ["raised brows", "mug"]
    assert [one.reason for one in video.dropped] == ["the cue names an emotion"]


def test_equal_files_and_equal_lists_are_asked_about_once(balanced, truth, tmp_path):
    path = tmp_path / f"{balanced.clips[0].id}.mp4"
    path.write_bytes(b"the same bytes")
    clips = [Clip(id=name, video=path, emotion="fear", source="t") for name in ("a", "b")]
    counting = Counting(truth)
    found = described(tmp_path / "out", clips, counting)
    infer_emotions(tmp_path / "out" / "descriptions.jsonl", counting, work(tmp_path / "out"))
    assert len(counting.asked) == 2
    assert found[0].sightings == found[2].sightings


def test_a_changed_prompt_asks_again_only_what_it_words(balanced, truth, tmp_path, monkeypatch):
    clips, place = balanced.clips[:3], work(tmp_path)
    inferred = infer_emotions(describe_clips(lambda: iter(clips), truth, place), truth, place)
    confirm_cues(lambda: iter(clips), inferred, [truth], truth, place)
    render = prompts.render
    monkeypatch.setattr(
        "avere.prompts.render",
        lambda name, **f: render(name, **f) + ("!" if name == "annotate_confirm" else ""),
    )
    counting = Counting(truth)
    inferred = infer_emotions(describe_clips(lambda: iter(clips), counting, place), counting, place)
    assert not counting.asked
    confirm_cues(lambda: iter(clips), inferred, [counting], counting, place)
    assert len(counting.asked) == 6


def test_labels_nobody_knows_are_counted_and_cost_nothing(balanced, truth, tmp_path):
    clips = [
        balanced.clips[0],
        balanced.clips[0],
        balanced.clips[1].model_copy(update={"emotion": "schadenfreude"}),
        balanced.clips[2].model_copy(update={"emotion": None}),
    ]
    jsonl.write(tmp_path / "clips.jsonl", clips)
    counting = Counting(truth)
    made = construct_from_clips(tmp_path, tmp_path / "out", ConstructionRecipe(), Team(counting, (truth,)))
    assert made.clips == {"read": 4, "labelled": 1, "useful": 1}
    assert made.dropped["describe"] == {
        "clip: another clip has this id": 1,
        "clip: label is none of the recipe's emotions": 1,
        "clip: no label": 1,
    }
    assert {prompt.video.path.stem for prompt in counting.asked if prompt.video} == {clips[0].id}


def test_run_json_says_who_annotated_what(balanced, truth, tmp_path):
    clips = balanced.clips[:2]
    jsonl.write(tmp_path / "clips.jsonl", clips)
    blind = scripted.load("scripted:always-yes")
    construct_from_clips(
        tmp_path, tmp_path / "out", ConstructionRecipe(seed=5), Team(truth, (truth,), (blind,))
    )
    found = runs.read_info(tmp_path / "out" / "stages")
    assert found is not None
    assert (found.verb, found.seed) == ("construct", 5)
    assert found.recipe == ConstructionRecipe(seed=5).model_dump(mode="json")
    assert [(one.role, one.name, one.fingerprint) for one in found.models] == [
        ("annotator", "truth", truth.fingerprint),
        ("validator", "truth", truth.fingerprint),
        ("blind", "scripted:always-yes", blind.fingerprint),
    ]
    content = (tmp_path / "clips.jsonl").read_bytes()
    assert found.data == {"clips": hashlib.sha256(content).hexdigest()}
    assert found.ended is not None


def speaking(truth, video, audio, emotion="anger"):
    """An annotator that gives the same cues of every clip and takes all of the person's for one emotion."""

    def say(prompt, reply):
        if prompt.video is None and prompt.audio is None:
            numbers = [
                int(line.partition(". ")[0]) for line in prompt.text.splitlines() if line[:1].isdigit()
            ]
            evidence = [{"cue": number, "emotion": emotion} for number in numbers]
            return json.dumps({"emotion": emotion, "evidence": evidence})
        if "Check each entry" in prompt.text:
            numbers = [
                int(line.partition(". ")[0]) for line in prompt.text.splitlines() if line[:1].isdigit()
            ]
            return json.dumps({"verdicts": [{"cue": number, "answer": "person"} for number in numbers]})
        return said(*map(cue, video if prompt.video is not None else audio))

    return Saying(truth, say)


@pytest.mark.parametrize(
    ("audio", "reason"),
    [(["shouting out"], "no supporting cue is confirmed"), (["raised voice"], None)],
)
def test_cues_of_both_modalities_tell_of_neither(balanced, truth, tmp_path, audio, reason):
    clips = [one.model_copy(update={"emotion": "anger"}) for one in balanced.clips[:2]]
    jsonl.write(tmp_path / "clips.jsonl", clips)
    annotator = speaking(truth, ["shouting out"], audio)
    made = construct_from_clips(
        tmp_path,
        tmp_path / "out",
        ConstructionRecipe(questions=Questions(shares="halves")),
        Team(annotator, (annotator,)),
    )
    dropped = list(jsonl.read(tmp_path / "out" / "dropped.jsonl", Dropped))
    assert ({one.reason for one in dropped if one.what == "side"} == {reason}) is (reason is not None)
    assert made.clips["useful"] == (0 if reason else 2)
    assert bool(made.questions) is (reason is None)


def test_a_side_without_a_supporting_cue_leaves_the_other_one_of_use(balanced, truth, tmp_path):
    clips = balanced.clips[:30]
    jsonl.write(tmp_path / "clips.jsonl", clips)
    deaf = Saying(
        truth, lambda prompt, reply: said() if prompt.audio and "picture" in prompt.text else reply.text
    )
    made = construct_from_clips(
        tmp_path,
        tmp_path / "out",
        ConstructionRecipe(questions=Questions(shares="halves")),
        Team(deaf, (truth,)),
    )
    assert made.dropped["describe"] == {"side: nothing can be heard": 30}
    assert set(made.pairs) == {"video"}
    assert {task.rpartition("_")[2] for task in made.questions} == {"video"}
    assert made.not_made["audio: audio without a supporting cue"] > 0
    inferences = jsonl.read(tmp_path / "out" / "stages" / "inferences.jsonl", Inference)
    assert all(one.emotion is None for one in inferences if one.modality == "audio")


KILLED = """
import os, sys
from pathlib import Path
from avere.annotate.describe import describe_clips
from avere.models import scripted_annotator
from avere.records import Clip, jsonl
from tests.annotate.annotation import Counting, work
place = Path(sys.argv[1])
truth = scripted_annotator.load(f"scripted_annotator:{place}")
class Deadly(Counting):
    def respond(self, prompts, **how):
        for number, reply in enumerate(self.inner.respond(prompts, **how)):
            if number == 7:
                os.kill(os.getpid(), 9)
            yield reply
describe_clips(lambda: jsonl.read(place / "clips.jsonl", Clip), Deadly(truth), work(place / "stages"))
"""


def test_a_kill_in_the_middle_loses_no_answer_and_asks_none_twice(balanced, tmp_path):
    clips = balanced.clips[:8]
    ids = {clip.id for clip in clips}
    jsonl.write(tmp_path / "clips.jsonl", (clip.moved(lambda path: tmp_path / path) for clip in clips))
    jsonl.write(tmp_path / "cues.jsonl", (one for one in balanced.cues if one.clip in ids))
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path], env=environment, check=False, timeout=600)
    assert done.returncode == -signal.SIGKILL
    journal = tmp_path / "stages" / "describe.journal.jsonl"
    assert journal.read_bytes().count(b"\n") == 7
    journal.write_bytes(journal.read_bytes()[:-30])
    counting = Counting(scripted_annotator.load(f"scripted_annotator:{tmp_path}"))
    found = described(tmp_path / "stages", list(jsonl.read(tmp_path / "clips.jsonl", Clip)), counting)
    assert len(counting.asked) == 16 - 6
    assert all(one.sightings for one in found)


def test_what_a_service_left_open_is_asked_again_and_nothing_else(balanced, truth, tmp_path):
    broke = Reply(index=0, text="", status="failed", reason="the budget is spent")
    short = Saying(truth, lambda prompt, reply: broke if prompt.audio else reply.text)
    with pytest.raises(
        AvereError, match="left 3 questions of stage 'describe' unanswered, the first because: the"
    ):
        described(tmp_path, balanced.clips[:3], short)
    rich = Saying(truth, lambda _, reply: reply.text)
    assert all(one.sightings for one in described(tmp_path, balanced.clips[:3], rich))
    assert len(rich.asked) == 3
