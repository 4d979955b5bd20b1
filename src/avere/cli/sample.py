"""The verb ``sample``: let a model answer each prompt several times, with the probability of each answer."""

from pathlib import Path
from typing import Annotated

import typer

ROAD = "Train"


def sample(
    folder: Annotated[
        Path, typer.Argument(help="Folder with pairs.jsonl, clips.jsonl and, where known, cues.jsonl.")
    ],
    *,
    model: Annotated[
        str, typer.Option(help="A model whose weights are here: tiny, a folder, a hub repository.")
    ] = "tiny",
    adapter: Annotated[Path | None, typer.Option(help="Folder of a peft adapter.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for samples.jsonl; a stopped run goes on.")],
    count: Annotated[int, typer.Option(min=1, help="Answers to each prompt.")] = 8,
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 64,
    temperature: Annotated[float, typer.Option(help="1 draws from the model itself.")] = 1.0,
    top_p: Annotated[
        float, typer.Option(help="Draw among the likeliest that hold this share; 1: all.")
    ] = 1.0,
    prompts: Annotated[int | None, typer.Option(min=1, help="So many, drawn with the seed.")] = None,
    prompts_at_once: Annotated[int, typer.Option(min=1, help="Prompts of one batch.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="Of prompts and answers.")] = 0,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out prompts whose clips lack what is asked about.")
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, ...")] = "auto",
) -> None:
    """Draw answers to the prompts of preference pairs; all answers to a clip share its media.

    For example: avere sample data/train --model tiny --count 8 --prompts 64 --out samples
    """
    import avere
    from avere import settings
    from avere.preference.online.prompts import read_prompts
    from avere.preference.online.sample import SamplingRecipe, sample_policy

    given = {
        **{"count": count, "max_tokens": max_tokens, "temperature": temperature, "top_p": top_p},
        **{"prompts": prompts, "prompts_at_once": prompts_at_once, "seed": seed},
        "on_bad_prompt": "skip" if skip_bad else "refuse",
    }
    recipe = settings.check(given, SamplingRecipe, "avere sample")
    read_prompts(folder)  # what is wrong there is told before a model is loaded
    chosen: dict[str, object] = {} if device == "auto" else {"device": device}
    chosen |= {} if adapter is None else {"adapter": adapter}
    file = sample_policy(avere.load(model, **chosen), folder, recipe, out)
    print(f"samples: {file}")
