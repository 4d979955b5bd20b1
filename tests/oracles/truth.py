"""Whether an answer in sentences is true of given media: the check behind every corrupted input."""

from collections.abc import Iterable, Mapping

from tests.oracles import readback

from avere.construct.facts import MODALITIES, ClipFacts, ModalityFacts
from avere.construct.language import YES_NO
from avere.errors import AvereError
from avere.records import Modality, PreferencePair

Sides = Mapping[Modality, ModalityFacts | None]
"""What each medium conveys; None where nothing is left of it."""


def is_true(prompt: str, answer: str, sides: Sides) -> bool:
    """Check that everything that an answer asserts holds: its yes or no, its emotions and its cues.

    Raises:
        AvereError: the answer is in no form that EmoWorld uses.
    """
    claims = readback.claims(answer)
    if not claims:
        raise AvereError(f"cannot check '{answer}': it is in none of the forms of avere.construct.language")
    return verdict_holds(prompt, answer, sides) is not False and all(_holds(claim, sides) for claim in claims)


def verdict_holds(prompt: str, answer: str, sides: Sides) -> bool | None:
    """Check that the yes or no of an answer is right; None where it says neither.

    Raises:
        AvereError: it says yes or no to something that is no question about a cue.
    """
    verdict, comma, _ = answer.partition(",")
    if not comma or verdict not in YES_NO:
        return None
    claim = readback.asked(prompt)
    if claim is None:
        raise AvereError(f"cannot check '{answer}': '{prompt}' is no question of avere.construct.language")
    return _holds(claim, sides) == (verdict == "Yes")


def under(pair: PreferencePair, corrupted: Iterable[Modality], facts: Mapping[str, ClipFacts]) -> Sides:
    """List the facts that the media of a pair convey once some of them are corrupted."""
    changed = set(corrupted)
    return {m: _side(pair, m, facts) if m in changed else facts[pair.clip].side(m) for m in MODALITIES}


def _side(pair: PreferencePair, modality: Modality, facts: Mapping[str, ClipFacts]) -> ModalityFacts | None:
    corruption = getattr(pair.corruption, modality)
    if corruption is None:
        return facts[pair.clip].side(modality)
    return facts[corruption.clip].side(modality) if corruption.clip is not None else None


def _holds(claim: readback.CueClaim, sides: Sides) -> bool:
    side = sides[claim.modality]
    return side is not None and side.emotion == claim.emotion and set(claim.cues) <= set(side.supporting)
