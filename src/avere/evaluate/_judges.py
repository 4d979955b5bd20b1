"""What both ways of judging share: a judge at work, the key of a question, the record of a reply."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from avere import __version__, prompts
from avere.benchmark import name_benchmark
from avere.errors import AvereError
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
    run: Path, judges: Sequence[Responder], chosen: Mapping[str, Any], answers: Iterable[Prediction]
) -> RunInfo:
    """Describe who judges which answers of a run, and how; how long an answer took does not count."""
    timeless = (one.model_copy(update={"seconds": None}) for one in answers)
    return RunInfo(
        verb="judge",
        benchmark=name_benchmark(run),
        recipe={**chosen, "prompt_digest": prompts.digest(chosen["prompt"])},
        models=tuple(runs.describe_model(one, "judge") for one in judges),
        data={"answers": runs.digest_records(timeless)},
        seed=chosen.get("seed"),
    )


def refuse_other_judging(home: Path, info: RunInfo, *, kept: bool) -> None:
    """Check that a folder holds no judging by others or in another way.

    A judging may grow: the run has more answers by now, or each judge repeats more often.

    Args:
        home: where the replies of judges are kept.
        info: the judging that is to be done there.
        kept: whether anything of the one before is kept; a judging that kept nothing gives way.

    Raises:
        AvereError: the folder holds another judging; the line names all that differs.
    """
    old = runs.read_info(home)
    if old is None or not kept:
        return
    grows = info.recipe.get("repeats", 1) >= old.recipe.get("repeats", 1)
    now = info.model_copy(update={"data": old.data})
    found = runs.list_differences(old, now, free={"repeats"} if grows else ())
    if found:
        raise AvereError(
            f"'{home}' holds another judging: {'; '.join(found)}; judge as before, or delete that folder to "
            "begin anew"
        )
