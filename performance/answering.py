"""Closed questions about long clips, and four ways to get them answered by the same model."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

import records
import shapes
import stock
from avere.benchmark import BenchmarkData
from avere.evaluate._predicting import predict_items
from avere.evaluate.plan import Item, list_items
from avere.evaluate.recipe import EvaluationRecipe
from avere.interfaces import Candidate
from avere.models import qwen_omni, tiny
from avere.models.packing.model import LocalModel
from avere.models.packing.rows import PackedRows
from avere.models.tiny import TinyConfig
from avere.records import Prediction, Provenance, Question
from counting import Work, apart, merged, total

REPLY_TOKENS = 5
"""As the published evaluation allows."""

LONG: dict[str, Any] = {"frames": 8, "size": (504, 504), "audio_seconds": 24.0}
"""1,296 tokens of video and 600 of sound."""
MODELS = {
    "toy": tiny.smallest(),
    "tiny": TinyConfig(**LONG),
    "100m": TinyConfig(
        hidden=768,
        layers=12,
        heads=12,
        key_value_heads=4,
        feed_forward=2304,
        encoder_hidden=384,
        encoder_heads=6,
        encoder_feed_forward=1536,
        vision_layers=4,
        audio_layers=4,
        **LONG,
    ),
}
OPTIONS = ("a bright smile", "a trembling voice", "a red shirt", "a person")


def build(name: str, folder: Path, **options: object) -> LocalModel:
    """Return an untrained model; its vocabulary is its tokenizer's, so that what it says can be compared."""
    tiny.build(MODELS[name], [shapes.CORPUS], folder, seed=0)
    return qwen_omni.load(folder, **options)


def ask(folder: Path, name: str, clips: int, questions: int) -> list[Item]:
    """Return questions, clip by clip, about clips written to a folder."""
    config = MODELS[name]
    shape = shapes.SHAPES["toy"]._replace(side=config.size[0], seconds=config.audio_seconds)
    made = [records.write(folder / f"c{number}.mp4", shape, number) for number in range(clips)]
    asked = tuple(
        Question(
            id=f"{clip.id}/{number}",
            clip=clip.id,
            task="reasoning_basic_audio",
            text=f"what do you hear or see that shows how the person feels {number}",
            choices=OPTIONS,
            answer=0,
            target="audiovisual",
            made_by=Provenance(version="benchmark"),
        )
        for clip in made
        for number in range(questions)
    )
    given = BenchmarkData(asked, {clip.id: clip for clip in made}, cues=(), donors=tuple(made), left_out={})
    return list(chain.from_iterable(list_items(given, EvaluationRecipe(), fingerprint="benchmark")))


def published(model: LocalModel, given: Sequence[Item]) -> list[str]:
    """Answer one question after the other; every token runs the encoders and the whole sequence again."""

    def answer(inputs: dict[str, Tensor]) -> list[int]:
        said: list[int] = []
        ids, media = inputs["input_ids"], {name: inputs[name] for name in inputs if name != "input_ids"}
        for _ in range(REPLY_TOKENS):
            mask = torch.ones_like(ids)
            found: Any = model.log_probs.base_model(
                input_ids=ids, attention_mask=mask, **media, use_cache=False
            )
            said.append(int(found.logits[0, -1].argmax()))
            if said[-1] == model.packer.end:
                break
            ids = torch.cat([ids, torch.tensor([said[-1:]], device=ids.device)], dim=1)
        return said

    return _one_by_one(model, given, answer)


def cached(model: LocalModel, given: Sequence[Item]) -> list[str]:
    """Answer one question after the other with the library's ``generate`` and its cache."""

    def answer(inputs: dict[str, Tensor]) -> list[int]:
        thinker: Any = model.log_probs.base_model
        ids = inputs["input_ids"]
        told = {"max_new_tokens": REPLY_TOKENS, "do_sample": False, "use_cache": True}
        ends = {"eos_token_id": model.packer.end, "pad_token_id": model.packer.end}
        found: Tensor = thinker.generate(**inputs, attention_mask=torch.ones_like(ids), **told, **ends)
        said: list[int] = found[0, ids.shape[1] :].tolist()
        return said

    return _one_by_one(model, given, answer)


def replies(model: LocalModel, given: Sequence[Item]) -> list[str]:
    """Let the model say as much as above, by what ``avere evaluate`` does with ``closed: reply``."""
    return [
        one.reply
        for one in _predictions(model, given, EvaluationRecipe(closed="reply", closed_tokens=REPLY_TOKENS))
    ]


def options(model: LocalModel, given: Sequence[Item]) -> list[str]:
    """Take the likeliest letter, by what ``avere evaluate`` does by default."""
    return [_letter(one.choice_log_probs or ()) for one in _predictions(model, given, EvaluationRecipe())]


WAYS: dict[str, Callable[[LocalModel, Sequence[Item]], list[str]]] = {
    "published": published,
    "cached": cached,
    "replies": replies,
    "options": options,
}


def likeliest(model: LocalModel, item: Item) -> str:
    """Return the likeliest letter of a question by one plain forward for each."""
    with torch.no_grad():
        batches = [stock.batch(model, [candidate]).to(model.device) for candidate in _readings([item])]
        return _letter([float(stock.everywhere(model, batch)) for batch in batches])


def work(name: str, model: LocalModel, given: Sequence[Item]) -> Work:
    """Count the work of a way, its replies as long as they may be."""
    packed = [model.packer.pack_prompts([item.prompt]) for item in given]
    media = [_media(one.packed) for one in packed]
    lengths = [len(one.places[0]) for one in packed]
    steps = range(1, REPLY_TOKENS)
    if name == "published":
        each = [apart([length + more], length + more) for length in lengths for more in (0, *steps)]
        return total([*each, *(media * REPLY_TOKENS)])
    later = [Work(1, length + more, 1, length + more, 1) for length in lengths for more in steps]
    if name == "cached":
        return total([*(apart([length], length) for length in lengths), *media, *later])
    parts = [list(part) for part in _groups(given)]
    if name == "replies":
        first = [
            _whole(model.packer.pack_prompts([item.prompt for item in part]).packed, len(part))
            for part in parts
        ]
        return total([*first, *later])
    encoded = [model.encode(_readings(part)) for part in parts]
    return total(_packed(each.packed, each.predictors.numpy()) for each in encoded)


def _one_by_one(
    model: LocalModel, given: Sequence[Item], answer: Callable[[dict[str, Tensor]], list[int]]
) -> list[str]:
    """List the prompt of each question, each prepared from its files; no clip comes twice in a row."""
    order = sorted(range(len(given)), key=lambda place: int(given[place].question.id.partition("/")[2]))
    said = [""] * len(given)
    for place in order:
        prompt = given[place].prompt
        packed = model.packer.pack_prompts([prompt]).packed
        inputs = {
            "input_ids": stock.placeholders(model, packed)[None],
            **stock.media_in(model, [prompt], [packed]),
        }
        with torch.no_grad():
            ids = answer({name: value.to(model.device) for name, value in inputs.items()})
        said[place] = str(model.tokenizer.decode(ids, skip_special_tokens=True))
    return said


def _predictions(model: LocalModel, given: Sequence[Item], recipe: EvaluationRecipe) -> list[Prediction]:
    """Return predictions as a run makes them, a few clips at a time."""
    return [one for part in _groups(given) for one in predict_items(model, part, recipe)]


def _groups(given: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield the questions of as many clips as a run hands to the model together."""
    clips = list(dict.fromkeys(item.question.clip for item in given))
    size = EvaluationRecipe().clips_at_once
    for start in range(0, len(clips), size):
        some = clips[start : start + size]
        yield [item for item in given if item.question.clip in some]


def _readings(given: Sequence[Item]) -> list[Candidate]:
    return [Candidate(prompt=item.prompt, response=option) for item in given for option in item.options]


def _packed(packed: PackedRows, predictors: np.ndarray) -> Work:
    """Return the work of a packed row and its media; the last layer returns the predictors' states only."""
    return total([merged(packed.ends.flatten().numpy(), predictors), _media(packed)])


def _whole(packed: PackedRows, scored: int) -> Work:
    """Return the work of a packed row and its media where the last layer returns every state."""
    every = np.arange(packed.ends.numel())
    return _packed(packed, every)._replace(scored=scored)


def _media(packed: PackedRows) -> Work:
    taken = stock.inputs_of(packed)
    return Work(patches=len(taken.patches), frames=taken.mels.shape[1])


def _letter(values: Sequence[float]) -> str:
    """Return the letter of the highest value."""
    return "ABCD"[max(range(len(values)), key=values.__getitem__)]
