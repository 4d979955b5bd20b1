"""Qwen2.5-Omni thinkers, from the 7B of the hub to the tiny base: they answer, score and train."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self, TypeVar

import torch
from peft import LoraConfig, PeftModel
from torch import nn
from transformers import PreTrainedTokenizerBase, Qwen2_5OmniThinkerForConditionalGeneration

from avere import settings
from avere.asking.clips import ask_clip
from avere.errors import AvereError, MediaError
from avere.interfaces import Candidate, Decoding, ModelSize, Prompt, Reply, TokenCounts
from avere.models.packing import adapters, quantisation
from avere.models.packing.decoding import views_of, views_of_candidates
from avere.models.packing.feature_store import FeatureStore
from avere.models.qwen import decoding as qwen_decoding
from avere.models.qwen import files, generation, windows
from avere.models.qwen.media import MediaReader
from avere.models.qwen.module import PackedThinker
from avere.models.qwen.options import QwenOptions
from avere.models.qwen.packer import PackedCandidates, Packer
from avere.records import Clip

T = TypeVar("T")


class QwenOmni:
    """A Responder, Scorer and Trainable over the library's Qwen2.5-Omni thinker."""

    shows_logits = True

    def __init__(
        self,
        network: Qwen2_5OmniThinkerForConditionalGeneration | PeftModel,
        packer: Packer,
        options: QwenOptions,
        folder: Path,
    ) -> None:
        self.log_probs = PackedThinker(network, train_encoders=options.train_encoders)
        self.module: nn.Module = self.log_probs
        self.packer = packer
        self.options = options
        self.folder = folder
        self.name = folder.name
        self._weights = "" if options.outlined else files.digest_files(folder)
        self._reference: Qwen2_5OmniThinkerForConditionalGeneration | None = None
        self.fingerprint = self._fingerprint()

    @classmethod
    def load(cls, source: str | Path, options: QwenOptions | None = None) -> Self:
        """Load a model or adapter folder, or a hub repository.

        Raises:
            AvereError: nothing usable is there; the text says what to give.
        """
        given = options or QwenOptions()
        if given.quantise is not None and not given.outlined:
            quantisation.check(given.torch_device)
        wanted = files.WANTED if not given.outlined else files.SMALL
        folder = files.locate(source, wanted)
        if (folder / files.ADAPTER).is_file() and not (folder / "config.json").is_file():
            base = str(files.read_json(folder / files.ADAPTER)["base_model_name_or_path"])
            given = given.in_folder(folder).model_copy(update={"adapter": folder})
            return cls.load(base, given)
        chosen = given.in_folder(folder)
        thinker = files.open_thinker(folder, chosen)
        expander = files.expander_of(thinker.config, interleaved=chosen.interleaved)
        studio = MediaReader(chosen, files.open_extractor(folder))
        packer = Packer(files.open_tokenizer(folder), studio, expander)
        network = thinker if chosen.adapter is None else adapters.read(thinker, chosen.adapter)
        return cls(network, packer, chosen, folder)

    @property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The tokenizer with its chat template."""
        return self.packer.tokenizer

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.log_probs.thinker.device

    def encode(self, candidates: Sequence[Candidate]) -> PackedCandidates:
        """Turn readings into tensors; order kept, equal content shared."""
        return self.packer.pack_candidates(candidates)

    def score(self, candidates: Sequence[Candidate], decoding: Decoding | None = None) -> list[float]:
        """Return the summed log-probability of each response, end token included, in order."""
        order = sorted(range(len(candidates)), key=lambda index: windows.root(candidates[index].prompt))
        scores = [0.0] * len(candidates)
        self.log_probs.eval()
        with torch.no_grad():
            for window in self._windows(order, lambda index: candidates[index], decoding):
                views = views_of_candidates([candidates[index] for index in window], decoding)
                encoded = self.encode(views).to(self.device)
                values = qwen_decoding.score(self.log_probs, encoded, decoding)
                for index, value in zip(window, values.tolist(), strict=True):
                    scores[index] = value
        return scores

    def response_tokens(self, candidates: Sequence[Candidate]) -> list[int]:
        """Return how many tokens each response has, end token included."""
        return [self.packer.response_length(candidate) for candidate in candidates]

    def fault(self, prompt: Prompt) -> str | None:
        """Return why the media of an ask cannot be used, if so."""
        try:
            self.packer.media_tokens(prompt)
        except MediaError as error:
            return str(error)
        return None

    def work(self, candidates: Sequence[Candidate]) -> TokenCounts:
        """Count the tokens of a forward over these readings, packed and one by one."""
        return self.packer.count_tokens(candidates)

    def outline(self) -> ModelSize:
        """Return the sizes that memory and time follow from."""
        config = self.log_probs.thinker.config.get_text_config()
        return ModelSize(
            layers=config.num_hidden_layers,
            width=config.hidden_size,
            feed_forward=config.intermediate_size,
            vocabulary=config.vocab_size,
            **self.log_probs.sizes(),
        )

    def candidate_digest(self, candidate: Candidate) -> str:
        """Return a digest of all that decides this model's number for a reading, but its weights.

        Raises:
            MediaError: a medium of it is missing or empty.
        """
        attention = self.log_probs.thinker.model.language_model.config._attn_implementation
        machine = [str(self.options.torch_dtype), attention]
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
        """Yield greedy replies in order; an ask whose media fail gets a reply that says why.

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
            yield from self._answer(window, max_tokens, decoding)

    def ask(self, clip: Clip | Path | str, text: str, max_tokens: int = 128) -> str:
        """Return the answer to a question about a clip.

        Raises:
            AvereError: the clip cannot be used.
        """
        return ask_clip(self, clip, text, max_tokens).text

    def add_lora(
        self, rank: int = 8, alpha: int = 4, dropout: float = 0.0, seed: int = 0, *, dora: bool = False
    ) -> None:
        """Add a fresh adapter, which changes nothing until it is trained; the rest no longer trains.

        Defaults are the published rank and alpha.

        Raises:
            AvereError: there is an adapter already.
        """
        if isinstance(self.log_probs.network, PeftModel):
            raise AvereError(f"'{self.name}' has an adapter already; call merge() first")
        config = LoraConfig(
            r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=adapters.LINEARS, use_dora=dora
        )
        self.log_probs.network = adapters.fresh(self.log_probs.network, config, seed)
        self.fingerprint = self._fingerprint()

    def merge(self) -> None:
        """Fold the adapter into the weights.

        Raises:
            AvereError: the weights have four bits, which would lose most of the adapter.
        """
        if self.options.quantise is not None:
            raise AvereError(f"'{self.name}' is quantised; load it without quantise to merge its adapter")
        if isinstance(self.log_probs.network, PeftModel):
            self.log_probs.network = self.log_probs.network.merge_and_unload()
            self._weights = files.digest_state(self.log_probs.network.state_dict().items())
            self.fingerprint = self._fingerprint()

    def freeze_reference(self) -> None:
        """Keep a copy of the weights as they are now, for :meth:`as_reference` under full tuning."""
        reference = copy.deepcopy(self.log_probs.thinker).requires_grad_(requires_grad=False)
        reference.train(mode=False)
        self._reference = reference

    def keep_features(self, folder: Path, limit: int) -> None:
        """Keep on disk what the frozen encoders make of media, up to ``limit`` bytes, and look there first.

        The fingerprint of now stands for the encoders: call this before training.

        Raises:
            AvereError: the encoders are not frozen.
        """
        self.log_probs.keep_features(FeatureStore(folder, limit), self.fingerprint)
        self.packer.names_content = True

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
        files.write(folder, self.log_probs.network, self.tokenizer, self.folder, whole)
        self.options.write(folder)
        if state is not None:
            return
        if not isinstance(self.log_probs.network, PeftModel):
            self._weights = files.digest_files(folder)
            self.folder, self.name = folder, folder.name
        self.fingerprint = self._fingerprint()

    def _answer(
        self, window: Sequence[tuple[int, Prompt]], max_tokens: int, decoding: Decoding | None
    ) -> Iterator[Reply]:
        """Yield the replies to some asks, in order; halve the window where memory does not suffice."""
        started = time.perf_counter()
        faults = {index: fault for index, prompt in window if (fault := self.fault(prompt)) is not None}
        sound = [(index, prompt) for index, prompt in window if index not in faults]
        try:
            texts = self._generate([prompt for _, prompt in sound], max_tokens, decoding) if sound else []
        except torch.OutOfMemoryError as error:
            if len(window) > 1:
                yield from self._answer(window[: len(window) // 2], max_tokens, decoding)
                yield from self._answer(window[len(window) // 2 :], max_tokens, decoding)
            else:
                yield Reply(index=window[0][0], text="", status="out-of-memory", reason=str(error))
            return
        seconds = (time.perf_counter() - started) / len(window)
        replies = dict(zip((index for index, _ in sound), texts, strict=True))
        for index, prompt in window:
            if index in faults:
                yield Reply(index=index, text="", status="media error", reason=faults[index])
            else:
                tokens = self.packer.media_tokens(prompt)
                yield Reply(index=index, text=replies[index], media_tokens=tokens, seconds=seconds)

    def _generate(self, prompts: Sequence[Prompt], max_tokens: int, decoding: Decoding | None) -> list[str]:
        packed_prompts = self.packer.pack_prompts(views_of(prompts, decoding)).to(self.device)
        ids = generation.generate(
            self.log_probs, packed_prompts, max_tokens=max_tokens, end=self.packer.end, decoding=decoding
        )
        return [str(self.tokenizer.decode(reply, skip_special_tokens=True)) for reply in ids]

    def _windows(
        self, items: Iterable[T], reading_of: Callable[[T], Candidate], decoding: Decoding | None
    ) -> Iterator[list[T]]:
        limit = self.options.batch_tokens // (1 if decoding is None else decoding.count)
        return windows.windows(items, reading_of, self.packer, limit)

    def _fingerprint(self) -> str:
        state = adapters.state(self.log_probs.network)
        adapter = files.digest_state(state) if state and not self.options.outlined else None
        return files.fingerprint(self._weights, adapter, self.tokenizer, self.options)


def handles(source: str) -> bool:
    """Return whether a folder or hub repository is for this module."""
    folder = files.locate(source, ("config.json", files.ADAPTER))
    content = files.read_json(folder / "config.json")
    return content.get("model_type") in files.MODEL_TYPES or (folder / files.ADAPTER).is_file()


def load(source: str | Path, **options: object) -> QwenOmni:
    """Load a model; ``options`` are the fields of :class:`Options`.

    Raises:
        AvereError: nothing usable is there, or an option is wrong.
    """
    return QwenOmni.load(source, settings.check(options, QwenOptions, f"options for '{source}'"))


def example(folder: Path) -> QwenOmni:
    """Make the smallest instance, for tests of what every model must do."""
    from avere.models import tiny

    tiny.build(tiny.smallest(), ["What do you hear? Yes, laughter. No."], folder, seed=0)
    return load(folder)
