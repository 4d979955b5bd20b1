"""A page of preference pairs or questions: prompts, answers side by side, media real and corrupted."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import jinja2

from avere.construct import language
from avere.errors import AvereError
from avere.records import Clip, MinedPair, Modality, PreferencePair, Question, jsonl
from avere.records.samples import MINED
from avere.report._media import Album, Lens, ShownMedia
from avere.report._media_gate import MediaGate

__all__ = ["Lens", "pairs_page", "questions_page", "write_pairs_page"]

log = logging.getLogger(__name__)

FOLDER = Path(__file__).with_name("templates")
LIMIT = 48_000_000
"""Most bytes of media in one page."""
MODALITIES: tuple[Modality, Modality] = ("video", "audio")


class PairAnswer(NamedTuple):
    """One answer of a card."""

    role: str
    text: str
    right: bool
    origin: str = ""
    """Where it came from, of answers that a policy gave itself."""


class PairCard(NamedTuple):
    """What is shown of one record."""

    id: str
    tags: tuple[str, ...]
    prompt: str
    answers: tuple[PairAnswer, ...]
    media: tuple[ShownMedia, ...]
    notes: tuple[str, ...]


def write_pairs_page(
    file: Path,
    clips: Path | None = None,
    *,
    first: int = 12,
    lens: Lens | None = None,
    media_roots: Sequence[Path] = (),
) -> str:
    """Write one self-contained HTML page of the first records of a file of pairs or questions.

    The clips are those of ``clips.jsonl`` beside the file unless another file is given. Media are shown that
    lie below its folder or one of ``media_roots``, or belong to other records of the same clips.

    Raises:
        RecordError: a file or line cannot be read.
        AvereError: a clip that a record names is missing.
    """
    if file.is_file() and not file.stat().st_size:
        raise AvereError(f"'{file}' holds no records; make some with avere construct")
    beside = clips or file.with_name("clips.jsonl")
    known = jsonl.read_by_id(beside, Clip)
    album = Album(lens or Lens(), LIMIT, MediaGate((beside.parent, *media_roots)))
    if _holds_pairs(file):
        mined = _read_mined(file.with_name(MINED))
        return pairs_page(list(jsonl.read(file, PreferencePair)), known, album, first=first, mined=mined)
    return questions_page(list(jsonl.read(file, Question)), known, album, first=first)


def _holds_pairs(file: Path) -> bool:
    """True where the first line is of a pair, not of a question."""
    if not file.is_file():
        raise AvereError(f"cannot read '{file}': no such file; give a pairs.jsonl or questions.jsonl")
    with file.open(encoding="utf-8") as lines:
        return '"chosen"' in next(lines, "")


def _read_mined(file: Path) -> dict[str, MinedPair]:
    """Read where the answers of pairs came from, where a policy gave them itself."""
    return {one.pair: one for one in jsonl.read(file, MinedPair)} if file.exists() else {}


def pairs_page(
    pairs: Sequence[PreferencePair],
    clips: Mapping[str, Clip],
    album: Album,
    *,
    first: int,
    mined: Mapping[str, MinedPair] | None = None,
) -> str:
    """Write one self-contained HTML page of the first pairs, with the counts of all.

    ``mined`` tells where answers came from that a policy gave itself.

    Raises:
        AvereError: a clip that a pair names is missing.
    """
    counts: dict[str, Counter[str]] = {
        "target": Counter(pair.target for pair in pairs),
        "corruption of the target": Counter(pair.corruption.reason or "valid" for pair in pairs),
    }
    cards = [_pair(pair, clips, album, (mined or {}).get(pair.id)) for pair in pairs[:first]]
    return _page("Preference pairs", len(pairs), counts, cards, album)


def questions_page(
    questions: Sequence[Question], clips: Mapping[str, Clip], album: Album, *, first: int
) -> str:
    """Write one self-contained HTML page of the first questions, with the counts of all.

    Raises:
        AvereError: a clip that a question names is missing.
    """
    counts = {
        "task": Counter(question.task for question in questions),
        "kind": Counter(question.kind or "none" for question in questions),
    }
    cards = [_question(question, clips, album) for question in questions[:first]]
    return _page("Questions", len(questions), counts, cards, album)


def _pair(
    pair: PreferencePair, clips: Mapping[str, Clip], album: Album, mined: MinedPair | None = None
) -> PairCard:
    clip = _clip(pair.id, pair.clip, clips)
    shown = [_real(modality, clip, album) for modality in MODALITIES]
    for modality in MODALITIES:
        corruption = getattr(pair.corruption, modality)
        if corruption is None:
            continue
        aimed = pair.target in (modality, "audiovisual")
        label = f"corrupted {modality}" if aimed else f"other {modality} (not asked about)"
        if corruption.kind == "clip":
            other = _clip(pair.id, str(corruption.clip), clips)
            shown.append(album.show(label, modality, other, None))
        else:
            shown.append(album.show(label, modality, clip, corruption))
    origins = _origins(mined)
    answers = [
        PairAnswer("chosen", pair.chosen, right=True, origin=origins.get("chosen", "")),
        *(
            PairAnswer(role, text, right=False, origin=origins.get(role, ""))
            for role in ("spurious", "hallucinated")
            if (text := getattr(pair, role))
        ),
    ]
    notes = (f"no corrupted input: {pair.corruption.reason}",) if pair.corruption.reason else ()
    return PairCard(pair.id, (pair.target, *_tags(clip)), pair.prompt, tuple(answers), tuple(shown), notes)


def _origins(mined: MinedPair | None) -> dict[str, str]:
    """Word where each answer of a pair came from; nothing of pairs that no policy gave."""
    if mined is None:
        return {}
    own = "the policy's own answer, reward {:.2f}"
    told: dict[str, str] = {
        one.kind: one.reason if one.reward is None else f"{own.format(one.reward)}: {one.reason}"
        for one in mined.rejects
    }
    return {"chosen": own.format(mined.reward), **told}


def _question(question: Question, clips: Mapping[str, Clip], album: Album) -> PairCard:
    clip = _clip(question.id, question.clip, clips)
    answers = [
        PairAnswer(language.letter_of(index), text, right=index == question.answer)
        for index, text in enumerate(question.choices)
    ]
    answers += [PairAnswer("reference", text, right=True) for text in question.references]
    tags = (question.task, *filter(None, (question.kind, question.wording)), *_tags(clip))
    notes: tuple[str, ...] = ()
    if question.cue is not None:
        cue = question.cue
        where = (
            "absent" if not cue.present else "the person's" if cue.bearer == "person" else "somebody else's"
        )
        notes = (
            f"cue asked about: {cue.text} ({cue.name}), {where}, evidence of {cue.evidence_of or 'nothing'}",
        )
    shown = tuple(_real(modality, clip, album) for modality in MODALITIES)
    return PairCard(question.id, tags, question.text, tuple(answers), shown, notes)


def _real(modality: Modality, clip: Clip, album: Album) -> ShownMedia:
    return album.show(f"real {modality}", modality, clip, None)


def _tags(clip: Clip) -> tuple[str, ...]:
    shown = (("face", clip.shown.video), ("voice", clip.shown.audio), ("label", clip.emotion))
    return tuple(f"{part}: {emotion}" for part, emotion in shown if emotion is not None)


def _clip(record: str, name: str, clips: Mapping[str, Clip]) -> Clip:
    if name not in clips:
        raise AvereError(f"record '{record}' names clip '{name}', which the clips file lacks; give --clips")
    return clips[name]


def _page(
    title: str, total: int, counts: Mapping[str, Counter[str]], cards: Sequence[PairCard], album: Album
) -> str:
    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.get_template("pairs.html.j2")
    if album.gate.left_out:
        told = "media that lie elsewhere and are left out of the page: %d; --media-root FOLDER lets them in"
        log.warning(told, len(album.gate.left_out))
    return template.render(
        title=title, total=total, counts=counts, cards=cards, left_out=len(album.gate.left_out)
    )
