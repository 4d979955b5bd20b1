"""A second family, for tests alone: a Llama of random weights that reads words, at positions of one axis.

It shares nothing with the first but the forest: no media, another template and end, another network.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from avere import settings
from avere.errors import MediaError
from avere.interfaces import Prompt
from avere.models.packing.family import Family, PromptLayout
from avere.models.packing.folder import open_tokenizer, write_inputs
from avere.models.packing.loading import load_model
from avere.models.packing.model import LocalModel
from avere.models.packing.options import Attention, NumberType, attention_of
from avere.models.packing.prompts import apply_template
from avere.models.packing.quantisation import Quantisation
from avere.records import Medium, Modality
from avere.settings import Settings

MODALITIES = ()
TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'user' %}"
    "Human: {{ message['content'][0]['text'] }}\n"
    "{% else %}Helper: {{ message['content'] }}</s>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}Helper: {% endif %}"
)


class LlamaOptions(Settings):
    """What a caller may choose."""

    dtype: NumberType = "auto"
    device: str = "cpu"
    attention: Attention = "auto"
    quantise: Quantisation | None = None
    adapter: Path | None = None
    train_encoders: bool = False
    batch_tokens: int = 16_384
    row_tokens: int = 4096

    def inputs(self) -> dict[str, Any]:
        return {}


class NoMedia(NamedTuple):
    """What no encoders take."""

    def alone(self, number: int) -> Self:
        raise IndexError(number)

    def to(self, device: torch.device | str) -> Self:
        del device
        return self


class NoMedium(NamedTuple):
    """Never made."""

    tokens: int
    cut: float = 0.0
    outline: str = ""


class LlamaProcessor:
    """Words through the template, positions counted from zero."""

    end = "</s>"
    media_order: tuple[Modality, ...] = ()

    def __init__(self, folder: Path, options: LlamaOptions, config: object) -> None:
        self.tokenizer = open_tokenizer(folder)
        del options, config

    def read(self, modality: Modality, medium: Medium) -> NoMedium:
        raise MediaError(f"{medium.path}: this model reads words alone; leave {modality} out")

    def render(self, prompt: Prompt, modalities: Sequence[Modality]) -> str:
        return apply_template(self.tokenizer, prompt, modalities, {})

    def lay_out(self, prompt: Prompt, media: Mapping[Modality, NoMedium]) -> PromptLayout:
        ids = self.tokenizer(self.render(prompt, list(media)), add_special_tokens=False)["input_ids"]
        return PromptLayout(np.array(ids), np.arange(len(ids))[None], {})

    def recall(self, modality: Modality, outline: str) -> NoMedium:
        raise MediaError(f"no {modality} here, so none is recalled from '{outline}'")

    def stack(self, media: Sequence[NoMedium]) -> NoMedia:
        assert not media
        return NoMedia()

    def media_facts(self) -> dict[str, object]:
        return {}

    def prompt_facts(self) -> dict[str, object]:
        return {}


def open_network(folder: Path, options: LlamaOptions, more: Mapping[str, Any]) -> LlamaForCausalLM:
    """Load the weights as float32."""
    network: Any = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, **more)
    config = network.config
    network.set_attn_implementation(attention_of(options, config.hidden_size // config.num_attention_heads))
    opened: LlamaForCausalLM = network.eval()
    return opened


def read(language: Any, embedded: Any, positions: Any, mask: Any, cache: Any) -> Any:
    """Run the layers as the library does; its own forward would make a mask of its own."""
    states = embedded
    turns = language.rotary_emb(states, position_ids=positions[0])
    for layer in language.layers:
        states = layer(states, attention_mask=mask, position_embeddings=turns, past_key_values=cache)
    return language.norm(states)


def perceive(network: object, inputs: NoMedia) -> torch.Tensor:
    raise AssertionError("there is nothing to perceive")


FAMILY = Family(
    name="llama",
    model_types=("llama",),
    language="model",
    encoders=(),
    linears=r".*layers\.\d+\.(self_attn\.(q|k|v|o)|mlp\.(gate|up|down))_proj",
    whole=("lm_head",),
    rotate=apply_rotary_pos_emb,
    read=read,
    perceive=perceive,
    open_network=open_network,
    open_processor=LlamaProcessor,
)


def build(folder: Path, seed: int = 0) -> None:
    """Write the smallest Llama with a tokenizer of bytes."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: index for index, piece in enumerate(["<pad>", "</s>", *alphabet])}
    bytewise = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    wrap: Any = PreTrainedTokenizerFast
    tokenizer = wrap(tokenizer_object=bytewise, pad_token="<pad>", eos_token="</s>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = LlamaConfig(
            vocab_size=len(vocabulary), hidden_size=32, intermediate_size=48, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.2,
            pad_token_id=0, bos_token_id=None, eos_token_id=1,
        )  # fmt: skip
        LlamaForCausalLM(config).save_pretrained(folder)
    write_inputs(folder, FAMILY.name, LlamaOptions().inputs())


def load(source: str | Path, **options: object) -> LocalModel:
    return load_model(FAMILY, source, settings.check(options, LlamaOptions, f"options for '{source}'"))


def example(folder: Path) -> LocalModel:
    build(folder)
    return load(folder)


def alone(model, candidate):
    """Return a candidate's log-probability by the library's forward: one sequence, nothing but its ids."""
    network: Any = model.log_probs.base_model
    text = model.packer.processor.render(candidate.prompt, [])
    given = model.tokenizer(text, add_special_tokens=False)["input_ids"]
    said = [*model.tokenizer(candidate.response, add_special_tokens=False)["input_ids"], 1]
    packed = network.config._attn_implementation
    network.set_attn_implementation("sdpa")
    try:
        logits = network(torch.tensor([[*given, *said]]), use_cache=False).logits[0, -len(said) - 1 : -1]
    finally:
        network.set_attn_implementation(packed)
    return logits.float().log_softmax(-1).gather(1, torch.tensor(said).unsqueeze(1)).sum()
