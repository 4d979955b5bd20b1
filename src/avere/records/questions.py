"""Questions of benchmarks and pairs for preference optimisation."""

from typing import Annotated

from pydantic import Field, model_validator

from avere.records._base import Record
from avere.records.clips import Corruption, Cue, Target

LONGEST_TEXT = 20_000
"""Characters, some 4,000 words: what models can take beside media, and twenty times what a question needs."""
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
"""Words that a model reads at once."""


class Provenance(Record):
    """Where a record came from, so that it can be made again."""

    recipe: str | None = None
    prompt: str | None = None
    """Digest of the prompt."""
    inputs: str | None = None
    """Digest of what it was made from."""
    model: str | None = None
    seed: int | None = None
    version: str


class Question(Record):
    """One question about one clip."""

    id: str
    clip: str
    task: str
    kind: str | None = None
    """Inside a task: ``supporting``, ``displaced``, ``hallucinated``, ``plain``."""
    text: Text
    choices: tuple[Text, ...] = ()
    """Option texts without letters; empty for an open question."""
    answer: int | None = None
    """Index of the right choice."""
    references: tuple[str, ...] = ()
    target: Target
    cue: Cue | None = None
    wording: str | None = None
    """``seen`` or ``unseen``: whether the base model's training questions used this wording and template."""
    typicality: str | None = None
    """``stereotyped`` or ``rare``: how often texts that are written from a label name the cue asked about."""
    lure: int | None = None
    """Index of the wrong choice that the words of a clip suggest."""
    made_by: Provenance

    @model_validator(mode="after")
    def _answer_is_a_choice(self) -> "Question":
        if self.answer is not None and not 0 <= self.answer < len(self.choices):
            raise ValueError(f"answer {self.answer} is not an index of the {len(self.choices)} choices")
        if self.lure is not None and (self.lure == self.answer or not 0 <= self.lure < len(self.choices)):
            raise ValueError(
                f"lure {self.lure} is not the index of a wrong one of the {len(self.choices)} choices"
            )
        return self


class Corruptions(Record):
    """Replacements, one a medium.

    One for a medium that the prompt is about makes the chosen answer false by itself, whatever becomes of the
    other medium; one for a medium that it is not about leaves that answer as true as it was.
    """

    audio: Corruption | None = None
    video: Corruption | None = None
    reason: str | None = None
    """Why there is none, where there is none for the target modality."""


class GroupReward(Record):
    """What an answer that a policy drew earned, among all that it drew for the same prompt."""

    reward: float
    mean: float
    std: float
    """Of the group, with its size minus one as the divisor."""
    log_prob: float
    """Of the answer with its end, under the policy that drew it."""


class PreferencePair(Record):
    """A prompt, its chosen answer and one or two rejected ones (METHOD: y_w, y_vr, y_er)."""

    id: str
    clip: str
    target: Target
    prompt: Text
    chosen: Text
    spurious: Text | None = None
    hallucinated: Text | None = None
    corruption: Corruptions = Field(default_factory=Corruptions)
    group: GroupReward | None = None
    """Where the chosen answer is one of several that a policy drew, good or bad."""
    made_by: Provenance
