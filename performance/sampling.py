"""Measure drawn answers a second: `avere sample` against the library's ``generate`` one prompt at a time.

``python performance/sampling.py --model 100m --json out.json``; ``--device cuda`` on a GPU. All draws have
the same length, since no end token may come. The library draws the answers of a prompt one by one: its model
does not repeat media for several. Decoding the media is inside the clock, loading the model is not.
"""

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers

import answering
import stock
from avere.evaluate.plan import Item
from avere.interfaces import Drawing
from avere.models.packing.model import LocalModel
from train_step import clocked, in_process, machine, seconds_of


def main(words: list[str]) -> int:
    """Run both ways in processes of their own and print what each draws a second."""
    arguments = parse(words)
    if arguments.child:
        print(json.dumps(measure(arguments.child, arguments)))
        return 0
    found = {name: in_process(__file__, name, words) for name in WAYS}
    whole = {
        "command": " ".join(["python", "performance/sampling.py", *words]),
        "machine": machine(arguments),
        "ways": found,
        "ratio": found["sample"]["answers_per_s"] / found["generate"]["answers_per_s"],
    }
    print(f"{whole['command']}\n{whole['machine']}")
    for name, each in found.items():
        rate, total, length = each["answers_per_s"], each["answers"], each["prompt_tokens"]
        print(f"{name:<10} {rate:8.3f} answers/s  ({total} answers, prompts of {length} tokens)")
    print(f"sample draws {whole['ratio']:.2f} times as many answers a second as generate")
    if arguments.json:
        arguments.json.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    return 0


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", choices=sorted(answering.MODELS), default="100m")
    parser.add_argument("--clips", type=int, default=2)
    parser.add_argument("--prompts", type=int, default=2, help="about each clip")
    parser.add_argument("--count", type=int, default=8, help="answers to each prompt")
    parser.add_argument("--tokens", type=int, default=32, help="of an answer")
    parser.add_argument("--at-once", type=int, default=4, help="prompts of one batch")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", type=Path, help="where all numbers go")
    parser.add_argument("--child", choices=list(WAYS), help=argparse.SUPPRESS)
    return parser.parse_args(words)


def measure(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Time one way in this process."""
    transformers.logging.set_verbosity(logging.ERROR)
    torch.set_num_threads(arguments.threads)
    more = {"attention": "auto"} if name == "sample" else {"attention": "sdpa"}
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        model = answering.build(arguments.model, folder / "model", device=arguments.device, **more)
        given = answering.ask(folder, arguments.model, arguments.clips + 1, arguments.prompts)
        timed, drawing = given[: arguments.clips * arguments.prompts], _drawing(arguments)
        # The last clip warms up: what is loaded or compiled once is no part of an answer.
        WAYS[name](model, given[-1:], drawing, arguments.at_once)
        counts: list[int] = []
        taken = clocked(lambda: counts.append(WAYS[name](model, timed, drawing, arguments.at_once)), model)
        length = len(model.packer.pack_prompts([timed[0].prompt]).places[0])
    assert counts[-1] == len(timed) * arguments.count * arguments.tokens
    answers = len(timed) * arguments.count
    return {
        **taken,
        "answers": answers,
        "answers_per_s": answers / seconds_of(taken, arguments),
        "prompt_tokens": length,
    }


def _drawing(arguments: argparse.Namespace) -> Drawing:
    return Drawing(count=arguments.count, max_tokens=arguments.tokens, seed=0)


def sample(model: LocalModel, given: Sequence[Item], drawing: Drawing, at_once: int) -> int:
    """Draw as `avere sample` does; count the tokens."""
    model.packer.end = -1  # no token: every draw goes on to its limit
    tokens = 0
    for start in range(0, len(given), at_once):
        some = given[start : start + at_once]
        prompts, names = [item.prompt for item in some], [item.question.id for item in some]
        tokens += sum(one.tokens for each in model.sample(prompts, names, drawing) for one in each)
    return tokens


def generate(model: LocalModel, given: Sequence[Item], drawing: Drawing, at_once: int) -> int:
    """Draw with the library's ``generate``, one answer to one prompt a call; count the tokens."""
    del at_once
    thinker: Any = model.log_probs.base_model
    limits = {"max_new_tokens": drawing.max_tokens, "min_new_tokens": drawing.max_tokens}
    told = {**limits, "do_sample": True, "top_k": 0, "temperature": drawing.temperature, "use_cache": True}
    tokens = 0
    for item in given:
        packed = model.packer.pack_prompts([item.prompt]).packed
        ids = stock.placeholders(model, packed)[None].to(model.device)
        media = stock.media_in(model, [item.prompt], [packed])
        inputs = {name: value.to(model.device) for name, value in media.items()}
        for number in range(drawing.count):
            torch.manual_seed(drawing.seed + number)
            found = thinker.generate(
                input_ids=ids, **inputs, attention_mask=torch.ones_like(ids), **told,
                eos_token_id=model.packer.end, pad_token_id=model.packer.end,
            )  # fmt: skip
            tokens += found.shape[1] - ids.shape[1]
    return tokens


WAYS: dict[str, Callable[[LocalModel, Sequence[Item], Drawing, int], int]] = {
    "generate": generate,
    "sample": sample,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
