"""Let a policy answer prompts several times: seeded, journalled with log-probabilities, resumed.

Prompts are taken so many at once, always the same ones together, and what is half done is done again. So a
run that was killed ends with the same bytes, on a CPU, as one that was not.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field
from rich.progress import Progress

from avere import __version__
from avere.errors import AvereError
from avere.interfaces import Drawing, SampledReply, Sampler
from avere.preference.online.prompts import (
    PromptData,
    choose_prompts,
    list_unusable,
    read_prompts,
    write_prompts,
)
from avere.records import PolicySample, PreferencePair, Provenance, RunInfo, journal, jsonl, locks, runs
from avere.settings import Settings

log = logging.getLogger(__name__)

FILE = "samples.jsonl"


class SamplingRecipe(Settings):
    """How a policy is let answer."""

    count: int = Field(default=8, ge=1)
    """Answers to each prompt."""
    max_tokens: int = Field(default=64, ge=1)
    """Of an answer; a longer one is cut off and never learnt from."""
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """1 draws from the policy itself, which GRPO's estimate assumes."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    prompts: int | None = Field(default=None, ge=1)
    """So many, drawn with the seed; None takes all."""
    prompts_at_once: int = Field(default=8, ge=1)
    """In one batch; the prompts of a clip stand together and share its media."""
    on_bad_prompt: Literal["refuse", "skip"] = "refuse"
    """Where a prompt asks about a medium that its clip lacks: stop, or leave the prompt out and count it."""
    seed: int = Field(default=0, ge=0)

    @property
    def drawing(self) -> Drawing:
        """What a model is told."""
        told = {"count", "max_tokens", "temperature", "top_p", "seed"}
        return Drawing(**self.model_dump(include=told))


def sample_policy(model: object, folder: Path, recipe: SamplingRecipe, out: Path) -> Path:
    """Draw answers to the prompts of a data folder and write them to ``samples.jsonl`` of a run folder.

    Raises:
        AvereError: the model draws no answers, a prompt has no media, ``out`` holds another run, or another
            process writes there.
    """
    if not isinstance(model, Sampler):
        raise AvereError(
            f"'{getattr(model, 'name', model)}' does not draw answers with their probabilities; give a model "
            "whose weights are here, such as tiny or a Qwen2.5-Omni folder"
        )
    data = choose_prompts(_usable(read_prompts(folder), recipe), recipe.prompts, recipe.seed)
    info = describe_run(model, data, recipe)
    busy = f"another process draws answers into '{out}'; wait for it, or give another --out"
    with locks.hold(out, busy):
        runs.refuse_other(out, info)
        done = read_samples(out)
        with (
            runs.recorded(out, info),
            journal.appending(out / FILE) as append,
            Progress(transient=True) as bar,
        ):
            write_prompts(data, out)
            task = bar.add_task(f"sample {model.name}", total=len(data.pairs))
            for batch in _batches(data.pairs, recipe.prompts_at_once):
                wanted = [name_sample(pair, n) for pair in batch for n in range(recipe.count)]
                if any(key not in done for key in wanted):
                    append(one for one in _draw(model, data, batch, recipe) if one.key not in done)
                bar.advance(task, len(batch))
        tell_faults(read_samples(out).values())
    return out / FILE


def read_samples(folder: Path) -> dict[str, PolicySample]:
    """Read the samples of a folder by their keys; a last line without its end is none yet.

    Raises:
        RecordError: a whole line is wrong.
    """
    file = folder / FILE
    if not file.is_file():
        return {}
    whole = (
        jsonl.parse(line, PolicySample, f"{file}:{number}")
        for number, line in jsonl.lines(file)
        if line.endswith(b"\n")
    )
    return {one.key: one for one in whole}


def name_sample(pair: PreferencePair, number: int) -> str:
    """Name one of the answers to a prompt."""
    return f"{pair.id}#{number}"


def describe_run(model: Sampler, data: PromptData, recipe: SamplingRecipe) -> RunInfo:
    """Describe a run by its model, its recipe and its inputs; media count by their content."""
    prompts = [data.prompt(pair) for pair in data.pairs]
    media = [medium for one in prompts for medium in (one.video, one.audio) if medium is not None]
    content = sorted({str(medium.identity(missing_ok=True)) for medium in media})
    return RunInfo(
        verb="sample",
        recipe=recipe.model_dump(mode="json"),
        models=(runs.describe_model(model),),
        data={
            "prompts": runs.digest_records(data.pairs),
            "cues": runs.digest_records(data.cues),
            "media": hashlib.sha256("\n".join(content).encode()).hexdigest(),
        },
        seed=recipe.seed,
    )


def tell_faults(samples: Collection[PolicySample]) -> dict[str, int]:
    """Count, and say in the log, what went wrong with samples."""
    counts: Counter[str] = Counter(one.status for one in samples if one.status != "ok")
    fine = [one for one in samples if one.status == "ok"]
    counts["empty"] = sum(not one.reply.strip() for one in fine)
    counts["cut off"] = sum(not one.ended for one in fine)
    for what, count in counts.items():
        if count:
            log.warning("%d of %d sampled answers: %s", count, len(samples), what)
    return {what: count for what, count in counts.items() if count}


def _usable(data: PromptData, recipe: SamplingRecipe) -> PromptData:
    """Take the prompts whose clips have what is asked about.

    Raises:
        AvereError: others are there and the recipe does not say to leave them out, or none is left.
    """
    bad = dict(list_unusable(data))
    left = tuple(pair for pair in data.pairs if pair.id not in bad)
    if bad and (recipe.on_bad_prompt == "refuse" or not left):
        first, why = next(iter(bad.items()))
        raise AvereError(
            f"{len(bad)} of {len(data.pairs)} prompts ask about a medium that is not there, first '{first}': "
            f"{why}; add the media, or set on_bad_prompt=skip to leave such prompts out"
        )
    if bad:
        log.warning(
            "%d of %d prompts are left out: their clips lack what is asked about", len(bad), len(data.pairs)
        )
    return data._replace(pairs=left)


def _batches(pairs: Sequence[PreferencePair], size: int) -> Iterator[Sequence[PreferencePair]]:
    for start in range(0, len(pairs), size):
        yield pairs[start : start + size]


def _draw(
    model: Sampler, data: PromptData, batch: Sequence[PreferencePair], recipe: SamplingRecipe
) -> Iterator[PolicySample]:
    """Draw the answers to some prompts in one batch."""
    prompts, names = [data.prompt(pair) for pair in batch], [pair.id for pair in batch]
    made_by = Provenance(model=model.fingerprint, seed=recipe.seed, version=__version__)
    for pair, replies in zip(batch, model.sample(prompts, names, recipe.drawing), strict=True):
        for number, reply in enumerate(replies):
            yield _record(pair, number, reply, made_by)


def _record(pair: PreferencePair, number: int, reply: SampledReply, made_by: Provenance) -> PolicySample:
    told = reply.model_dump(exclude={"text", "media_tokens"})
    return PolicySample(
        key=name_sample(pair, number),
        prompt=pair.id,
        number=number,
        reply=reply.text,
        media_tokens=reply.media_tokens,
        made_by=made_by,
        **told,
    )
