"""One sequence a reading through the library's own forward, as a general trainer does it; shares nothing."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from avere.interfaces import Candidate, Prompt
from avere.models.packing.model import LocalModel
from avere.models.packing.rows import PackedRows
from avere.models.qwen.media import QwenInputs
from avere.records import Medium

IGNORED = -100


class Batch(NamedTuple):
    """Padded sequences of one forward."""

    inputs: dict[str, Tensor]
    labels: Tensor
    """Token ids of the responses, ``IGNORED`` elsewhere."""

    def to(self, device: torch.device) -> "Batch":
        """Return a copy on another device."""
        return Batch({name: value.to(device) for name, value in self.inputs.items()}, self.labels.to(device))


def batch(model: LocalModel, candidates: Sequence[Candidate]) -> Batch:
    """Return readings side by side: ids with placeholders, 2-D mask, media; the library makes positions."""
    parts = [sequence(model, candidate) for candidate in candidates]
    ids = pad_sequence([ids for ids, _ in parts], batch_first=True, padding_value=0)
    labels = pad_sequence([labels for _, labels in parts], batch_first=True, padding_value=IGNORED)
    lengths = torch.tensor([len(ids) for ids, _ in parts])
    mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
    return Batch({"input_ids": ids, "attention_mask": mask, **media_of(model, candidates)}, labels)


def sequence(model: LocalModel, candidate: Candidate) -> tuple[Tensor, Tensor]:
    """Return token ids, a placeholder for each media token, and labels."""
    prompt_ids = placeholders(model, model.packer.pack_prompts([candidate.prompt]).packed)
    said = model.tokenizer(candidate.response, add_special_tokens=False)["input_ids"]
    response = torch.tensor([*said, model.packer.end])
    return torch.cat([prompt_ids, response]), torch.cat([torch.full_like(prompt_ids, IGNORED), response])


def inputs_of(packed: PackedRows) -> QwenInputs:
    """Prepare the inputs of the encoders."""
    assert isinstance(packed.inputs, QwenInputs)
    return packed.inputs


def placeholders(model: LocalModel, packed: PackedRows) -> Tensor:
    """Return the token ids of one ask, a placeholder for each media token."""
    config: Any = model.log_probs.base_model.config
    videos = int(inputs_of(packed).grids.prod(1).sum()) // config.vision_config.spatial_merge_size**2
    prompt_ids = packed.tokens.flatten().clone()
    prompt_ids[packed.media_places] = torch.where(
        packed.media_sources < videos, config.video_token_id, config.audio_token_id
    )
    return prompt_ids


def media_of(model: LocalModel, candidates: Sequence[Candidate]) -> dict[str, Tensor]:
    """Return the media of every sequence in order, as often as they occur."""
    prompts = [candidate.prompt for candidate in candidates]
    return media_in(model, prompts, [model.packer.pack_prompts([prompt]).packed for prompt in prompts])


def media_in(model: LocalModel, prompts: Sequence[Prompt], packed: Sequence[PackedRows]) -> dict[str, Tensor]:
    """Return the media of asks as the library takes them."""
    given: dict[str, Tensor] = {}
    taken = [inputs_of(each) for each in packed]
    seen = [prompt.video for prompt in prompts if prompt.video is not None]
    if seen:
        given["pixel_values_videos"] = torch.cat([each.patches for each in taken])
        given["video_grid_thw"] = torch.cat([each.grids for each in taken])
        given["video_second_per_grid"] = torch.tensor([_seconds(model, medium) for medium in seen])
    heard = [each.mels.T for each in taken if each.mels.shape[1]]
    if heard:
        given["input_features"] = pad_sequence(heard, batch_first=True).transpose(1, 2)
        frames = torch.tensor([len(each) for each in heard])
        given["feature_attention_mask"] = (torch.arange(int(frames.max())) < frames[:, None]).long()
    return given


def everywhere(model: LocalModel, given: Batch) -> Tensor:
    """Return log-probabilities with logits and a log-softmax at all positions."""
    logits = model.log_probs.base_model(**given.inputs, use_cache=False).logits[:, :-1].float()
    labels = given.labels[:, 1:]
    scored = labels != IGNORED
    each = logits.log_softmax(-1).gather(2, labels.clamp(min=0).unsqueeze(2)).squeeze(2)
    values: Tensor = (each * scored).sum(-1)
    return values


def at_responses(model: LocalModel, given: Batch) -> Tensor:
    """Return log-probabilities with logits where a response token is predicted, and nowhere else."""
    thinker = model.log_probs.base_model
    states = thinker.model(**given.inputs, use_cache=False).last_hidden_state[:, :-1]
    labels = given.labels[:, 1:]
    rows, columns = (labels != IGNORED).nonzero(as_tuple=True)
    logits = thinker.lm_head(states[rows, columns]).float()
    each = logits.log_softmax(-1).gather(1, labels[rows, columns].unsqueeze(1)).squeeze(1)
    return torch.zeros(len(labels), device=each.device).index_add(0, rows, each)


def _seconds(model: LocalModel, medium: Medium) -> float:
    """Return the seconds between two temporal steps of a video."""
    sight: Any = model.packer.processor.read("video", medium)
    return float(sight.shape.seconds_per_step)
