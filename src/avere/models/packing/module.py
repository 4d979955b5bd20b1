"""A network as a module whose forward call returns the log-probabilities of packed candidates."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, Self

import torch
from jaxtyping import Float, Float32, Int64
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor, nn
from torch.nn.functional import pad
from torch.nn.utils.rnn import pad_sequence
from transformers import Cache, PreTrainedModel

from avere.errors import AvereError
from avere.models.packing import flex_attention, tree_attention
from avere.models.packing.family import Family
from avere.models.packing.feature_store import Kept
from avere.models.packing.forest import ancestor_mask, ancestor_mask_at
from avere.models.packing.kept_features import KeptFeatures, Perception
from avere.models.packing.last_layer import Mask, only_at
from avere.models.packing.rows import PackedCandidates, PackedRows
from avere.models.packing.scoring import score_targets
from avere.models.packing.tree_attention import plan_of
from avere.models.packing.weights import digest_state
from avere.records import Modality


class PackedModel(nn.Module):
    """The library's model of a family, bare or with adapters, that reads packed rows."""

    def __init__(self, network: PreTrainedModel | PeftModel, family: Family, *, train_encoders: bool) -> None:
        super().__init__()
        self.network = network
        self.family = family
        self.train_encoders = train_encoders
        self._replacement: list[PreTrainedModel] = []
        for encoder in self.encoders:
            encoder.requires_grad_(train_encoders)
        self._perceived: tuple[tuple[str, ...], Tensor] = (), torch.empty(0)
        self._kept: KeptFeatures | None = None
        # Weights that layers share stand once in every file; torch has no types for either hook.
        self.register_load_state_dict_pre_hook(_each_again)  # type: ignore[no-untyped-call]
        self.register_state_dict_post_hook(_each_once)  # type: ignore[no-untyped-call]

    @property
    def base_model(self) -> PreTrainedModel:
        """The library's model, inside adapters or not."""
        inner: Any = self.network.get_base_model() if isinstance(self.network, PeftModel) else self.network
        found: PreTrainedModel = inner
        return found

    @property
    def active(self) -> PreTrainedModel:
        """The model that answers now: the reference inside :meth:`replaced`, else the base model."""
        return self._replacement[-1] if self._replacement else self.base_model

    @property
    def language(self) -> Any:
        """The decoder of the model that answers now: embeddings go in, hidden states come out."""
        return self.active.get_submodule(self.family.language)

    @property
    def encoders(self) -> list[Any]:
        """The media encoders of the model that answers now."""
        return [self.active.get_submodule(name) for name in self.family.encoders]

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002  # as torch has it
        """Switch dropout on or off; frozen encoders have none, so that a medium has one set of features."""
        super().train(mode)
        if not self.train_encoders and not self._encoders_are_adapted():
            for encoder in self.encoders:
                encoder.train(mode=False)
        return self

    def sizes(self) -> dict[str, Any]:
        """Count the weights by the fields of a :class:`~avere.interfaces.ModelSize`."""
        layers = self.language.layers
        last = layers[-1]
        shared = (last.input_layernorm, last.self_attn.k_proj, last.self_attn.v_proj)
        adapted = [layer for layer in last.modules() if isinstance(layer, LoraLayer)]
        return {
            "body": _count(layers.parameters()),
            "last": _count(last.parameters()) - sum(_count(part.parameters()) for part in shared),
            "encoders": sum(_count(encoder.parameters()) for encoder in self.encoders),
            "video": self._work_of("video"),
            "audio": self._work_of("audio"),
            "adapted": sum(layer.in_features for layer in adapted),
            "wide_adapters": any(_is_wider(layer) for layer in adapted),
            "total": _count(self.parameters()),
            "trained": _count(weight for weight in self.parameters() if weight.requires_grad),
        }

    def _work_of(self, modality: Modality) -> int:
        """Count the multiplications of the encoders of a modality for one token of it."""
        return round(
            sum(
                sense.positions * _count(encoder.parameters())
                for sense, encoder in zip(self.family.senses, self.encoders, strict=True)
                if sense.modality == modality
            )
        )

    def keep_features(self, kept: KeptFeatures) -> None:
        """Add to ``kept`` what the encoders make of media; packed media must be named by its keys.

        Raises:
            AvereError: the encoders are not frozen.
        """
        if self.train_encoders or self._encoders_are_adapted():
            raise AvereError(
                "the encoders are trained or adapted, so their features do not last; set "
                "run.cache_features=false"
            )
        self._kept = kept

    def perception(self, autocast: torch.dtype | None) -> Perception:
        """Describe what decides the features of a medium, now and under ``autocast``."""
        told = (f"{each.dtype} {each.config._attn_implementation}" for each in self.encoders)
        state = ((f"{name}.{key}", weight)
                 for name, each in zip(self.family.encoders, self.encoders, strict=True)
                 for key, weight in each.state_dict().items())  # fmt: skip
        device = self.active.device.type
        return Perception(digest_state(state), (device, *told), device, autocast)

    def keep_encoders_whole(self) -> None:
        """Take the frozen encoders out of this module's parameters; they go on working.

        ZeRO-3 fetches a layer's weights when the layer runs, which all processes must do in step; but
        encoders run only where a process has media that it has not seen.

        Raises:
            AvereError: the encoders are not frozen.
        """
        if self.train_encoders or self._encoders_are_adapted():
            raise AvereError(
                "ZeRO-3 cannot train or adapt encoders, which do not run in step on all devices; freeze them"
            )
        for name in self.family.encoders:
            holder, _, last = name.rpartition(".")
            inner = self.base_model.get_submodule(holder)
            inner.__dict__[last] = inner._modules.pop(last)

    def completed(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Join gathered weights with those of encoders that were taken out, each weight once."""
        whole = {name: state[name] for name in state if name not in _second_names(self)}
        place = next(name for name, part in self.named_modules() if part is self.base_model)
        inside = {name for name, _ in self.base_model.named_modules()}
        for name in set(self.family.encoders) - inside:
            whole |= self.base_model.get_submodule(name).state_dict(prefix=f"{place}.{name}.")
        return whole

    @contextmanager
    def replaced(self, reference: PreTrainedModel) -> Iterator[None]:
        """Let another model answer; it stays outside the parameters of this module."""
        self._replacement.append(reference)
        try:
            yield
        finally:
            self._replacement.pop()

    def forward(
        self, encoded: PackedCandidates
    ) -> Float32[Tensor, " candidates"] | Float32[Tensor, "candidates longest"]:
        """Sum the log-probabilities of each response's tokens, its end token included, in float32.

        With ``encoded.by_token``, give a row of them for each candidate, filled up with zeros.
        """
        places, which = torch.unique(encoded.predictors, return_inverse=True)
        last = self.language.layers[-1]
        with only_at(last, places, self.mask(encoded.packed, places), self.family.rotate):
            (states,) = self.states(encoded.packed)
        each = score_targets(self.active.lm_head, states[which], encoded.targets)
        if encoded.by_token:
            lengths = torch.bincount(encoded.owners, minlength=encoded.count).tolist()
            return pad_sequence([*torch.split(each, lengths)], batch_first=True)
        return torch.zeros(encoded.count, device=each.device).index_add(0, encoded.owners, each)

    def states(self, packed: PackedRows, cache: Cache | None = None) -> Float[Tensor, "_ nodes width"]:
        """Compute the last hidden state of every node, or of chosen ones; fill ``cache`` if one is given."""
        return self.read(self.embed(packed), packed.positions, self.mask(packed), cache)

    def read(
        self,
        embedded: Float[Tensor, "rows length features"],
        positions: Tensor,
        mask: Mask,
        cache: Cache | None = None,
    ) -> Float[Tensor, "_ nodes width"]:
        """Run the language model with explicit positions, an axis each, and an explicit mask."""
        states: Tensor = self.family.read(self.language, embedded, positions, mask, cache)
        return states

    def mask(self, packed: PackedRows, places: Int64[Tensor, " chosen"] | None = None) -> Mask:
        """Let all nodes, or the chosen ones, attend to their ancestors and themselves."""
        attention = self.language.config._attn_implementation
        if attention == flex_attention.NAME and places is None:
            return flex_attention.block_mask(packed.ends)
        if attention in {tree_attention.NAME, flex_attention.NAME}:
            return plan_of(packed.ends, self.active.dtype, places=places)
        allowed = ancestor_mask(packed.ends) if places is None else ancestor_mask_at(packed.ends, places)
        return additive_mask(allowed, self.active.dtype)

    def embed(self, packed: PackedRows) -> Float[Tensor, "rows length features"]:
        """Embed the tokens and put media features in their places; if these are wider, zeros follow words."""
        words: Tensor = self.active.get_input_embeddings()(packed.tokens)
        if not len(packed.media_places):
            return words
        features = self.features(packed).to(words.dtype)
        if deeper := features.shape[1] - words.shape[2]:
            words = pad(words, (0, deeper))
        flat = words.flatten(0, 1).index_copy(0, packed.media_places, features[packed.media_sources])
        return flat.view_as(words)

    def features(self, packed: PackedRows) -> Float[Tensor, "features width"]:
        """Compute the features of every distinct medium: all videos, then all sounds.

        Frozen encoders tell policy and reference the same: features of the latest media stay in memory. They
        see each medium alone, so that its features are the same to the bit whatever stands beside it.
        """
        if self.train_encoders or self._encoders_are_adapted():
            return self._perceive(packed)
        names = tuple(medium.name for medium in packed.media)
        if names != self._perceived[0]:
            each = [self._recall(packed, number) for number in range(len(names))]
            self._perceived = names, torch.cat(each)
        return self._perceived[1]

    def _recall(self, packed: PackedRows, number: int) -> Float[Tensor, "features width"]:
        """Return the features of one medium; those that are computed are kept where the others are."""
        medium = packed.media[number]
        if medium.features is not None:
            return medium.features
        if self._kept is None:
            return self._perceive(packed.alone(number))
        with self._kept.perception.applied():
            found = self._perceive(packed.alone(number))
        self._kept.add(medium.name, Kept(found, medium.outline))
        return found

    def _encoders_are_adapted(self) -> bool:
        """True where adapters sit in the encoders, so that the reference perceives otherwise."""
        return any(isinstance(part, BaseTunerLayer) for each in self.encoders for part in each.modules())

    def _perceive(self, packed: PackedRows) -> Float[Tensor, "features width"]:
        """Run the encoders."""
        with nullcontext() if self.train_encoders else torch.no_grad():
            features: Tensor = self.family.perceive(self.active, packed.inputs)
        return features


def _is_wider(layer: LoraLayer) -> bool:
    """True where an adapter has a wider type than the layer that it is put on."""
    base: Any = layer.get_base_layer()
    adapters: Any = layer.lora_A
    return any(each.weight.element_size() > base.weight.element_size() for each in adapters.values())


def _count(weights: Iterable[Tensor]) -> int:
    return sum(weight.numel() for weight in weights)


def additive_mask(allowed: Tensor, dtype: torch.dtype) -> Tensor:
    """Turn allowed and forbidden into 0 and -infinity, to be added to attention scores."""
    return torch.zeros(allowed.shape, dtype=dtype, device=allowed.device).masked_fill(~allowed, -torch.inf)


def _each_once(module: nn.Module, state: dict[str, Any], prefix: str, metadata: object) -> None:
    """Drop the second name of weights that two layers share: safetensors store a weight once."""
    del metadata
    for name in _second_names(module):
        state.pop(prefix + name, None)


def _each_again(module: nn.Module, state: dict[str, Any], prefix: str, *rest: object) -> None:
    """Give weights that two layers share their second name again, which strict loading looks for."""
    del rest
    for name, first in _second_names(module).items():
        if prefix + first in state:
            state.setdefault(prefix + name, state[prefix + first])


def _second_names(module: nn.Module) -> dict[str, str]:
    """Map the further names of weights that have one already to the first.

    Told by the parameters and not by where they lie, for weights dealt out over devices lie nowhere whole.
    """
    first = {id(weight): name for name, weight in module.named_parameters()}
    every = module.named_parameters(remove_duplicate=False)
    return {name: first[id(weight)] for name, weight in every if first[id(weight)] != name}
