"""Replies of a local model, greedy or drawn: media that fail are told; what memory cannot hold is halved."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch

from avere.interfaces import Decoding, Drawing, Prompt, Reply, SampledReply
from avere.models.packing import generation
from avere.models.packing.decoding import views_of
from avere.models.packing.sampling import DrawnTokens, sample_tokens

if TYPE_CHECKING:
    from avere.models.packing.model import LocalModel


def answer_window(
    model: LocalModel, window: Sequence[tuple[int, Prompt]], max_tokens: int, decoding: Decoding | None
) -> Iterator[Reply]:
    """Yield the replies to some prompts, in order; halve the window where memory does not suffice."""
    started = time.perf_counter()
    faults = {index: fault for index, prompt in window if (fault := model.fault(prompt)) is not None}
    sound = [(index, prompt) for index, prompt in window if index not in faults]
    try:
        texts = _generate(model, [prompt for _, prompt in sound], max_tokens, decoding) if sound else []
    except torch.OutOfMemoryError as error:
        if len(window) > 1:
            yield from answer_window(model, window[: len(window) // 2], max_tokens, decoding)
            yield from answer_window(model, window[len(window) // 2 :], max_tokens, decoding)
        else:
            yield Reply(index=window[0][0], text="", status="out-of-memory", reason=str(error))
        return
    seconds = (time.perf_counter() - started) / len(window)
    replies = dict(zip((index for index, _ in sound), texts, strict=True))
    for index, prompt in window:
        if index in faults:
            yield Reply(index=index, text="", status="media error", reason=faults[index])
        else:
            tokens = model.packer.media_tokens(prompt)
            yield Reply(index=index, text=replies[index], media_tokens=tokens, seconds=seconds)


def _generate(
    model: LocalModel, prompts: Sequence[Prompt], max_tokens: int, decoding: Decoding | None
) -> list[str]:
    packed_prompts = model.packer.pack_prompts(views_of(prompts, decoding)).to(model.device)
    ids = generation.generate(
        model.log_probs, packed_prompts, max_tokens=max_tokens, end=model.packer.end, decoding=decoding
    )
    return [str(model.tokenizer.decode(reply, skip_special_tokens=True)) for reply in ids]


def sample_replies(
    model: LocalModel, prompts: Sequence[Prompt], names: Sequence[str], drawing: Drawing
) -> list[tuple[SampledReply, ...]]:
    """Draw answers to each prompt, in order."""
    faults = {place: fault for place, prompt in enumerate(prompts) if (fault := model.fault(prompt))}
    sound = [place for place in range(len(prompts)) if place not in faults]
    found: dict[int, tuple[SampledReply, ...]] = {
        place: (SampledReply(text="", status="media error", reason=fault),) * drawing.count
        for place, fault in faults.items()
    }
    try:
        drawn = _draw(model, [prompts[place] for place in sound], [names[place] for place in sound], drawing)
    except torch.OutOfMemoryError as error:
        if len(sound) > 1:
            half = len(prompts) // 2
            return [
                *sample_replies(model, prompts[:half], names[:half], drawing),
                *sample_replies(model, prompts[half:], names[half:], drawing),
            ]
        lost = SampledReply(text="", status="out-of-memory", reason=" ".join(str(error).split()))
        return [found.get(place, (lost,) * drawing.count) for place in range(len(prompts))]
    for place, draws in zip(sound, drawn, strict=True):
        found[place] = tuple(_reply(model, prompts[place], draw) for draw in draws)
    return [found[place] for place in range(len(prompts))]


def _draw(
    model: LocalModel, prompts: Sequence[Prompt], names: Sequence[str], drawing: Drawing
) -> list[list[DrawnTokens]]:
    if not prompts:
        return []
    packed = model.packer.pack_prompts(prompts).to(model.device)
    return sample_tokens(model.log_probs, packed, names, drawing, model.packer.end)


def _reply(model: LocalModel, prompt: Prompt, draw: DrawnTokens) -> SampledReply:
    """Turn drawn tokens into words, and see whether the words become these tokens again."""
    text = str(model.tokenizer.decode(draw.ids, skip_special_tokens=True))
    again = model.tokenizer(text, add_special_tokens=False)["input_ids"]
    return SampledReply(
        text=text,
        log_prob=draw.log_prob,
        tokens=len(draw.ids) + draw.ended,
        ended=draw.ended,
        retokenised=again != draw.ids,
        media_tokens=model.packer.media_tokens(prompt),
    )
