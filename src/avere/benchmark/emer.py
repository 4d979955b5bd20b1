"""EMER: a description of an emotion and its clues, scored by a judge against one that people wrote.

The references are OV-MERD's (MER2025, track 3), as AVERE takes them (arXiv 2602.07054): a folder with
``track3_train_ovmerd.csv`` and the clips as `avere.corpora.mer2025` reads them. Published scores come from
other judges and prompts; scores are comparable only under the same judge and the same prompt, and both are
stored with every judgement.
"""

from collections.abc import Iterator
from pathlib import Path

from avere import __version__, prompts
from avere.answers.ratings import NAMES
from avere.benchmark._media import media_fields
from avere.benchmark._tallies import Tallies, Tally
from avere.corpora import mer2025
from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.records import Clip, Prediction, Provenance, Question, Rating, jsonl
from avere.settings import Settings

FAMILY = "judged"
PROMPT = "emotion_in_detail"
JUDGE, REPAIR = "emer_judge", "emer_repair"
"""Prompts of the judge."""
JUDGEMENTS = "judgements.jsonl"
REASON = "reason_ovmerd"
"""The attribute of a clip that holds its reference."""


class Config(Settings):
    """What a recipe may say of the data."""

    prepared: bool = False
    """Media at 24 frames a second and 16 kHz, as the published preparation writes them."""


def clips(path: Path, config: Config | None = None) -> Iterator[Clip]:
    """Yield the clips that OV-MERD describes."""
    prepared = (config or Config()).prepared
    yield from mer2025.clips(path, track=3, subset="ovmerd", prepared=prepared)


def questions(path: Path, config: Config | None = None) -> Iterator[Question]:
    """Yield a question a clip; its reference is the description that people wrote.

    Raises:
        AvereError: a clip has none.
    """
    for clip in clips(path, config):
        if not clip.attributes.get(REASON, "").strip():
            raise AvereError(f"clip '{clip.id}' of '{path}' has no reason to compare with; mend the table")
        yield Question(
            id=clip.id,
            clip=clip.id,
            task="description",
            text=prompts.render(PROMPT),
            references=(clip.attributes[REASON].strip(),),
            target="audiovisual",
            made_by=Provenance(version=__version__),
        )


def prompt(question: Question, clip: Clip) -> Prompt:
    """Word the question with both media of its clip."""
    return Prompt(text=question.text, **media_fields(clip))


def template(question: Question) -> str:
    """Name the template that ``prompt`` fills."""
    del question
    return PROMPT


def options(question: Question) -> tuple[str, ...]:
    """List no options: the question is open."""
    del question
    return ()


def judging(question: Question, prediction: Prediction) -> Prompt:
    """Word what a judge is asked of a description; it gets words alone."""
    reference = "\n".join(question.references)
    return Prompt(text=prompts.render(JUDGE, reference=reference, description=prediction.reply.strip()))


def tallies(out: Path) -> Tallies:
    """Make what looks up the judgements of a run folder; a description without one counts 0 in every score.

    Raises:
        RecordError: a line of the judgements is wrong.
    """
    path = out / JUDGEMENTS
    judged = {one.key: one for one in jsonl.read(path, Rating)} if path.exists() else {}
    nothing = dict.fromkeys((*NAMES, "judged"), 0.0)

    def tally(question: Question, prediction: Prediction | None) -> Tally:
        del question
        found = judged.get(prediction.key) if prediction else None
        if found is None:
            return Tally(None, nothing, "not judged, see `avere judge`")
        if not found.scores:
            return Tally(None, nothing, f"the judge: {found.reason}")
        scores = {name: found.scores[name] for name in NAMES}
        return Tally(sum(scores.values()) / len(scores), scores | {"judged": 1.0})

    return tally
