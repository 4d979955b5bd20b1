"""A local model of any family: it answers, scores and trains by packed rows."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from peft import LoraConfig, PeftModel
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from avere.asking.clips import ask_clip
from avere.errors import AvereError, MediaError
from avere.interfaces import (
    Candidate,
    Decoding,
    Drawing,
    HeadShares,
    ModelSize,
    Prompt,
    Reply,
    SampledReply,
    TokenCounts,
)
from avere.models.packing import adapters, weights
from avere.models.packing.attention_shares import share_attention
from avere.models.packing.decoding import views_of_candidates
from avere.models.packing.family import Family
from avere.models.packing.feature_store import FeatureStore
from avere.models.packing.folder import write_inputs, write_network
from avere.models.packing.kept_features import KeptFeatures
from avere.models.packing.module import PackedModel
from avere.models.packing.options import (
    LocalOptions,
    device_of,
    is_outlined,
    number_type_of,
    settle_kernels,
)
from avere.models.packing.packer import Packer
from avere.models.packing.prompts import root_of
from avere.models.packing.replies import answer_window, sample_replies
from avere.models.packing.rows import PackedCandidates
from avere.models.packing.view_scores import score_views
from avere.models.packing.windows import cut_windows
from avere.records import Clip, MediaTokens, Modality

T = TypeVar("T")


class LocalModel:
    """A Responder, Scorer and Trainable over the library's model of a family."""

    shows_logits = True

    def __init__(
        self,
        family: Family,
        network: PreTrainedModel | PeftModel,
        packer: Packer,
        options: LocalOptions,
        folder: Path,
    ) -> None:
        settle_kernels(device_of(options))
        self.family = family
        self.log_probs = PackedModel(network, family, train_encoders=options.train_encoders)
        self.module: nn.Module = self.log_probs
        self.packer = packer
        self.options = options
        self.folder = folder
        self.name = folder.name
        self._weights = "" if is_outlined(options) else weights.digest_weights(folder)
        self._reference: PreTrainedModel | None = None
        self.fingerprint = self._fingerprint()

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The tokenizer with its chat template."""
        return self.packer.processor.tokenizer

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.log_probs.base_model.device

    def encode(self, candidates: Sequence[Candidate]) -> PackedCandidates:
        """Turn candidates into tensors; order kept, equal content shared."""
        return self.packer.pack_candidates(candidates)

    def encode_tokens(self, candidates: Sequence[Candidate]) -> PackedCandidates:
        """Turn candidates into tensors from which the module tells each token's log-probability."""
        return replace(self.encode(candidates), by_token=True)

    def score(self, candidates: Sequence[Candidate], decoding: Decoding | None = None) -> list[float]:
        """Sum the log-probabilities of each response's tokens, end token included, in order."""
        order = sorted(range(len(candidates)), key=lambda index: root_of(candidates[index].prompt))
        scores = [0.0] * len(candidates)
        self.log_probs.eval()
        with torch.no_grad():
            for window in self._windows(order, lambda index: candidates[index], decoding):
                views = views_of_candidates([candidates[index] for index in window], decoding)
                encoded = self.encode(views).to(self.device)
                values = score_views(self.log_probs, encoded, decoding)
                for index, value in zip(window, values.tolist(), strict=True):
                    scores[index] = value
        return scores

    def share_attention(self, candidate: Candidate) -> HeadShares:
        """Compute how each head deals out its attention while it writes a response; of one candidate alone.

        Raises:
            MediaError: a medium cannot be used.
        """
        self.log_probs.eval()
        video = self.packer.media_tokens(candidate.prompt).video
        return share_attention(self.log_probs, self.encode([candidate]).to(self.device), video)

    def response_tokens(self, candidates: Sequence[Candidate]) -> list[int]:
        """Count the tokens of each response, end token included."""
        return [self.packer.response_length(candidate) for candidate in candidates]

    def fault(self, prompt: Prompt) -> str | None:
        """Name the fault of a prompt's media; None where they can be used."""
        try:
            self.packer.media_tokens(prompt)
        except MediaError as error:
            return str(error)
        return None

    def media_tokens(self, prompt: Prompt) -> MediaTokens:
        """Count the tokens that the media of a prompt become.

        Raises:
            MediaError: one cannot be used.
        """
        return self.packer.media_tokens(prompt)

    def count_tokens(self, candidates: Sequence[Candidate]) -> TokenCounts:
        """Count the tokens of a forward over these candidates, packed and one by one."""
        return self.packer.count_tokens(candidates)

    def count_pieces(
        self, candidate: Candidate, tokens_of: Callable[[Modality, Path], int]
    ) -> dict[str, int]:
        """Count the tokens of each piece of a candidate's path; words roughly, media by ``tokens_of``."""
        return self.packer.count_pieces(candidate, tokens_of)

    def measure_size(self) -> ModelSize:
        """List the sizes that memory and time follow from."""
        config = self.log_probs.base_model.config.get_text_config()
        return ModelSize(
            layers=config.num_hidden_layers,
            width=config.hidden_size,
            feed_forward=config.intermediate_size,
            vocabulary=config.vocab_size,
            **self.log_probs.sizes(),
        )

    def candidate_digest(self, candidate: Candidate) -> str:
        """Digest all that decides this model's number for a candidate, but its weights.

        Raises:
            MediaError: a medium of it is missing or empty.
        """
        attention = self.log_probs.language.config._attn_implementation
        machine = [str(number_type_of(self.options)), attention]
        return self.packer.digest(candidate, machine)

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
        decoding: Decoding | None = None,
    ) -> Iterator[Reply]:
        """Yield greedy replies in order; a prompt whose media fail gets a reply that says why.

        Raises:
            AvereError: a schema is given, which this model cannot be held to.
        """
        if schema is not None:
            raise AvereError(f"'{self.name}' cannot be held to a JSON schema; leave the schema out")
        del seed  # greedy: nothing is drawn
        self.log_probs.eval()
        for window in self._windows(
            enumerate(prompts), lambda item: Candidate(prompt=item[1], response=""), decoding
        ):
            yield from answer_window(self, window, max_tokens, decoding)

    def sample(
        self, prompts: Sequence[Prompt], names: Sequence[str], drawing: Drawing
    ) -> list[tuple[SampledReply, ...]]:
        """Draw answers to each prompt; one whose media fail gets answers that say why.

        All prompts are one batch: what they share is read once. Where memory does not suffice, they are
        halved.
        """
        self.log_probs.eval()
        return sample_replies(self, prompts, names, drawing)

    def ask(self, clip: Clip | Path | str, text: str, max_tokens: int = 128) -> str:
        """Answer a question about a clip.

        Raises:
            AvereError: the clip cannot be used.
        """
        return ask_clip(self, clip, text, max_tokens).text

    def add_lora(
        self,
        rank: int = 8,
        alpha: int = 4,
        dropout: float = 0.0,
        seed: int = 0,
        *,
        dora: bool = False,
        experts: bool = False,
    ) -> None:
        """Add a fresh adapter, which changes nothing until it is trained; the rest no longer trains.

        Defaults are the published rank and alpha.

        Raises:
            AvereError: there is an adapter already, or the model has no such experts to adapt.
        """
        if isinstance(self.log_probs.network, PeftModel):
            raise AvereError(f"'{self.name}' has an adapter already; call merge() first")
        if experts and (not self.family.experts or dropout or dora):
            raise AvereError(
                f"the experts of '{self.name}' cannot be adapted: there are none, or dropout or dora is set, "
                "which they do not take; leave adapter.experts out, or set dropout=0 and dora=false"
            )
        config = LoraConfig(
            r=rank,
            lora_alpha=alpha,
            lora_dropout=dropout,
            target_modules=self.family.linears,
            target_parameters=list(self.family.experts) if experts else None,
            # In models with experts, peft widens a pattern to the last names that it matches.
            exclude_modules=self._encoder_pattern() if self.family.experts else None,
            use_dora=dora,
        )
        self.log_probs.network = adapters.fresh(self.log_probs.network, config, seed)
        self.fingerprint = self._fingerprint()

    def _encoder_pattern(self) -> str:
        """Write a pattern of all modules in the encoders."""
        return rf".*({'|'.join(map(re.escape, self.family.encoders))})\..*"

    def merge(self) -> None:
        """Fold the adapter into the weights.

        Raises:
            AvereError: the weights have four bits, which would lose most of the adapter.
        """
        if self.options.quantise is not None:
            raise AvereError(f"'{self.name}' is quantised; load it without quantise to merge its adapter")
        if isinstance(self.log_probs.network, PeftModel):
            self.log_probs.network = self.log_probs.network.merge_and_unload()
            self._weights = weights.digest_state(self.log_probs.network.state_dict().items())
            self.fingerprint = self._fingerprint()

    def freeze_reference(self) -> None:
        """Keep a copy of the weights as they are now, for :meth:`as_reference` under full tuning."""
        reference = copy.deepcopy(self.log_probs.base_model).requires_grad_(requires_grad=False)
        reference.train(mode=False)
        self._reference = reference

    def keep_features(self, folder: Path, limit: int, autocast: Literal["bfloat16"] | None = None) -> None:
        """Keep on disk what the frozen encoders make of media, up to ``limit`` bytes, and look there first.

        Media whose features are there are not decoded.

        Args:
            folder: which models with the same encoders may share.
            limit: bytes.
            autocast: the type that the encoders compute in where it is safe, whatever the caller's context.

        Raises:
            AvereError: the encoders are not frozen.
        """
        perception = self.log_probs.perception(None if autocast is None else torch.bfloat16)
        kept = KeptFeatures(FeatureStore(folder, limit), perception)
        self.log_probs.keep_features(kept)
        self.packer.kept = kept

    def keep_encoders_whole(self) -> None:
        """Leave the frozen encoders out of the weights that an engine deals out over devices.

        Raises:
            AvereError: the encoders are not frozen.
        """
        self.log_probs.keep_encoders_whole()

    def as_reference(self) -> AbstractContextManager[None]:
        """Enter the model before training: adapters off, or the frozen copy.

        Raises:
            AvereError: there is neither an adapter nor a frozen copy.
        """
        if self._reference is not None:
            return self.log_probs.replaced(self._reference)
        if isinstance(self.log_probs.network, PeftModel):
            adapters_off: AbstractContextManager[None] = self.log_probs.network.disable_adapter()
            return adapters_off
        raise AvereError(
            f"'{self.name}' has no reference; call add_lora() or freeze_reference() before training"
        )

    def save(self, folder: Path, state: Mapping[str, torch.Tensor] | None = None) -> None:
        """Write what the libraries load without this package: an adapter folder, or a whole model.

        From now on ``fingerprint`` is that of the folder, unless ``state`` holds the module's weights because
        this process has only a part of them.
        """
        whole = None if state is None else self.log_probs.completed(state)
        write_network(folder, self.log_probs.network, self.tokenizer, self.folder, whole)
        write_inputs(folder, self.family.name, self.options.inputs())
        if state is not None:
            return
        if not isinstance(self.log_probs.network, PeftModel):
            self._weights = weights.digest_weights(folder)
            self.folder, self.name = folder, folder.name
        self.fingerprint = self._fingerprint()

    def _windows(
        self, items: Iterable[T], candidate_of: Callable[[T], Candidate], decoding: Decoding | None
    ) -> Iterator[list[T]]:
        limit = self.options.batch_tokens // (1 if decoding is None else decoding.count)
        return cut_windows(items, candidate_of, self.packer, limit)

    def _fingerprint(self) -> str:
        state = adapters.state(self.log_probs.network)
        adapter = weights.digest_state(state) if state and not is_outlined(self.options) else None
        return weights.fingerprint(self._weights, adapter, self.tokenizer, self.options)
