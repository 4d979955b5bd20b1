"""Measure questions a second of four ways to ask the same model the same questions, a fresh process a way.

``python performance/evaluate.py --model 100m --json out.json``; ``--device cuda`` on a GPU. Decoding the
media is inside the clock, loading the model is not.
"""

import argparse
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
import transformers

import answering
import counting
import shapes
from train_step import clocked, in_process, machine, seconds_of


def main(words: list[str]) -> int:
    """Run every way in a process of its own and print what it answers a second; 1 where answers differ."""
    arguments = parse(words)
    if arguments.child:
        print(json.dumps(measure(arguments.child, arguments)))
        return 0
    found = {name: in_process(__file__, name, words) for name in arguments.ways}
    whole = {
        "command": " ".join(["python", "performance/evaluate.py", *words]),
        "machine": machine(arguments),
        "agreed": agreed(found),
        "ways": found,
    }
    report(whole, arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    return 0 if whole["agreed"] else 1


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", choices=sorted(answering.MODELS), default="100m")
    parser.add_argument("--clips", type=int, default=2)
    parser.add_argument("--questions", type=int, default=8, help="about each clip")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--ways", nargs="+", choices=list(answering.WAYS), default=list(answering.WAYS))
    parser.add_argument("--json", type=Path, help="where all numbers go")
    parser.add_argument("--child", choices=list(answering.WAYS), help=argparse.SUPPRESS)
    return parser.parse_args(words)


def measure(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Time the answers of one way in this process; give them too."""
    transformers.logging.set_verbosity(logging.ERROR)
    torch.set_num_threads(arguments.threads)
    ours = name in ("replies", "options")
    # One question at a time, nothing of a clip is left when the next question about it comes.
    more = {"attention": "auto"} if ours else {"attention": "sdpa", "remember": 2}
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        model = answering.build(arguments.model, folder / "model", device=arguments.device, **more)
        # The last clip warms up: what is loaded or compiled once is no part of an answer.
        given = answering.ask(folder, arguments.model, arguments.clips + 1, arguments.questions)
        timed = given[: arguments.clips * arguments.questions]
        answering.WAYS[name](model, given[-1:])
        said: list[str] = []
        taken = clocked(lambda: said.extend(answering.WAYS[name](model, timed)), model)
        done = answering.work(name, model, timed)
        checked = {place: answering.likeliest(model, timed[place]) for place in range(min(2, len(timed)))}
        length = len(model.packer.pack_prompts([timed[0].prompt]).places[0])
        weights = sum(model.log_probs.sizes()[part] for part in ("body", "encoders"))
    configs = {arguments.model: model.log_probs.base_model.config}
    configs |= {shape: shapes.configuration(shapes.SHAPES[shape]) for shape in ("3b", "7b")}
    counted = {each: counting.products(config, done, counting.FORWARD) for each, config in configs.items()}
    return {
        **taken,
        "questions": len(timed),
        "questions_per_s": len(timed) / seconds_of(taken, arguments),
        "answers": said,
        "checked": {str(place): letter for place, letter in checked.items()} if name == "options" else {},
        "prompt_tokens": length,
        "weights": weights,
        "tokens": done.tokens,
        "products": counted,
    }


def agreed(found: dict[str, dict[str, Any]]) -> bool:
    """Check that all that speak say the same, and that letters are those of plain forwards."""
    spoken = [each["answers"] for name, each in found.items() if name != "options"]
    same = all(said == spoken[0] for said in spoken)
    letters = [
        each["answers"][int(place)] == letter
        for each in found.values()
        for place, letter in each["checked"].items()
    ]
    return same and all(letters)


def report(whole: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Print a table, then the factors beside those that counting predicts."""
    found = whole["ways"]
    any_one = next(iter(found.values()))
    print(f"{whole['command']}\n{whole['machine']}")
    print(
        f"{any_one['weights'] / 1e6:.1f} million weights, {any_one['questions']} questions about "
        f"{arguments.clips} clips, {any_one['prompt_tokens']} tokens each"
    )
    print(f"{'':10}{'cpu s':>9}{'wall s':>9}{'questions/s':>13}{'tokens':>9}")
    for name, each in found.items():
        print(
            f"{name:10}{each['cpu_s']:9.2f}{each['wall_s']:9.2f}{each['questions_per_s']:13.3f}"
            f"{each['tokens']:9}"
        )
    for better in ("replies", "options"):
        for worse in ("published", "cached"):
            if better in found and worse in found:
                print(factor(found[worse], found[better], f"{better} over {worse}"))
    print(f"answers {'agree' if whole['agreed'] else 'DIFFER'}")


def factor(worse: dict[str, Any], better: dict[str, Any], title: str) -> str:
    """Return a line with a measured factor and the ones counted."""
    told = ", ".join(
        f"{model} {products / better['products'][model]:.1f}" for model, products in worse["products"].items()
    )
    measured = better["questions_per_s"] / worse["questions_per_s"]
    return f"{title}: {measured:.1f} times as fast; counted: {told}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
