"""What both ways of judging share: a judge at work, the key of a question, the record of a reply."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from avere import __version__, prompts
from avere.benchmark import name_benchmark
from avere.interfaces import Prompt, Reply, Responder
from avere.records import Prediction, Provenance, RunInfo, runs


class Sitting(NamedTuple):
    """One judge's one time through all descriptions."""

    judge: Responder
    seed: int
    """Of its replies; where it judges several times, the number of the time."""
    recipe: str
    """What is judged, as provenance names it."""
    max_tokens: int
    """Of a reply."""

    def key(self, prompt: Prompt) -> str:
        """Compute the digest of all that a reply depends on."""
        parts = [prompt.model_dump(mode="json"), self.judge.fingerprint, self.seed, self.max_tokens]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def provenance(self, template: str, answer: str) -> Provenance:
        """Say where a reply about an answer, named by its key, comes from."""
        return Provenance(
            recipe=self.recipe,
            prompt=prompts.digest(template),
            inputs=answer,
            model=self.judge.fingerprint,
            seed=self.seed,
            version=__version__,
        )

    def record(self, answer: Prediction, key: str, template: str, reply: Reply) -> Prediction:
        """Make the record of one reply about an answer."""
        return Prediction(
            key=key,
            question=answer.question,
            condition=answer.condition,
            model=self.judge.name,
            reply=reply.text,
            status=reply.status,
            reason=reply.reason,
            seconds=reply.seconds,
            made_by=self.provenance(template, answer.key),
        )


def describe_judging(
    run: Path,
    judges: Sequence[Responder],
    chosen: Mapping[str, Any],
    answers: Iterable[Prediction],
    seed: int | None = None,
) -> RunInfo:
    """Describe who judges which answers of a run, and how; how long an answer took does not count."""
    timeless = (one.model_copy(update={"seconds": None}) for one in answers)
    return RunInfo(
        verb="judge",
        benchmark=name_benchmark(run),
        recipe={**chosen, "prompt_digest": prompts.digest(chosen["prompt"])},
        models=tuple(runs.describe_model(one, "judge") for one in judges),
        data={"answers": runs.digest_records(timeless)},
        seed=seed,
    )
