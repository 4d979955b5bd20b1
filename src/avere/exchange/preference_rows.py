"""Preference rows as other trainers keep them, turned into our pairs and clips; every bad row is named."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, cast, get_args

from pydantic import ValidationError

from avere import __version__, media
from avere.construct.checking import RowFault, find_faults
from avere.errors import AvereError, RecordError
from avere.exchange import row_files
from avere.records import Clip, Corruption, Corruptions, Modality, PreferencePair, Provenance, Target, jsonl

Form = Literal["trl", "ms-swift", "published"]
Rejected = Literal["hallucinated", "spurious"]
PLACEHOLDER = re.compile(r"<(?:video|audio|image)>\s*")
NO_REPLACEMENT = "imported: no input is known that makes the chosen answer false"
MEDIA = ("video", "videos", "audio", "audios", "image", "images")


class ImportedPairs(NamedTuple):
    """What a file gave."""

    pairs: list[PreferencePair]
    clips: list[Clip]
    faults: list[RowFault]
    unused: Counter[str]
    """Columns that nothing is made of, and the number of rows that have them."""


class _RowTexts(NamedTuple):
    """The texts of a row."""

    prompt: str
    chosen: str
    rejected: str | None
    """None where the rejected side has the same answer over other media."""
    hallucinated: str | None = None
    """A second rejected answer; the first one is then spurious."""


class _About(NamedTuple):
    """What a row says beside its texts."""

    target: Target
    id: str | None = None
    replacements: Mapping[Modality, Clip] = MappingProxyType({})
    """Clips of one medium each, which make the chosen answer false."""


def read(file: Path, form: Form, rejected: Rejected = "hallucinated") -> ImportedPairs:
    """Read the pairs and clips of a file, the rows that make none, and the columns that were not used.

    Media paths start at the file's folder. A row about a video asks about the video, one about both media
    about both, unless it says more. A pair has a corrupted input only where its row names one (published, or
    other rejected media of ms-swift): else it is not known what would make the chosen answer false. A row
    that rejects nothing but media gives its replacements to the rows with the same prompt and answer.

    Args:
        file: JSON lines, or one JSON list.
        form: whose columns it has.
        rejected: what its rejected answers are.

    Raises:
        AvereError: the file cannot be read as rows at all.
    """
    words, used = FORMS[form]
    found = ImportedPairs([], [], [], Counter())
    clips: dict[str, Clip] = {}
    names: dict[str, int] = {}
    for line, row in row_files.read(file):
        try:
            if not isinstance(row, dict):
                raise RecordError("not a JSON object")
            clip = _clip(row, file)
            said = _checked(words(row))
            about = _about(row, clip, file, REPLACING[form]) if form in REPLACING else _About(_target(clip))
            name = about.id or f"{file.stem}-{line:06}"
            if name in names:
                raise RecordError(f"row {names[name]} has the id '{name}' too")
            digest = _short(json.dumps(row, sort_keys=True))
            pair = _pair(name, clip, said, about, rejected, digest)
        except ValidationError as error:
            found.faults.append(RowFault(line, jsonl.list_faults(error)))
            continue
        except (AvereError, OSError, ValueError) as error:
            found.faults.append(RowFault(line, " ".join(str(error).split())))
            continue
        for each in (clip, *about.replacements.values()):
            clips.setdefault(each.id, each)
        found.unused.update(row.keys() - {*used, *MEDIA})
        names[name] = line
        found.pairs.append(pair)
    found.clips.extend(clips.values())
    return found._replace(pairs=_joined(found.pairs))


def _joined(pairs: Sequence[PreferencePair]) -> list[PreferencePair]:
    """Give what modality preferences replace to the pairs with the same clip, prompt and chosen answer."""

    def key(pair: PreferencePair) -> tuple[str, ...]:
        return pair.clip, pair.prompt, pair.chosen

    def compares_answers(pair: PreferencePair) -> bool:
        return pair.spurious is not None or pair.hallucinated is not None

    answered = {key(pair) for pair in pairs if compares_answers(pair)}
    replaced = {key(pair): pair for pair in pairs if not compares_answers(pair)}
    return [
        pair.model_copy(update={"target": other.target, "corruption": other.corruption})
        if (other := replaced.get(key(pair))) is not None and compares_answers(pair)
        else pair
        for pair in pairs
        if compares_answers(pair) or key(pair) not in answered
    ]


def _pair(
    name: str, clip: Clip, said: _RowTexts, about: _About, rejected: Rejected, digest: str
) -> PreferencePair:
    """Make the pair of a row.

    Raises:
        RecordError: it cannot be trained on.
        ValidationError: a text is too long.
    """
    first: Rejected = rejected if said.hallucinated is None else "spurious"
    texts: dict[str, str | None] = {"hallucinated": said.hallucinated, first: said.rejected}
    pair = PreferencePair(
        id=name,
        clip=clip.id,
        target=about.target,
        prompt=said.prompt,
        chosen=said.chosen,
        spurious=texts.get("spurious"),
        hallucinated=texts["hallucinated"],
        corruption=_corruptions(about),
        made_by=Provenance(inputs=digest, version=__version__),
    )
    causes = "; ".join(find_faults(pair))
    if causes:
        raise RecordError(causes)
    return pair


def _trl(row: Mapping[str, Any]) -> _RowTexts:
    """Take the texts of a row of TRL's trainers, whose prompt may be the common start of both answers."""
    chosen, rejected, prompt = row.get("chosen"), row.get("rejected"), row.get("prompt")
    if prompt is None:
        if not isinstance(chosen, list) or not isinstance(rejected, list):
            raise RecordError("no prompt; only answers that are lists of messages can hold it themselves")
        if chosen[:-1] != rejected[:-1]:
            raise RecordError("no prompt, and the answers do not start with the same messages")
        prompt, chosen, rejected = chosen[:-1], chosen[-1:], rejected[-1:]
    return _RowTexts(_prompt(prompt), _answer("chosen", chosen), _answer("rejected", rejected))


def _swift(row: Mapping[str, Any]) -> _RowTexts:
    """Take the texts of a row of ms-swift, whose last message is the chosen answer."""
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        raise RecordError("messages: a list was expected")
    rejected = row.get("rejected_response")
    if rejected is None and isinstance(row.get("rejected_messages"), list):
        if row["rejected_messages"][:-1] != messages[:-1]:
            raise RecordError("rejected_messages: another conversation than that of the chosen answer")
        rejected = row["rejected_messages"][-1:]
    prompt, chosen = _prompt(messages[:-1]), _answer("messages", messages[-1:])
    if any(row.get(f"rejected_{name}") not in (None, [], row.get(name)) for name in ("videos", "audios")):
        answer = None if rejected is None else _answer("rejected_response", rejected)
        return _RowTexts(prompt, chosen, None if answer == chosen else answer)
    return _RowTexts(prompt, chosen, _answer("rejected_response", rejected))


def _published(row: Mapping[str, Any]) -> _RowTexts:
    """Take the texts of a row of the trainer published with AVERE."""
    return _trl(row)._replace(hallucinated=_answer("rejected_2", row.get("rejected_2")))


FORMS: Mapping[Form, tuple[Callable[[Mapping[str, Any]], _RowTexts], frozenset[str]]] = {
    "trl": (_trl, frozenset({"prompt", "chosen", "rejected"})),
    "ms-swift": (
        _swift,
        frozenset(
            {"id", "target"}
            | {"messages", "rejected_response", "rejected_messages", "rejected_videos", "rejected_audios"}
        ),
    ),
    "published": (
        _published,
        frozenset({"id", "target", "prompt", "chosen", "rejected", "rejected_2", "video_l", "audio_l"}),
    ),
}


REPLACING: Mapping[Form, str] = {"published": "{}_l", "ms-swift": "rejected_{}s"}
"""Columns of the media that make the chosen answer false."""


def _prompt(given: Any) -> str:
    """Take the words of a prompt: one turn of a user, after what a system said."""
    if isinstance(given, str):
        return _bare(given)
    if not isinstance(given, list):
        raise RecordError("prompt: a text or a list of messages was expected")
    turns = [(message.get("role"), _content(message)) for message in given if isinstance(message, dict)]
    roles = [role for role, _ in turns]
    if len(turns) != len(given) or roles not in (["user"], ["system", "user"]):
        raise RecordError(f"prompt: one turn of a user was expected, the roles are {roles}")
    return "\n\n".join(text for _, text in turns if text)


def _answer(name: str, given: Any) -> str:
    if isinstance(given, str):
        return given.strip()
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], dict):
        if given[0].get("role") == "assistant":
            return _content(given[0])
        raise RecordError(f"{name}: the last message is not the assistant's")
    raise RecordError(f"{name}: a text or one message was expected")


def _content(message: Mapping[str, Any]) -> str:
    """Take the words of a message, without its media."""
    content = message.get("content")
    if isinstance(content, str):
        return _bare(content)
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        return _bare(" ".join(str(part.get("text", "")) for part in content if part.get("type") == "text"))
    raise RecordError("a message without words: content must be a text or a list of parts")


def _bare(text: str) -> str:
    """Strip a text of the placeholders of media: the place of media is the model's business."""
    return PLACEHOLDER.sub("", text).strip()


def _checked(words: _RowTexts) -> _RowTexts:
    """Check that texts can be compared."""
    empty = [name for name, text in words._asdict().items() if text == ""]
    if empty:
        raise RecordError(f"{', '.join(empty)}: empty")
    if words.chosen in (words.rejected, words.hallucinated):
        raise RecordError("chosen and rejected answer are the same")
    return words


def _clip(row: Mapping[str, Any], file: Path) -> Clip:
    """Make the clip of a row, whose media can be read."""
    if row.get("images") or row.get("image"):
        raise RecordError("images: pictures are not read; give a video")
    video, audio = _medium(row, "video", file.parent), _medium(row, "audio", file.parent)
    first = video or audio
    if first is None:
        raise RecordError("neither a video nor an audio; this row is about no clip")
    name = f"{first.stem}-{_short(f'{video} {audio}')}"
    return Clip(id=name, video=video, audio=audio, source=file.name)


def _medium(row: Mapping[str, Any], modality: Modality, folder: Path) -> Path | None:
    """Find the file of a modality, if the row has one."""
    given = row.get(f"{modality}s", row.get(modality))
    every = given if isinstance(given, list) else [given] if given else []
    if not every:
        return None
    if len(every) > 1:
        raise RecordError(f"{modality}s: {len(every)} files, one was expected")
    told = every[0].get("path") if isinstance(every[0], dict) else every[0]
    if not isinstance(told, str) or "://" in told or any(sign < " " for sign in told):
        raise RecordError(f"{modality}s: the path of a file on this machine was expected")
    path = folder / told
    found = media.probe(path)
    if not (found.has_video if modality == "video" else found.has_audio):
        raise RecordError(f"{modality}s: '{path}' has no {modality}")
    return path


def _about(row: Mapping[str, Any], clip: Clip, file: Path, column: str) -> _About:
    """Read target, id and replacements of a row; ``column`` names those, which are files beside the real.

    Where a row does not name its target, it is what has a replacement, else both media.
    """
    named: dict[Modality, Any] = {m: row.get(column.format(m)) for m in get_args(Modality)}
    changed = [m for m in named if named[m] not in (None, [], row.get(m), row.get(f"{m}s"))]
    replacements = {m: _clip({m: named[m]}, file) for m in changed}
    target = row.get("target", changed[0] if len(changed) == 1 else _target(clip))
    if target not in get_args(Target):
        raise RecordError(f"target: '{target}' is none of {', '.join(get_args(Target))}")
    # The rows of ms-swift that came from one pair share its id.
    name = str(row["id"]) if row.get("id") and column == REPLACING["published"] else None
    return _About(cast(Target, target), name, replacements)


def _corruptions(about: _About) -> Corruptions:
    """Name the replacements, or the reason for none."""
    found = {m: Corruption(kind="clip", clip=clip.id) for m, clip in about.replacements.items()}
    aimed = get_args(Modality) if about.target == "audiovisual" else (about.target,)
    reason = None if set(aimed) <= set(found) else NO_REPLACEMENT
    return Corruptions(audio=found.get("audio"), video=found.get("video"), reason=reason)


def _target(clip: Clip) -> Target:
    if clip.video is not None and clip.audio is not None:
        return "audiovisual"
    return "audio" if clip.video is None else "video"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
