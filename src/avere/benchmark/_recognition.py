"""Asking which emotion of a fixed set a clip shows, and parsing the label that is said."""

from collections.abc import Iterable, Iterator, Sequence

from avere import __version__, prompts
from avere.answers import emotions
from avere.answers.strict import ParsedChoice
from avere.benchmark._media import media_fields
from avere.benchmark._parsers import Mark
from avere.benchmark.compat import emotion_label
from avere.interfaces import Prompt
from avere.records import Clip, Provenance, Question, Target

FAMILY = "recognition"
TASK = "emotion"
PROMPT = "recognition"


def questions(clips: Iterable[Clip], labels: Sequence[str], kind: str | None = None) -> Iterator[Question]:
    """Yield a question for each clip whose emotion is one of the labels; ``kind`` names its fold."""
    for clip in clips:
        if clip.emotion is not None and clip.emotion in labels:
            yield question(clip, labels, clip.emotion, kind)


def question(clip: Clip, labels: Sequence[str], label: str, kind: str | None = None) -> Question:
    """Make the question about a clip whose right label is known."""
    target: Target = "audiovisual"
    if clip.audio is None or clip.video is None:
        target = "audio" if clip.video is None else "video"
    return Question(
        id=clip.id,
        clip=clip.id,
        task=TASK,
        kind=kind,
        text=_words(labels),
        choices=tuple(labels),
        answer=list(labels).index(label),
        target=target,
        made_by=Provenance(version=__version__),
    )


def prompt(question: Question, clip: Clip) -> Prompt:
    """Word the question, its choices in their order, with both media of its clip."""
    return Prompt(text=_words(question.choices), **media_fields(clip))


def template(question: Question) -> str:
    """Name the template that ``prompt`` fills."""
    del question
    return PROMPT


def options(question: Question) -> tuple[str, ...]:
    """List the responses whose log-probabilities answer a question: its labels."""
    return question.choices


def parse(question: Question, reply: str, how: str = "strict") -> ParsedChoice:
    """Parse a reply that is a label: the label alone, or (lenient) the only one in free words."""
    label, reason = emotions.parse(reply, question.choices, "lenient" if how == "lenient" else "strict")
    return ParsedChoice(None if label is None else question.choices.index(label), reason)


def published(question: Question, reply: str) -> Mark:
    """Mark what the script published with AVERE makes of a reply; None where it raises and drops it.

    Raises:
        AvereError: it does not know one of the labels.
    """
    label = emotion_label(reply, question.choices)
    if label is None:
        return Mark(None, None, "the published script drops this reply")
    choice = question.choices.index(label)
    return Mark(choice == question.answer, choice, None)


def _words(labels: Sequence[str]) -> str:
    """Write the words of the question."""
    return prompts.render(PROMPT, choices=", ".join(labels))
