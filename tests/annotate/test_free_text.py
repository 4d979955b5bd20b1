"""Clips whose cues are in no catalogue: distractors come from the corpus, and the words are kept."""

import json

import numpy as np
import pytest

from avere.annotate.run import Team, construct_from_clips
from avere.construct.construction import Dropped
from avere.construct.recipe import ConstructionRecipe, Pairs, Questions
from avere.interfaces import Reply
from avere.records import Clip, Cue, PreferencePair, Question, Shown, jsonl

SIGNS = {
    ("anger", "video"): ("clenched fists", "narrowed glaring eyes", "jutting chin", "red blotched neck"),
    ("anger", "audio"): ("raised voice", "clipped hard consonants", "table being struck"),
    ("joy", "video"): ("bouncing on toes", "wide open arms", "beaming grin", "clapping hands"),
    ("joy", "audio"): ("giggling", "high quick speech", "whooping"),
    ("contempt", "video"): ("one-sided lip curl", "rolled eyes", "turned away head", "raised single eyebrow"),
    ("contempt", "audio"): ("slow dragging vowels", "short scoffing breath", "flat nasal tone"),
}
SCENES = {"video": ("grey office chair", "denim jacket"), "audio": ("humming fridge", "distant traffic")}
EMOTIONS = ("anger", "joy", "contempt")
EVIDENCE = {text: emotion for (emotion, _), texts in SIGNS.items() for text in texts}


class Reporter:
    """Knows some free words about each clip."""

    name, fingerprint = "reporter", "r" * 64

    def __init__(self, clips):
        self.known = {
            (clip.id, modality): self.draw(clip, modality)
            for clip in clips
            for modality in ("video", "audio")
        }

    def draw(self, clip, modality):
        emotion = getattr(clip.shown, modality)
        random = np.random.default_rng([int(clip.id), len(modality), ord(modality[0])])
        own = random.choice(SIGNS[emotion, modality], size=2, replace=False)
        scene = random.choice(SCENES[modality], size=1)
        return {**{str(text): "person" for text in own}, **{str(text): "scene" for text in scene}}

    def respond(self, prompts, *, max_tokens, seed, schema=None):
        del max_tokens, seed
        for index, prompt in enumerate(prompts):
            yield Reply(index=index, text=json.dumps(self.answer(prompt, schema["title"])))

    def answer(self, prompt, title):
        listed = [line.partition(". ")[2] for line in prompt.text.splitlines() if line[:1].isdigit()]
        if title == "InferenceSaid":
            found = [EVIDENCE.get(entry.partition(" (")[0]) for entry in listed]
            evidence = [{"cue": n, "emotion": e} for n, e in enumerate(found, start=1)]
            return {"emotion": next(e for e in found if e), "evidence": evidence}
        medium, modality = (prompt.video, "video") if prompt.video else (prompt.audio, "audio")
        known = self.known[medium.path.stem, modality]
        if title == "DescriptionSaid":
            cues = [{"cue": f"The {t}", "whose": w, "start": 0, "end": 1} for t, w in known.items()]
            return {"cues": cues, "transcript": None}
        verdicts = enumerate((known.get(entry, "absent") for entry in listed), start=1)
        return {"verdicts": [{"cue": number, "answer": answer} for number, answer in verdicts]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("free")
    clips = [
        Clip(
            id=str(number),
            video=place / f"{number}.mp4",
            audio=place / f"{number}.wav",
            emotion=EMOTIONS[number % 3],
            shown=Shown(video=EMOTIONS[number % 3], audio=EMOTIONS[(number + number % 2) % 3]),
            attributes={"speaker": str(number % 5), "seconds": str(1 + number % 4)},
            source="free",
        )
        for number in range(60)
    ]
    jsonl.write(place / "clips.jsonl", clips)
    annotation = {"emotions": EMOTIONS, "absent": 4}
    recipe = ConstructionRecipe(
        annotation=annotation,
        questions=Questions(shares="halves", cross_modal=True, irrelevant=0.5),
        pairs=Pairs(yes_no=0.3),
    )
    reporter = Reporter(clips)
    told = construct_from_clips(place, place / "out", recipe, Team(reporter, (reporter,)))
    return reporter, told, place / "out"


def test_everything_that_is_known_is_found(made):
    reporter, told, out = made
    assert told.clips["useful"] == 60
    assert {cue.text for cue in jsonl.read(out / "cues.jsonl", Cue) if cue.present} == {
        text for found in reporter.known.values() for text in found
    }
    assert {
        one.reason for one in jsonl.read(out / "dropped.jsonl", Dropped) if one.stage == "confirm"
    } == set()


def test_wrong_options_are_absent_or_plain_and_words_are_of_any_person(made):
    reporter, told, out = made
    questions = list(jsonl.read(out / "questions.jsonl", Question))
    assert set(told.questions["reasoning_stress_video"]) == {
        "supporting",
        "hallucinated",
        "cross_modal",
        "plain",
    }
    for question in questions:
        assert not {"face", "{"} & set(question.text.split())
        if question.task.startswith("reasoning_basic"):
            known = reporter.known[question.clip, question.target]
            assert [known.get(text) == "person" for text in question.choices].index(True) == question.answer
            assert sum(known.get(text) == "person" for text in question.choices) == 1
    plain = [q for q in questions if any(text in SCENES["video"] for text in q.choices)]
    assert plain


def test_cross_modal_questions_are_about_what_the_other_modality_shows(made):
    reporter, _, out = made
    clips = {clip.id: clip for clip in jsonl.read(out / "clips.jsonl", Clip)}
    asked = [q for q in jsonl.read(out / "questions.jsonl", Question) if q.kind == "cross_modal"]
    assert asked
    for question in asked:
        other = "audio" if question.target == "video" else "video"
        assert question.cue is not None
        assert question.cue.evidence_of == getattr(clips[question.clip].shown, other)
        assert question.cue.text not in reporter.known[question.clip, question.target]
        assert (question.answer, question.cue.present) == (1, False)


def test_pairs_match_in_words_and_their_replacements_convey_something_else(made):
    _, _, out = made
    clips = {clip.id: clip for clip in jsonl.read(out / "clips.jsonl", Clip)}
    pairs = list(jsonl.read(out / "pairs.jsonl", PreferencePair))
    assert {pair.target for pair in pairs} == {"audio", "video", "audiovisual"}
    same = []
    for pair in pairs:
        lengths = [len(str(text).split()) for text in (pair.chosen, pair.spurious, pair.hallucinated)]
        assert max(lengths) <= 1.1 * min(lengths)
        for modality in ("audio", "video"):
            replacement = getattr(pair.corruption, modality)
            if replacement is None or "yes_no" in pair.id:
                continue
            own, other = clips[pair.clip], clips[replacement.clip]
            assert getattr(own.shown, modality) != getattr(other.shown, modality)
            same.append(own.attributes["speaker"] == other.attributes["speaker"])
    assert sum(same) > 0.9 * len(same)
    contempt = next(pair for pair in pairs if "contempt" in pair.chosen)
    assert "full of contempt because of the" in contempt.chosen
