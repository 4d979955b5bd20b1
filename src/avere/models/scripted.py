"""Models that follow plain rules: controls of a benchmark and stand-ins in tests."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from avere.asking.clips import ask_clip
from avere.errors import unknown_name
from avere.interfaces import Candidate, ModelAbilities, Prompt, Reply
from avere.records import Clip, MediaTokens

ABILITIES = ModelAbilities("scripted:RULE", (), scores=True)
Rule = Callable[[Prompt], str]

RULES: Mapping[str, Rule] = {
    "always-yes": lambda _: "Yes",
    "always-no": lambda _: "No",
    "always-a": lambda _: "A",
    "echo": lambda prompt: prompt.text,
}

EXPECTED, UNEXPECTED = -0.1, -10.0
"""Log-probability of a word of what the rule would say, and of any other."""


class Scripted:
    """A Responder and Scorer that answers by a rule; it never opens the media."""

    def __init__(self, rule: Rule, name: str) -> None:
        self.rule = rule
        self.name = name
        self.fingerprint = hashlib.sha256(f"scripted:{name}".encode()).hexdigest()

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[Reply]:
        """Answer by the rule, cut to ``max_tokens`` words; each requested modality counts one token."""
        del seed, schema
        for index, prompt in enumerate(prompts):
            started = time.perf_counter()
            text = " ".join(self.rule(prompt).split()[:max_tokens])
            tokens = MediaTokens(audio=int(prompt.audio is not None), video=int(prompt.video is not None))
            seconds = time.perf_counter() - started
            yield Reply(index=index, text=text, media_tokens=tokens, seconds=seconds)

    def score(self, candidates: Sequence[Candidate]) -> list[float]:
        """Return a high value where a response begins as the rule's answer does, in any case of letters."""
        return [self._score(candidate) for candidate in candidates]

    def ask(self, clip: Clip | Path | str, text: str, max_tokens: int = 128) -> str:
        """Return the answer to a question about a clip."""
        return ask_clip(self, clip, text, max_tokens).text

    def _score(self, candidate: Candidate) -> float:
        said = _words(candidate.response)
        meant = _words(self.rule(candidate.prompt))
        matches = said[: len(meant)] == meant[: len(said)]
        return (EXPECTED if matches else UNEXPECTED) * (len(said) + 1)


def handles(source: str) -> bool:
    """True where a source begins with this module's name: it is called ``scripted:RULE``."""
    return source.startswith("scripted:")


def load(source: str, **options: object) -> Scripted:
    """Return the model of ``scripted:RULE``; options of real models are ignored, for nothing is loaded.

    Raises:
        AvereError: no such rule.
    """
    del options
    rule = source.removeprefix("scripted:").lower()
    if rule not in RULES:
        raise unknown_name("scripted model", rule, RULES)
    return Scripted(RULES[rule], f"scripted:{rule}")


def example(folder: Path) -> Scripted:
    """Make the smallest instance, for tests of what every model must do."""
    del folder
    return load("scripted:echo")


def _words(text: str) -> list[str]:
    return [word.strip(".,!?()").lower() for word in text.split()]
