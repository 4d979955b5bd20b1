"""Counting what asking annotators cost, how far they agree, and what to beware of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from avere import prompts
from avere.annotate.annotations import Checked, StageAnswer
from avere.asking.replies import Replies
from avere.construct.construction import Counts, Stage, StageCost
from avere.construct.recipe import Annotation
from avere.interfaces import Usage
from avere.records import MediaTokens

PROMPTS = ("annotate_video", "annotate_audio", "annotate_infer", "annotate_confirm", "repair")
FEW = 50
"""Checked cues below which their agreement says nothing."""
SUSPICIOUS = 0.3
"""Part of the contradictions that independent annotators would have, below which the summary warns."""


def digests() -> dict[str, str]:
    """Compute the digest of every prompt that annotators get."""
    return {name: prompts.digest(name) for name in PROMPTS}


def costs(journals: Mapping[Stage, Path]) -> tuple[StageCost, ...]:
    """Add up the costs of each stage and model, all runs together."""
    found: dict[tuple[Stage, str], StageCost] = {}
    for stage, file in journals.items():
        for one in Replies(file, StageAnswer).all():
            fingerprint = str(one.made_by.model)
            spent = found.get((stage, fingerprint)) or StageCost(
                stage=stage, model=one.model, fingerprint=fingerprint
            )
            found[stage, fingerprint] = _spent(spent, one)
    return tuple(found.values())


def _spent(cost: StageCost, one: StageAnswer) -> StageCost:
    usage = one.usage or Usage(input_tokens=0, output_tokens=0)
    return cost.model_copy(
        update={
            "calls": cost.calls + 1,
            "repairs": cost.repairs + (one.attempt == "repair"),
            "failed": cost.failed + (one.status != "ok"),
            "characters_sent": cost.characters_sent + one.asked,
            "characters_received": cost.characters_received + len(one.reply),
            "media_tokens": MediaTokens(
                audio=cost.media_tokens.audio + one.media_tokens.audio,
                video=cost.media_tokens.video + one.media_tokens.video,
            ),
            "seconds": round(cost.seconds + (one.seconds or 0.0), 3),
            "input_tokens": cost.input_tokens + usage.input_tokens,
            "output_tokens": cost.output_tokens + usage.output_tokens,
            "money": round(cost.money + (usage.cost or 0.0), 6),
        }
    )


def contradicted(checked: Iterable[Checked]) -> tuple[dict[str, float], dict[str, int]]:
    """Compute the shares of checked cues that were not borne out, and how many were checked."""
    votes: defaultdict[str, list[float]] = defaultdict(list)
    for one in checked:
        if one.agreement is not None:
            votes["present" if one.cue.present else "absent"].append(1 - one.agreement)
    shares = {name: round(sum(found) / len(found), 4) for name, found in votes.items()}
    return shares, {name: len(found) for name, found in votes.items()}


def warnings(
    shares: Mapping[str, float], counts: Counts, fingerprints: Sequence[str], options: Annotation
) -> tuple[str, ...]:
    """List the warnings for whoever uses the data.

    Two annotators who err independently on a share e of the cues contradict each other on about 1.5 e of
    those that the first one names: half of its errors name what is not there, and the second one errs too.

    Args:
        shares: of contradicted cues.
        counts: of checked cues.
        fingerprints: of the annotator and then of the validators.
        options: how annotators were to work.
    """
    found = []
    if len(set(fingerprints)) < 2:
        found.append(
            "the annotator checked its own cues: errors that it repeats cannot be seen; use another model"
        )
    checked, share = counts.get("present", 0), shares.get("present", 0.0)
    independent = 1.5 * options.expected_errors
    if checked < FEW:
        found.append(f"only {checked} cues were checked: their agreement says little")
    elif share < SUSPICIOUS * independent:
        found.append(
            f"validators contradict {share:.1%} of the cues; independent ones that each err on "
            f"{options.expected_errors:.0%} would contradict about {independent:.0%}. Either all are far "
            "better than that, or they share errors, which this check cannot see: have people check some"
        )
    return tuple(found)
