"""Why an answer is a bad one: what it names that is not there, and what it takes for evidence that is none.

These are the two rejected answers of AVEm-DPO: hallucinated (emotion-relevant, not there) and spurious
(there, but no evidence of this person's expression).
"""

from typing import Literal, NamedTuple

from avere.answers import descriptions
from avere.answers.descriptions import NamedFact
from avere.preference.online.truth import PolicyAnswer, Truth, find_verdict
from avere.records import Modality

FaultKind = Literal["spurious", "hallucinated"]


class AnswerFault(NamedTuple):
    """One thing that is wrong with an answer."""

    kind: FaultKind
    reason: str


def list_faults(answer: PolicyAnswer, truth: Truth) -> tuple[AnswerFault, ...]:
    """List what an answer gives as evidence that is none; nothing where the cues are not known.

    A suggestion that is wrongly affirmed counts as if the answer named it.
    """
    if not truth.cues:
        return ()
    facts = list(_named(answer, truth))
    if truth.verdict == "no" and find_verdict(answer.text) == "yes":
        facts += [fact for fact in descriptions.parse(truth.prompt).named if fact not in facts]
    found = (_judge(fact, truth) for fact in facts)
    return tuple(fault for fault in found if fault is not None)


def _named(answer: PolicyAnswer, truth: Truth) -> list[NamedFact]:
    if answer.claims is None:
        return list(descriptions.parse(answer.text).named)
    known = {(cue.modality, cue.name): cue for cue in truth.cues}
    facts = []
    for claim in answer.claims:
        if claim.verdict in descriptions.VERDICTS:
            cue = known.get((claim.modality, claim.cue or ""))
            expressive = cue is None or cue.evidence_of is not None
            facts.append(NamedFact(claim.cue or claim.text, claim.modality, expressive))
    return facts


def _judge(fact: NamedFact, truth: Truth) -> AnswerFault | None:
    """Say what is wrong with a fact as evidence; None where nothing is."""
    aim: Modality = fact.modality if truth.target == "audiovisual" else truth.target
    match descriptions.judge(fact, truth.cues, fact.modality):
        case "hallucinated":
            return AnswerFault("hallucinated", f"'{fact.name}' is not there")
        case "displaced":
            return AnswerFault("spurious", f"'{fact.name}' is somebody else's")
        case "spurious":
            return AnswerFault("spurious", f"'{fact.name}' is evidence of nothing")
        case _ if fact.modality != aim:
            return AnswerFault("spurious", f"'{fact.name}' is no {aim}")
        case _:
            return None
