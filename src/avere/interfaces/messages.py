"""What passes between a stage and a model: prompts, candidates, replies, costs and sizes."""

from typing import NamedTuple

from pydantic import Field

from avere.records import MediaTokens, Medium, Record, Status
from avere.records.reasons import TokenGroup


class Turn(Record):
    """An earlier turn of a conversation."""

    text: str
    response: str


class Prompt(Record):
    """What is asked of a model: words, and the media they are about; None = that medium is withheld."""

    text: str
    video: Medium | None = None
    audio: Medium | None = None
    history: tuple[Turn, ...] = ()
    """What was asked and answered before, first to last; the media stand before the first turn."""


class Candidate(Record):
    """The question "how likely is this response to that prompt?"."""

    prompt: Prompt
    response: str


class Usage(Record):
    """What a reply of a service took: tokens, and money where its price is known."""

    input_tokens: int
    output_tokens: int
    cost: float | None = None
    """In the currency of the prices; None where the price is not known."""
    cached: bool = False
    """Said before and kept: nothing was sent or paid."""


class CostEstimate(Record):
    """What asking a service would take, told before anything is sent."""

    calls: int
    kept: int
    """Asks that cost nothing: answered before, or the same as another one."""
    unusable: int
    """Asks whose media cannot be read, so that nothing will be sent."""
    input_tokens: int
    output_tokens: int
    """At most: every reply as long as it may be."""
    cost: float | None
    """None where the price is not known."""
    currency: str


class Reply(Record):
    """What a model answered to one prompt; ``index`` is the prompt's place in the call."""

    index: int
    text: str
    status: Status = "ok"
    reason: str | None = None
    media_tokens: MediaTokens = MediaTokens()
    seconds: float | None = None
    usage: Usage | None = None
    """Of models behind an API."""


class Drawing(Record):
    """How answers are drawn at random."""

    count: int = Field(ge=1)
    """Answers to each prompt."""
    max_tokens: int = Field(ge=1)
    temperature: float = Field(default=1.0, gt=0)
    """1 draws from the model itself, which the estimates of online training assume."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Draw among the likeliest tokens that hold this share of the probability; 1 draws among all."""
    seed: int = Field(default=0, ge=0)


class SampledReply(Record):
    """One answer that was drawn, and how likely it was."""

    text: str
    log_prob: float = 0.0
    """Sum over the tokens that were drawn, the end token included where it came, at temperature 1."""
    tokens: int = 0
    """That were drawn, the end token included."""
    ended: bool = False
    """False where it was cut off at the limit."""
    retokenised: bool = False
    """True where the text becomes other tokens than were drawn: ``log_prob`` is not that of the text."""
    media_tokens: MediaTokens = MediaTokens()
    status: Status = "ok"
    reason: str | None = None


class TokenCounts(NamedTuple):
    """The tokens of one forward over some candidates."""

    packed: int
    """That are computed, every shared prefix once."""
    padded: int
    """That the packed rows have room for."""
    separate: int
    """That as many forwards as readings would compute."""
    scored: int
    """Of the responses."""
    video: int
    """Of distinct videos."""
    audio: int
    """Of distinct sounds."""

    @property
    def media(self) -> int:
        """Of distinct media."""
        return self.video + self.audio


class HeadShares(NamedTuple):
    """How the heads of a model deal out their attention while one response is written."""

    tokens: dict[TokenGroup, int]
    """How many tokens of each group there are."""
    shares: tuple[tuple[tuple[float, float, float, float], ...], ...]
    """Of each layer and head, mean over the response's tokens; groups as ``records.reasons.GROUPS``."""


class ModelSize(NamedTuple):
    """The sizes of a model that memory and time follow from."""

    layers: int
    width: int
    feed_forward: int
    vocabulary: int
    body: int
    """Weights in the layers of the language model."""
    last: int
    """Of these, what only positions that predict a response token go through: the last layer without its
    keys and values."""
    encoders: int
    """Weights of the media encoders."""
    video: int
    """Multiplications of the vision encoder for a token of a video: its weights, for each position behind."""
    audio: int
    """Those of the audio encoder for a token of a sound."""
    adapted: int
    """Widths of the inputs of all adapted layers of a decoder layer, together; 0 without adapters."""
    wide_adapters: bool
    """Whether adapters have a wider type than the weights, and so have copies of their inputs."""
    total: int
    trained: int
