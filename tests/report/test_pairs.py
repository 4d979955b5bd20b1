import base64
import re
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from avere import media
from avere.cli.main import build
from avere.errors import AvereError, RecordError
from avere.records import (
    Clip,
    Corruption,
    Corruptions,
    Cue,
    MinedPair,
    MinedReject,
    PreferencePair,
    Provenance,
    Question,
    Shown,
    jsonl,
)
from avere.report._media import Album, Lens, log_mel
from avere.report._media_gate import MediaGate
from avere.report.pairs import LIMIT, pairs_page, write_pairs_page

MADE = Provenance(version="test")
EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with two short clips, one pair a kind of corruption, and two questions."""
    path = tmp_path_factory.mktemp("pairs")
    random = np.random.default_rng(0)
    for name in ("one", "two"):
        wave = (0.1 * random.standard_normal(8000)).astype(np.float32)
        media.write_video(path / f"{name}.mp4", random.integers(0, 255, (6, 32, 32, 3), np.uint8), 12)
        media.write_sound(path / f"{name}.wav", wave, 16000)
    clips = [
        Clip(
            id=name,
            video=path / f"{name}.mp4",
            audio=path / f"{name}.wav",
            emotion="fear",
            shown=Shown(audio="fear", video="anger"),
            source="test",
        )
        for name in ("one", "two")
    ]
    jsonl.write(path / "clips.jsonl", clips)
    jsonl.write(path / "pairs.jsonl", [pair("clip"), pair("noise"), pair(None)])
    cue = Cue(
        clip="one", modality="audio", name="sob", text="broken sobs", present=False, evidence_of="sadness"
    )
    closed = Question(
        id="q1",
        clip="one",
        task="reasoning_stress_audio",
        kind="hallucinated",
        text="Sobs?",
        choices=("Yes", "No"),
        answer=1,
        target="audio",
        cue=cue,
        made_by=MADE,
    )
    free = closed.model_copy(
        update={"id": "q2", "choices": (), "answer": None, "cue": None, "references": ("laughter",)}
    )
    jsonl.write(path / "questions.jsonl", [closed, free])
    return path


def album(folder, lens=None, limit=LIMIT):
    return Album(lens or Lens(), limit, MediaGate([folder]))


def pair(kind):
    corruption = Corruptions(reason=f"none {EVIL}")
    if kind == "clip":
        corruption = Corruptions(audio=Corruption(kind="clip", clip="two"))
    elif kind:
        corruption = Corruptions(audio=Corruption(kind=kind), video=Corruption(kind=kind, level=0.5))
    return PreferencePair(
        id=f"pair-{kind}",
        clip="one",
        target="audio",
        prompt=f"Why? {EVIL}",
        chosen="The voice sounds afraid because of the shrill scream.",
        spurious="The voice sounds afraid because of the falling rain.",
        hallucinated=f"{EVIL} & more",
        corruption=corruption,
        made_by=MADE,
    )


def sources(html, kind):
    return [base64.b64decode(found) for found in re.findall(rf'src="data:{kind};base64,([^"]+)"', html)]


def test_pairs_show_real_and_corrupted_media_inside_the_page(folder):
    html = write_pairs_page(folder / "pairs.jsonl", lens=Lens(frames=4, size=(16, 20)))
    videos, sounds, pictures = (sources(html, kind) for kind in ("video/mp4", "audio/wav", "image/png"))
    assert (len(videos), len(sounds), len(pictures)) == (3 + 1, 3 + 2, 9)
    assert (folder / "one.mp4").read_bytes() in videos
    assert {(folder / f"{name}.wav").read_bytes() for name in ("one", "two")} < set(sounds)
    assert not re.findall(r'(?:src|href)="(?!data:)', html)
    assert "corrupted audio" in html
    assert "other video (not asked about)" in html


def test_everything_is_escaped(folder):
    html = write_pairs_page(folder / "pairs.jsonl")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 4
    assert "no corrupted input: none" in html


def test_a_policys_own_answers_say_so_and_why(folder, tmp_path):
    file = shutil.copytree(folder, tmp_path / "mined") / "pairs.jsonl"
    first = next(iter(jsonl.read(file, PreferencePair)))
    rejects = (
        MinedReject(kind="spurious", reason="of the prompt's own pair"),
        MinedReject(kind="hallucinated", sample="s#4", reward=0.273, reason=f"'crinkle' is not there {EVIL}"),
    )
    mined = MinedPair(pair=first.id, chosen="s#2", reward=1.0, rejects=rejects)
    jsonl.write(file.with_name("mined.jsonl"), [mined])
    html = write_pairs_page(file, first=1)
    origins = re.findall(r'<span class="origin">(.*?)</span>', html)
    assert origins[:2] == ["the policy&#39;s own answer, reward 1.00", "of the prompt&#39;s own pair"]
    assert origins[2].startswith(
        "the policy&#39;s own answer, reward 0.27: &#39;crinkle&#39; is not there &lt;"
    )
    assert "<script" not in html


def test_pictures_have_the_size_that_the_model_gets(folder, tmp_path):
    import cv2

    html = write_pairs_page(folder / "pairs.jsonl", first=1, lens=Lens(frames=4, size=(16, 20), seconds=0.25))
    pictures = [cv2.imdecode(np.frombuffer(png, np.uint8), 1) for png in sources(html, "image/png")]
    assert [picture.shape for picture in pictures if picture is not None] == [
        (16, 4 * 20, 3),
        (128, 25, 3),
        (128, 25, 3),
    ]


def test_frames_are_small_unless_a_size_is_given(tmp_path):
    """A film's frames in full would make ten pairs a page of 30 MB."""
    import cv2

    frames = np.random.default_rng(0).integers(0, 255, (2, 360, 640, 3), np.uint8)
    media.write_video(tmp_path / "film.mp4", frames, 12)
    album = Album(Lens(frames=2), LIMIT, MediaGate((tmp_path,)))
    shown = album.show("real video", "video", Clip(id="a", video=tmp_path / "film.mp4", source="x"), None)
    kind, _, content = (shown.seen or "").partition(";base64,")
    picture = np.asarray(cv2.imdecode(np.frombuffer(base64.b64decode(content), np.uint8), 1))
    assert (kind, picture.shape) == ("data:image/jpeg", (112, 2 * 199, 3))


def test_corrupted_media_play(folder, tmp_path):
    html = write_pairs_page(folder / "pairs.jsonl", lens=Lens(frames=4))
    for number, content in enumerate(sources(html, "video/mp4")):
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(content)
        assert media.frames(path, 2).shape == (2, 32, 32, 3)
    for number, content in enumerate(sources(html, "audio/wav")):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(content)
        assert media.sound(path).size == 8000


def test_a_page_stays_within_its_limit(folder):
    clips = {clip.id: clip for clip in jsonl.read(folder / "clips.jsonl", Clip)}
    html = pairs_page([pair("clip")] * 50, clips, album(folder, Lens(frames=2), 30_000), first=50)
    assert len(html) < 30_000 + 50 * 4_000
    assert "the page would grow too large" in html


def test_missing_media_are_said_not_dropped(folder):
    clips = {
        "one": Clip(id="one", source="test", video=folder / "gone.mp4"),
        "two": Clip(id="two", source="test"),
    }
    html = pairs_page([pair("clip")], clips, album(folder), first=1)
    assert "gone.mp4" in html
    assert "this clip has no audio" in html


def test_questions_show_choices_references_and_the_cue(folder):
    html = write_pairs_page(folder / "questions.jsonl")
    assert "cue asked about: broken sobs (sob), absent, evidence of sadness" in html
    assert re.search(r'class="answer right"><b>B ✓</b>No', html)
    assert re.search(r'class="answer right"><b>reference ✓</b>laughter', html)


def test_an_unknown_clip_or_file_is_named(folder, tmp_path):
    with pytest.raises(AvereError, match="record 'pair-clip' names clip 'one'"):
        pairs_page([pair("clip")], {}, album(folder), first=1)
    with pytest.raises(AvereError, match=r"gone\.jsonl"):
        write_pairs_page(folder / "gone.jsonl")
    (tmp_path / "clips.jsonl").write_text("")
    (tmp_path / "pairs.jsonl").write_text('{"chosen": 1}\n')
    with pytest.raises(RecordError, match=r"pairs\.jsonl:1"):
        write_pairs_page(tmp_path / "pairs.jsonl")


def test_log_mel_is_whispers():
    transformers = pytest.importorskip("transformers")
    wave = (0.1 * np.random.default_rng(1).standard_normal(16000)).astype(np.float32)
    wave += np.sin(np.arange(16000) * 0.3).astype(np.float32)
    extractor = transformers.WhisperFeatureExtractor(feature_size=128)
    theirs = extractor(wave, sampling_rate=16000, return_tensors="np")["input_features"][0][:, :100]
    ours = log_mel(wave)
    assert ours.shape == (128, 100)
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_the_verbs_make_and_show_data(tmp_path):
    from avere.world import plan

    plans = [plan.draw_plan(index, split="balanced", seed=0, identities=2) for index in range(24)]
    world, out = tmp_path / "world", tmp_path / "data"
    jsonl.write(world / "clips.jsonl", [plan.clip_of(one).moved(lambda path: world / path) for one in plans])
    jsonl.write(world / "cues.jsonl", [cue for one in plans for cue in plan.cues_of(one)])
    runner, app = CliRunner(), build(["construct", "data"])
    made = runner.invoke(app, ["construct", str(world), "--out", str(out), "--seed", "3"])
    assert made.exit_code == 0, made.output
    assert "reasoning_stress_audio displaced" in made.output
    assert "valid" in made.output
    assert "## Limits" in (out / "README.md").read_text(encoding="utf-8")
    (clip, *_) = jsonl.read(out / "clips.jsonl", Clip)
    assert clip.video == out / "../world/media/balanced-0-00000.mp4"
    shown = runner.invoke(app, ["data", "show", str(out / "pairs.jsonl"), "--html", str(out / "pairs.html")])
    assert shown.exit_code == 0, shown.output
    assert (out / "pairs.html").read_text(encoding="utf-8").count("<article>") == 12
