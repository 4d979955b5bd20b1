"""Two clips whose cues are known, prompts about them, and folders of samples that somebody wrote by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from avere.preference.online.prompts import PromptData, write_prompts
from avere.preference.online.sample import FILE
from avere.records import Clip, Cue, PolicySample, PreferencePair, Provenance, Shown, jsonl
from avere.world.cues import BY_NAME

MADE = Provenance(version="test")
CLIPS = {
    name: Clip(
        id=name, video=Path("media.mp4"), audio=Path("media.mp4"), source="emoworld", split="s",
        shown=Shown(audio=voice, video=face),
    )
    for name, face, voice in (
        ("c0", "happiness", "sadness"),
        ("c1", "sadness", "happiness"),
    )
}  # fmt: skip


def make_cue(clip: str, name: str, bearer: Any = "person") -> Cue:
    kind = BY_NAME[name]
    return Cue(
        clip=clip, modality=kind.modality, name=name, text=kind.wordings[0], present=True,
        evidence_of=kind.emotion, bearer=bearer,
    )  # fmt: skip


CUES = (
    make_cue("c0", "smile"),
    make_cue("c0", "rosy"),
    make_cue("c0", "wide", "other"),
    make_cue("c0", "shirt-red"),
    make_cue("c0", "sob"),
    make_cue("c1", "tears"),
    make_cue("c1", "crinkle", "other"),
    make_cue("c1", "laughter"),
    make_cue("c1", "ambient-rain"),
)


def make_prompt(clip: str, target: Any, prompt: str, chosen: str, **changes: Any) -> PreferencePair:
    given = {"id": f"{clip}/{target}", "clip": clip, "target": target, "prompt": prompt, "chosen": chosen}
    return PreferencePair(**{**given, "made_by": MADE, **changes})


FACE_PROMPT = make_prompt(
    "c0", "video", "What in the face shows it?", "The face looks happy because of the broad smile.",
    spurious="The face looks happy because of the red shirt.",
    hallucinated="The face looks happy because of the crinkled eyes.",
)  # fmt: skip
VOICE_PROMPT = make_prompt(
    "c1", "audio", "What in the voice shows it?", "The voice sounds happy because of the ringing laughter."
)
ASKED_PROMPT = make_prompt(
    "c0", "video", "Does the face look happy because of the crinkled eyes?",
    "No, the face looks happy because of the broad smile.", id="c0/yes_no_video",
)  # fmt: skip


def furnish(
    folder: Path, pairs: Sequence[PreferencePair], clips: Mapping[str, Clip], cues: Sequence[Cue]
) -> Path:
    """Write a data folder with one file for all media."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "media.mp4").write_bytes(b"a clip")
    moved = [clip.moved(lambda path: folder / path) for clip in clips.values()]
    jsonl.write(folder / "pairs.jsonl", pairs)
    jsonl.write(folder / "clips.jsonl", moved)
    jsonl.write(folder / "cues.jsonl", cues)
    return folder


def write_samples(folder: Path, said: Mapping[str, Sequence[str]], pairs: Sequence[PreferencePair]) -> Path:
    """Write what a policy said to each prompt; a text that ends in an ellipsis was cut off."""
    write_prompts(PromptData(tuple(pairs), CLIPS, CUES), folder)
    jsonl.write(
        folder / FILE,
        (
            PolicySample(
                key=f"{prompt}#{number}", prompt=prompt, number=number, reply=text, log_prob=-2.0 - number,
                tokens=9, ended=not text.endswith("…"), made_by=Provenance(model="p", seed=0, version="test"),
            )
            for prompt, texts in said.items()
            for number, text in enumerate(texts)
        ),
    )  # fmt: skip
    return folder
