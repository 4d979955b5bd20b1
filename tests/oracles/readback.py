"""What EmoWorld's questions and answers claim, read back from their words."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from avere.construct.language import CONFIRM, STRESS
from avere.records import Modality
from avere.world.cues import ADJECTIVES, BY_NAME, PART

_EMOTION_OF = {adjective: emotion for emotion, adjective in ADJECTIVES.items()}
_CUE_OF = {wording: kind.name for kind in BY_NAME.values() for wording in kind.wordings}
_CLAIM = re.compile(
    r"\bthe (face|voice) (?:looks|sounds) (\w+) because of "
    r"(the \w+ \w+(?: and the (?!face |voice )\w+ \w+)*)",
    re.IGNORECASE,
)


class CueClaim(NamedTuple):
    """What one clause of an answer asserts: this part of the person shows this emotion by these cues."""

    modality: Modality
    emotion: str
    cues: tuple[str, ...]
    """Names; a cue that no wording of the world names is kept as it was written."""


def asked(question: str) -> CueClaim | None:
    """Read back what a yes/no question about a cue asks; None where it is in no known form.

    >>> asked("Does the face look happy because of the broad smile?")
    CueClaim(modality='video', emotion='happiness', cues=('smile',))
    """
    for pattern in _questions():
        if found := pattern.fullmatch(question):
            return _claim(found["part"], found["emotion"], [found["cue"]])
    return None


def claims(answer: str) -> tuple[CueClaim, ...]:
    """Read back what an answer in sentences asserts; empty where it is in no known form.

    >>> claims("The face looks sad because of the wet tears and the red shirt.")
    (CueClaim(modality='video', emotion='sadness', cues=('tears', 'shirt-red')),)
    """
    return tuple(
        _claim(part, adjective, [reason.removeprefix("the ") for reason in reasons.lower().split(" and ")])
        for part, adjective, reasons in _CLAIM.findall(answer)
    )


def _claim(part: str, adjective: str, wordings: Sequence[str]) -> CueClaim:
    modality: Modality = "video" if part.lower() == PART["video"] else "audio"
    names = tuple(_CUE_OF.get(wording, wording) for wording in wordings)
    return CueClaim(modality, _EMOTION_OF.get(adjective.lower(), adjective), names)


@cache
def _questions() -> tuple[re.Pattern[str], ...]:
    """Return the expressions that yes/no questions match."""
    places = {
        "part": "(?P<part>face|voice)",
        "look": "(?:look|sound)",
        "looks": "(?:looks|sounds)",
        "emotion": r"(?P<emotion>\w+)",
        "cue": r"(?P<cue>\w+ \w+)",
    }
    templates = (*STRESS, *CONFIRM)
    return tuple(re.compile(template.replace("?", r"\?").format(**places)) for template in templates)
