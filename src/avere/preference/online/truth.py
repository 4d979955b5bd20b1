"""What is known of a prompt, so that an answer to it can be rewarded without a judge."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from avere.answers import claims, descriptions
from avere.answers._sentences import take_answer
from avere.records import Claim, Clip, Cue, Modality, PreferencePair, Record, Target
from avere.world.cues import EMOTIONS

Verdict = Literal["yes", "no"]
ANSWER_TAG = re.compile(r"</?answer>", re.IGNORECASE)
VERDICT = re.compile(r"\W*(yes|no)\b", re.IGNORECASE)


class Truth(Record):
    """All that a reward may look at besides the answer."""

    prompt: str
    """The words that were asked."""
    target: Target
    cues: tuple[Cue, ...] = ()
    """Of the clip, true and absent ones; none where they are not known."""
    asks_cues: bool = False
    """Whether a good answer names cues as evidence."""
    verdict: Verdict | None = None
    """With what a right answer opens; None where nothing is asked that yes or no answers."""
    emotion: str | None = None
    """What the clip shows in the medium that is asked about; None where not known, or not one emotion."""
    emotions: tuple[str, ...] = EMOTIONS
    """All labels that an answer may name."""
    words: tuple[str, ...] = ()
    """Right emotion words of an open vocabulary."""
    reference: str = ""
    """A good answer, for its length and form."""


class PolicyAnswer(NamedTuple):
    """What a policy said, and where a judge read it, what the judge says that it claims."""

    text: str
    claims: tuple[Claim, ...] | None = None
    """None: the exact parser of EmoWorld reads the text."""


class CueCounts(NamedTuple):
    """What the facts that an answer names are to the clip, each counted once."""

    named: float
    supporting: float
    displaced: float
    spurious: float
    hallucinated: float
    wrong_modality: float
    recallable: float
    """Cues that a complete answer would name."""

    @property
    def faults(self) -> float:
        """Facts that are no evidence of the person's expression."""
        return self.named - self.supporting


Side = Literal["target", "audio", "video"]
"""Whose cues count: those of what the prompt is about, or of one modality alone."""


def know_prompt(pair: PreferencePair, clip: Clip, cues: Iterable[Cue]) -> Truth:
    """Gather what is known of a pair's prompt: its chosen answer is right, and its clip's cues are true."""
    known = tuple(cues)
    return Truth(
        prompt=pair.prompt,
        target=pair.target,
        cues=known,
        asks_cues=bool(known) and bool(descriptions.parse(pair.chosen).named),
        verdict=find_verdict(pair.chosen),
        emotion=_shown(clip, pair.target),
        reference=pair.chosen,
    )


def know_prompts(
    pairs: Iterable[PreferencePair], clips: Mapping[str, Clip], cues: Iterable[Cue]
) -> dict[str, Truth]:
    """Gather what is known of the prompts of pairs, by the ids of the pairs."""
    by_clip: dict[str, list[Cue]] = {}
    for cue in cues:
        by_clip.setdefault(cue.clip, []).append(cue)
    return {pair.id: know_prompt(pair, clips[pair.clip], by_clip.get(pair.clip, ())) for pair in pairs}


def find_verdict(text: str) -> Verdict | None:
    """Find with which verdict a text opens; None where with none, or where it takes the verdict back.

    Reasoning in tags is passed over.

    >>> find_verdict("No, the face looks sad."), find_verdict("The face looks sad."), find_verdict("Yes. No.")
    ('no', None, None)
    >>> find_verdict("<think>Is it a smile? No.</think><answer>Yes.</answer>")
    'yes'
    """
    text = ANSWER_TAG.sub("", take_answer(text) or "")
    first = VERDICT.match(text)
    if first is None:
        return None
    other = "no" if first[1].lower() == "yes" else "yes"
    if re.search(rf"[.,;:!?\n]\s*{other}\s*(?:$|[.,;:!?\n])", text, re.IGNORECASE):
        return None
    return "yes" if other == "no" else "no"


def is_evasion(text: str, truth: Truth) -> bool:
    """True where a text says neither yes nor no, or both, and one of them is asked for."""
    return truth.verdict is not None and find_verdict(text) is None


def count_cues(answer: PolicyAnswer, truth: Truth, of: Side = "target") -> CueCounts | None:
    """Count what an answer's facts are; None where the prompt asks for no cues of that side.

    Under ``target``, a fact of a modality that the prompt is not about is ``wrong_modality``.
    """
    asked: tuple[Modality, ...] = ("video", "audio") if truth.target == "audiovisual" else (truth.target,)
    aims = asked if of == "target" else tuple(each for each in asked if each == of)
    if not truth.asks_cues or not aims:
        return None
    strict = of == "target" and len(asked) == 1
    each = [_tally(answer, truth, modality) for modality in aims]
    total = {name: sum(one[name] for one in each) for name in each[0]}
    wrong = total["wrong_modality"] if strict else 0.0
    return CueCounts(
        named=total["named"] - total["wrong_modality"] + wrong,
        supporting=total["supporting"],
        displaced=total["displaced"],
        spurious=total["spurious"],
        hallucinated=total["hallucinated"],
        wrong_modality=wrong,
        recallable=total["recallable"],
    )


def _tally(answer: PolicyAnswer, truth: Truth, modality: Modality) -> dict[str, float]:
    if answer.claims is None:
        return descriptions.tally(answer.text, truth.cues, modality)
    return claims.tally(answer.claims, truth.cues, modality)


def _shown(clip: Clip, target: Target) -> str | None:
    """Find the one emotion that a clip shows in what is asked about."""
    if target != "audiovisual":
        return getattr(clip.shown, target) or clip.emotion
    shown = {clip.shown.audio, clip.shown.video}
    return shown.pop() if len(shown) == 1 else None
