"""Chat templates of strangers, within bounds: the library's sandbox keeps them from files, not from work."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from transformers import PreTrainedTokenizerBase

from avere.errors import AvereError

STEPS = 1_000_000
"""Lines of Python that one prompt may take; those of published models take some hundreds."""
LONGEST = 1_000_000
"""Characters of a template, and of what it adds to the words of a prompt."""
MEMORY = 2**30
"""Bytes that the first prompt may take."""
Message = Mapping[str, Any]


class EndlessError(Exception):
    """A template takes more steps than it may."""


def check_template(tokenizer: PreTrainedTokenizerBase) -> None:
    """Write a first prompt with bounded memory, so that a template that is a bomb is found when it is loaded.

    Raises:
        AvereError: it cannot be used.
    """
    if len(str(tokenizer.chat_template)) > LONGEST:
        raise AvereError(
            f"the chat template of '{tokenizer.name_or_path}' is longer than {LONGEST:,} characters; "
            "use that of the published model"
        )
    with _bounded_memory():
        render_template(tokenizer, [{"role": "user", "content": [{"type": "text", "text": "a"}]}])


def render_template(
    tokenizer: PreTrainedTokenizerBase,
    messages: Sequence[Message],
    variables: Mapping[str, Any] | None = None,
    *,
    reply: bool = True,
) -> str:
    """Write messages through the template of a tokenizer, up to the reply that is to come.

    ``variables`` is what else the template is told; without ``reply`` the last message is the end.

    Raises:
        AvereError: it fails, takes more than STEPS, or adds more than LONGEST characters.
    """
    template: Any = tokenizer.apply_chat_template
    try:
        with _counted_steps():
            text: str = template(messages, tokenize=False, add_generation_prompt=reply, **(variables or {}))
        if len(text) > LONGEST + len(str(messages)):
            raise EndlessError(f"it writes {len(text):,} characters")
    except Exception as error:
        cause = " ".join(f"{type(error).__name__}: {error}".split())[:200].removeprefix("EndlessError: ")
        raise AvereError(
            f"the chat template of '{tokenizer.name_or_path}' cannot be used ({cause}); "
            "mend it, or use that of the published model"
        ) from None
    return text


@contextmanager
def _counted_steps() -> Iterator[None]:
    """Stop what runs inside after STEPS lines.

    Raises:
        EndlessError: it takes more.
    """
    left, before = STEPS, sys.gettrace()

    def count(_frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left < 0:
                raise EndlessError(f"it takes more than {STEPS:,} steps")
        return count

    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """Let what runs inside take MEMORY bytes more than now, where the system can be told so."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most if soft < 0 else min(most, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
