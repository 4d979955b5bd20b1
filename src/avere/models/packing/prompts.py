"""The media of a prompt by name, and the words of a prompt through a chat template."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from transformers import PreTrainedTokenizerBase

from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.models.packing.templates import render_template
from avere.records import Medium, Modality

K = TypeVar("K", bound=str)


def requested_media(prompt: Prompt) -> list[tuple[Modality, Medium]]:
    """List the media that a prompt wants, video first."""
    pairs: list[tuple[Modality, Medium | None]] = [("video", prompt.video), ("audio", prompt.audio)]
    return [(modality, medium) for modality, medium in pairs if medium is not None]


def name_of(modality: Modality, medium: Medium) -> str:
    """Name a medium; the same text for the same content."""
    return f"{modality} {medium.model_dump_json()}"


def root_of(prompt: Prompt) -> str:
    """Name the media of a prompt; the same text for prompts about the same media."""
    return " ".join(name_of(modality, medium) for modality, medium in requested_media(prompt))


def apply_template(
    tokenizer: PreTrainedTokenizerBase,
    prompt: Prompt,
    kinds: Sequence[str],
    placeholders: Mapping[K, str],
    variables: Mapping[str, Any] | None = None,
) -> str:
    """Write the chat text of a prompt through the tokenizer's template; media stand before the first turn.

    Args:
        tokenizer: with a chat template of the library's form.
        prompt: to be written.
        kinds: of the media, in their order: modalities, or what else the template calls them.
        placeholders: what the template writes for a medium, exactly once each.
        variables: what else the template is told.

    Raises:
        AvereError: the words hold a placeholder themselves, or the template drops a medium.
    """
    messages: list[dict[str, Any]] = []
    for turn in prompt.history:
        messages.append({"role": "user", "content": [{"type": "text", "text": turn.text}]})
        messages.append({"role": "assistant", "content": turn.response})
    messages.append({"role": "user", "content": [{"type": "text", "text": prompt.text}]})
    messages[0]["content"][:0] = [{"type": kind} for kind in kinds]
    text = render_template(tokenizer, messages, variables)
    for kind, placeholder in placeholders.items():
        if text.count(placeholder) != kinds.count(kind):
            raise AvereError(
                f"the prompt '{prompt.text[:50]}' holds {text.count(placeholder)} times {placeholder} "
                f"for {kinds.count(kind)} {kind}; take it out, or mend the chat template"
            )
    return text
