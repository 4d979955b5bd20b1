"""Annotators that know EmoWorld: one tells the truth in the JSON that the stages ask for, one errs."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from avere.asking.clips import ask_clip
from avere.construct.lexicon import MODALITIES, name_cue
from avere.errors import AvereError
from avere.interfaces import ModelAbilities, Prompt, Reply
from avere.models._noise import Errors, Perceived, Senses, perceive_with_errors
from avere.records import Clip, Cue, MediaTokens, Modality, jsonl
from avere.world.cues import BY_NAME

ABILITIES = ModelAbilities("scripted_annotator:FOLDER", ("video", "audio"))
PREFIX = "scripted_annotator:"
ENTRY = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
WHOSE = re.compile(r"^(.*) \((the main person's|somebody else's|a plain fact)\)$")

SETTINGS = {"errors", "shared", "seed", "second"}


class Annotator:
    """A Responder that answers the stages of construction from the known cues of clips."""

    def __init__(self, perceived: Senses, name: str) -> None:
        """Take what is perceived in the medium of each file name without ending, by modality."""
        self._perceived = perceived
        self.name = name
        told = json.dumps(sorted((*key, sorted(found.items())) for key, found in perceived.items()))
        self.fingerprint = hashlib.sha256(f"{name}:{told}".encode()).hexdigest()

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[Reply]:
        """Answer each prompt in the form of its stage, told by the schema; nothing is known without one."""
        del seed
        kind = (schema or {}).get("title")
        for index, prompt in enumerate(prompts):
            tokens = MediaTokens(audio=int(prompt.audio is not None), video=int(prompt.video is not None))
            text = " ".join(self._answer(prompt, kind).split()[:max_tokens])
            yield Reply(index=index, text=text, media_tokens=tokens, seconds=0.0)

    def ask(self, clip: Clip | Path | str, text: str, max_tokens: int = 128) -> str:
        """Answer a question about a clip: with nothing, for only the stages' own forms are known."""
        return ask_clip(self, clip, text, max_tokens).text

    def _answer(self, prompt: Prompt, kind: object) -> str:
        if kind == "InferenceSaid":
            return json.dumps(_inference(prompt.text))
        found = self._sees(prompt)
        if kind == "DescriptionSaid":
            return json.dumps(_description(found))
        if kind == "ConfirmationSaid":
            return json.dumps(_confirmation(prompt, found))
        return "I cannot tell."

    def _sees(self, prompt: Prompt) -> Perceived:
        modality: Modality = "video" if prompt.video is not None else "audio"
        medium = prompt.video or prompt.audio
        return self._perceived.get((medium.path.stem, modality), {}) if medium is not None else {}


def truth(clips: Iterable[Clip], cues: Iterable[Cue]) -> Senses:
    """Return everything that is there, by the name of the file and the modality."""
    here: defaultdict[tuple[str, Modality], dict[str, str]] = defaultdict(dict)
    for cue in cues:
        if cue.present:
            whose = "other" if cue.bearer == "other" else "person" if cue.evidence_of else "scene"
            here[cue.clip, cue.modality][cue.name] = whose
    paths = ((clip.id, modality, getattr(clip, modality)) for clip in clips for modality in MODALITIES)
    return {(path.stem, m): here[clip, m] for clip, m, path in paths if path is not None}


def handles(source: str) -> bool:
    """True where a source is a folder of EmoWorld behind this module's name."""
    return source.startswith(PREFIX)


def load(source: str, **options: object) -> Annotator:
    """Return the annotator of ``scripted_annotator:FOLDER``, where FOLDER holds known clips and cues.

    ``?errors=0.1&seed=0`` after the folder makes it err on a tenth of the cues; with ``&second=1`` it is the
    annotator who checks, and ``&shared=0.5`` lets it do as the first one on half of the cues, right or wrong.

    Raises:
        AvereError: no such folder, or a setting that is none.
    """
    del options
    folder, _, query = source.removeprefix(PREFIX).partition("?")
    given = dict(parse_qsl(query))
    if unknown := given.keys() - SETTINGS:
        raise AvereError(f"'{source}': {', '.join(sorted(unknown))} is none of {', '.join(sorted(SETTINGS))}")
    try:
        errors = Errors(
            rate=float(given.get("errors", 0)),
            shared=float(given.get("shared", 0)),
            seed=int(given.get("seed", 0)),
            second=given.get("second", "0") == "1",
        )
    except ValueError as error:
        raise AvereError(f"'{source}': {error}; write numbers, as in ?errors=0.1&seed=0") from error
    return make(
        jsonl.read(Path(folder) / "clips.jsonl", Clip),
        jsonl.read(Path(folder) / "cues.jsonl", Cue),
        errors,
        source,
    )


def make(clips: Iterable[Clip], cues: Iterable[Cue], errors: Errors, name: str) -> Annotator:
    """Return an annotator of clips whose cues are known."""
    known = list(clips)
    labels = {path.stem: str(c.emotion) for c in known for path in (c.video, c.audio) if path is not None}
    return Annotator(perceive_with_errors(truth(known, cues), labels, errors), name)


def example(folder: Path) -> Annotator:
    """Make the smallest instance, for tests of what every model must do."""
    del folder
    return Annotator({}, f"{PREFIX}nothing")


def _description(found: Perceived) -> dict[str, object]:
    cues = [
        {"cue": BY_NAME[name].wordings[0], "whose": whose, "start": None, "end": None}
        for name, whose in found.items()
    ]
    return {"cues": cues, "transcript": None}


def _inference(text: str) -> dict[str, object]:
    """Infer the emotion of a numbered list: that of most of the person's own entries."""
    evidence, own = [], Counter[str]()
    for number, entry in ENTRY.findall(text):
        found = WHOSE.match(entry)
        kind = _kind(found[1]) if found else None
        emotion = BY_NAME[kind].emotion if kind else None
        evidence.append({"cue": int(number), "emotion": emotion})
        if found and emotion and found[2] == "the main person's":
            own[emotion] += 1
    return {"emotion": own.most_common(1)[0][0] if own else None, "evidence": evidence}


def _confirmation(prompt: Prompt, found: Perceived) -> dict[str, object]:
    verdicts = [
        {"cue": int(number), "answer": found.get(_kind(entry) or "", "absent")}
        for number, entry in ENTRY.findall(prompt.text)
    ]
    return {"verdicts": verdicts}


def _kind(text: str) -> str | None:
    """Return the kind of cue that a wording names, of either modality."""
    return next((found for m in MODALITIES if (found := name_cue(text, m)) in BY_NAME), None)
