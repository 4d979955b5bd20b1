"""A model of the library as it comes: it answers by ``generate`` and scores one candidate a forward.

For models that packed rows cannot hold: recurrent layers do not branch, and pictures may be read both ways.
Nothing is shared here, so it is also what packed rows can be compared with.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from jaxtyping import Float
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase, ProcessorMixin

from avere.asking.clips import ask_clip
from avere.errors import AvereError, MediaError
from avere.interfaces import Candidate, Prompt, Reply
from avere.models.packing import weights
from avere.models.packing.prompts import apply_template
from avere.models.packing.templates import render_template
from avere.models.separate.media import StockMedia
from avere.models.separate.options import StockOptions
from avere.records import Clip, MediaTokens

Inputs = dict[str, Tensor]
"""What a processor makes of a prompt, a batch of one."""


class StockModel:
    """A Responder and Scorer over a model and a processor of the library."""

    def __init__(
        self,
        network: PreTrainedModel,
        processor: ProcessorMixin,
        tokenizer: PreTrainedTokenizerBase,
        options: StockOptions,
        folder: Path,
    ) -> None:
        """Ask ``network`` through ``processor``; ``tokenizer`` holds the chat template."""
        self.network: Any = network
        self.processor: Any = processor
        self.tokenizer = tokenizer
        self.options = options
        self.media = StockMedia(processor, options)
        self.name = folder.name
        self.fingerprint = weights.fingerprint(weights.digest_weights(folder), None, tokenizer, options)
        self._variables = {"enable_thinking": options.thinking}
        self._end = self._find_end()
        self._keeps = "logits_to_keep" in inspect.signature(network.forward).parameters

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[Reply]:
        """Yield greedy replies in order; a prompt whose media fail gets a reply that says why.

        Raises:
            AvereError: a schema is given, which this model cannot be held to.
        """
        if schema is not None:
            raise AvereError(f"'{self.name}' cannot be held to a JSON schema; leave the schema out")
        del seed  # greedy: nothing is drawn
        for index, prompt in enumerate(prompts):
            yield self._reply(index, prompt, max_tokens)

    def score(self, candidates: Sequence[Candidate]) -> list[float]:
        """Sum the log-probabilities of each response's tokens, end token included, in order.

        Raises:
            MediaError: a medium cannot be used.
        """
        latest: tuple[Prompt, Inputs] | None = None
        scores = []
        for candidate in candidates:
            if latest is None or latest[0] != candidate.prompt:
                latest = candidate.prompt, self._encode(candidate.prompt)
            scores.append(float(self._log_probs(latest[1], candidate.response).sum()))
        return scores

    def fault(self, prompt: Prompt) -> str | None:
        """Name the fault of a prompt's media; None where they can be used."""
        try:
            self.media.kinds(prompt)
            self.media.arguments(prompt)
        except MediaError as error:
            return str(error)
        return None

    def media_tokens(self, prompt: Prompt) -> MediaTokens:
        """Count the tokens that the media of a prompt become.

        Raises:
            MediaError: one cannot be used.
        """
        return self._count(prompt, self._encode(prompt))

    def ask(self, clip: Clip | Path | str, text: str, max_tokens: int = 128) -> str:
        """Answer a question about a clip.

        Raises:
            AvereError: the clip cannot be used.
        """
        return ask_clip(self, clip, text, max_tokens).text

    @torch.no_grad()
    def _reply(self, index: int, prompt: Prompt, max_tokens: int) -> Reply:
        started = time.perf_counter()
        try:
            inputs = self._encode(prompt)
            told = {"max_new_tokens": max_tokens, "do_sample": False, "pad_token_id": self._end}
            ends = {self._end, *_list_ids(self.network.generation_config.eos_token_id)}
            found: Tensor = self._compute(self.network.generate, **inputs, **told, eos_token_id=sorted(ends))
        except MediaError as error:
            return Reply(index=index, text="", status="media error", reason=str(error))
        except torch.OutOfMemoryError as error:
            return Reply(index=index, text="", status="out-of-memory", reason=str(error))
        text = self.tokenizer.decode(found[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        seconds = time.perf_counter() - started
        return Reply(index=index, text=str(text), media_tokens=self._count(prompt, inputs), seconds=seconds)

    @torch.no_grad()
    def _log_probs(self, prompt: Inputs, response: str) -> Float[Tensor, " tokens"]:
        """Compute the log-probability of each token of a response and its end, in one plain forward."""
        answer = [*self.tokenizer(response, add_special_tokens=False)["input_ids"], self._end]
        ids = torch.tensor([answer], device=prompt["input_ids"].device)
        inputs = {name: _lengthen(name, value, prompt, ids) for name, value in prompt.items()}
        kept = {"logits_to_keep": len(answer) + 1} if self._keeps else {}
        logits: Tensor = self._compute(self.network, **inputs, **kept, use_cache=False).logits
        values = logits[0, -len(answer) - 1 : -1].float().log_softmax(-1)
        return values.gather(1, ids.T)[:, 0]

    def _compute(self, call: Any, **given: Any) -> Any:
        """Call the library.

        Raises:
            MediaError: it fails, as it does for some models and media; the other questions can go on.
        """
        try:
            return call(**given)
        except (ValueError, TypeError, RuntimeError, IndexError, AttributeError) as error:
            if isinstance(error, torch.OutOfMemoryError):
                raise
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise MediaError(
                f"transformers {transformers.__version__} cannot compute with '{self.name}': {reason}; "
                "where films fail, give their frames as pictures (pictures=true)"
            ) from error

    def _encode(self, prompt: Prompt) -> Inputs:
        """Make the inputs of a prompt, up to the first token of the reply.

        Raises:
            MediaError: a medium cannot be decoded, or the processor cannot take it.
        """
        kinds = self.media.kinds(prompt)
        given = self.media.arguments(prompt)
        marks = {kind: str(getattr(self.processor, f"{kind}_token")) for kind in dict.fromkeys(kinds)}
        text = apply_template(self.tokenizer, prompt, kinds, marks, self._variables)
        words = {"add_special_tokens": False}  # the template has written them
        try:
            made = self.processor(text=[text], text_kwargs=words, return_tensors="pt", **given)
        except (ValueError, TypeError, RuntimeError, IndexError, AttributeError) as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise MediaError(
                f"the processor of '{self.name}' cannot take {_name_media(prompt)}: {reason}"
            ) from error
        tensors = {name: value for name, value in made.items() if isinstance(value, Tensor)}
        device, dtype = self.network.device, self.network.dtype
        return {
            name: value.to(device, dtype if value.is_floating_point() else None)
            for name, value in tensors.items()
        }

    def _count(self, prompt: Prompt, inputs: Inputs) -> MediaTokens:
        cut = 0.0 if prompt.audio is None else self.media.hear(prompt.audio).cut
        video = self._places(inputs, ("video", "image"))
        return MediaTokens(video=video, audio=self._places(inputs, ("audio",)), audio_cut=cut)

    def _places(self, inputs: Inputs, kinds: Sequence[str]) -> int:
        """Count the tokens that stand for media of some kinds."""
        marks = [getattr(self.processor, f"{kind}_token", None) for kind in kinds]
        known = [self.tokenizer.convert_tokens_to_ids(mark) for mark in marks if mark is not None]
        # Some processors write a mark that is no token, and put the token of pictures into its place.
        counted = torch.tensor([each for each in known if each is not None])
        return int(torch.isin(inputs["input_ids"].cpu(), counted).sum())

    def _find_end(self) -> int:
        """Find the token that the template writes behind a reply, else that of the tokenizer."""
        asked: list[dict[str, Any]] = [{"role": "user", "content": [{"type": "text", "text": "a"}]}]
        before = render_template(self.tokenizer, asked, self._variables)
        told = [*asked, {"role": "assistant", "content": "b"}]
        whole = render_template(self.tokenizer, told, self._variables, reply=False)
        rest = whole.removeprefix(before + "b") if whole.startswith(before + "b") else ""
        found: list[int] = self.tokenizer(rest, add_special_tokens=False)["input_ids"]
        return found[0] if found else _list_ids(self.tokenizer.eos_token_id)[0]


def _lengthen(name: str, value: Tensor, prompt: Inputs, answer: Tensor) -> Tensor:
    """Put an answer behind what has a number for each token: its ids, a mask of ones, kinds of words."""
    if value.shape != prompt["input_ids"].shape:
        return value
    more = {"input_ids": answer, "attention_mask": torch.ones_like(answer)}
    return torch.cat([value, more.get(name, torch.zeros_like(answer)).to(value.dtype)], dim=1)


def _list_ids(found: int | list[int] | None) -> list[int]:
    """List token ids that a setting of the library gives alone, as a list, or not at all."""
    return [] if found is None else [found] if isinstance(found, int) else [*found]


def _name_media(prompt: Prompt) -> str:
    paths = dict.fromkeys(str(medium.path) for medium in (prompt.video, prompt.audio) if medium is not None)
    return " and ".join(paths) or "a prompt without media"
