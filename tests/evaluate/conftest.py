"""A small benchmark on disk and a model whose every answer is known."""

from pathlib import Path
from typing import Any

import pytest

from avere.errors import MediaError
from avere.interfaces import Reply
from avere.records import Clip, Cue, Provenance, Question, jsonl

MADE = Provenance(version="0")


class Fake:
    """Says yes, describes a smile, and counts what it is asked; media named in ``ill`` cannot be read."""

    def __init__(self, ill=(), fingerprint="f1"):
        self.name, self.fingerprint, self.ill = "fake", fingerprint, ill
        self.calls, self.seen = [], []

    def _check(self, prompt):
        if prompt.video is not None and prompt.video.path.stem in self.ill:
            raise MediaError(f"'{prompt.video.path}' cannot be read")

    def score(self, candidates):
        self.calls.append(len(candidates))
        for candidate in candidates:
            self._check(candidate.prompt)
            self.seen.append(candidate.prompt)
        return [-0.1 if candidate.response == "A" else -2.0 for candidate in candidates]

    def respond(self, prompts, *, max_tokens, seed, schema=None):
        del max_tokens, seed, schema
        prompts = list(prompts)
        for index, prompt in reversed(list(enumerate(prompts))):
            self._check(prompt)
            self.seen.append(prompt)
            text = "(B) No" if "(A)" in prompt.text else "The face looks happy because of the broad smile."
            yield Reply(index=index, text=text)


class Speaker(Fake):
    """A model that only speaks."""

    score: Any = None


@pytest.fixture
def fake():
    return Fake


@pytest.fixture
def speaker():
    return Speaker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "data"
    clips, questions, cues = [], [], []
    for index in range(3):
        name = f"c{index}"
        for suffix in ("mp4", "wav"):
            (home / "media").mkdir(parents=True, exist_ok=True)
            (home / "media" / f"{name}.{suffix}").write_bytes(f"{name}{suffix}".encode())
        video, audio = home / "media" / f"{name}.mp4", home / "media" / f"{name}.wav"
        clips.append(Clip(id=name, video=video, audio=audio, source="test"))
        cues.append(
            Cue(
                clip=name,
                modality="video",
                name="smile",
                text="broad smile",
                present=True,
                evidence_of="happiness",
            )
        )
        common: Any = {"clip": name, "made_by": MADE}
        questions += [
            Question(
                id=f"{name}/s",
                task="reasoning_stress_video",
                kind="supporting",
                text="Does it?",
                choices=("Yes", "No"),
                answer=0,
                target="video",
                **common,
            ),
            Question(
                id=f"{name}/d",
                task="reasoning_stress_video",
                kind="displaced",
                text="Is it?",
                choices=("Yes", "No"),
                answer=1,
                target="video",
                **common,
            ),
            Question(
                id=f"{name}/v", task="description_video", text="What shows it?", target="video", **common
            ),
        ]
    jsonl.write(home / "clips.jsonl", clips)
    jsonl.write(home / "cues.jsonl", cues)
    jsonl.write(home / "questions.jsonl", questions)
    return home
