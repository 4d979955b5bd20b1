"""One step of AVEm-DPO in six ways: what each reads, and how."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

import stock
from avere.interfaces import Candidate
from avere.models.packing.model import LocalModel
from avere.preference.batches import Collator, PairSource, to_rows
from avere.preference.losses import avem_dpo
from avere.preference.views import LogProbs, View, candidate_of
from counting import FORWARD, Passes, Work, apart, merged, total
from records import Records

NAMES = ("stock", "separate", "forest", "forest_cached", "grouped", "grouped_cached")
ALONE = NAMES[:4]
"""Those that differ where no records share media."""
CONFIG = avem_dpo.Config()


class Variant(NamedTuple):
    """A way to do a step over fixed records."""

    forwards: list[Callable[[], Tensor]]
    """Each returns its part of the step's loss, with gradient."""
    work: list[tuple[Work, Passes]]
    """What it has to do, forward by forward."""
    fill: Callable[[], object] | None = None
    """What has to be done once before the first step."""


Values = Mapping[View, Tensor]


def make(name: str, model: LocalModel, records: Records, passes: Passes, per_forward: int) -> Variant:
    """Return a variant by name; ``passes`` is what a step does with gradient."""
    places = records.order if name.startswith("grouped") else range(len(records.pairs))
    ordered = [records.pairs[place] for place in places]
    parts = [ordered[at : at + per_forward] for at in range(0, len(ordered), per_forward)]
    if name in ALONE[:2]:
        made = [_apart(name, model, records._replace(pairs=part), passes) for part in parts]
    else:
        cached = name.endswith("_cached")
        made = [_forest(model, records._replace(pairs=part), passes, cached=cached) for part in parts]
    return Variant(
        forwards=[
            partial(_share, forward, len(part) / len(ordered))
            for one, part in zip(made, parts, strict=True)
            for forward in one.forwards
        ],
        work=[work for one in made for work in one.work],
        fill=(lambda: [one.fill() for one in made if one.fill]) if made[0].fill else None,
    )


def _share(forward: Callable[[], Tensor], share: float) -> Tensor:
    return forward() * share


def _loss(policy: Values, reference: Values) -> Tensor:
    return avem_dpo.loss(LogProbs(policy, {}, reference), CONFIG).each.mean()


def _apart(name: str, model: LocalModel, records: Records, passes: Passes) -> Variant:
    """Read view by view, each a padded batch of all records."""
    views = avem_dpo.views(CONFIG)
    batches = {
        view: stock.batch(model, [candidate_of(pair, view, records.clips) for pair in records.pairs]).to(
            model.device
        )
        for view in sorted(views.policy | views.reference)
    }
    read = partial(stock.everywhere if name == "stock" else stock.at_responses, model)

    def step() -> Tensor:
        with torch.no_grad(), model.as_reference():
            reference = {view: read(batches[view]) for view in views.reference}
        return _loss({view: read(batches[view]) for view in views.policy}, reference)

    work = {view: _work(batch, everywhere=name == "stock") for view, batch in batches.items()}
    policy = total(work[view] for view in views.policy)
    reference = total(work[view] for view in views.reference)
    return Variant([step], [(policy, passes), (reference, FORWARD)])


def _work(batch: stock.Batch, *, everywhere: bool) -> Work:
    rows, length = batch.labels.shape
    scored = rows * (length - 1) if everywhere else int((batch.labels != stock.IGNORED).sum())
    media = {name: batch.inputs[name] for name in batch.inputs}
    return apart([length] * rows, scored)._replace(
        patches=len(media.get("pixel_values_videos", ())),
        frames=int(media["feature_attention_mask"].sum()) if "feature_attention_mask" in media else 0,
    )


def _forest(model: LocalModel, records: Records, passes: Passes, *, cached: bool) -> Variant:
    """Read all views of all records in one packed forward, as the trainer does."""
    known: dict[Candidate, float] = {}
    collate = Collator(model, PairSource(avem_dpo.views(CONFIG), records.clips, seed=0), known)
    inputs = collate(to_rows(records.pairs))
    parts = inputs["parts"]
    policy, reference = inputs["policy"].to(model.device), inputs["reference"].to(model.device)

    def read_reference() -> Tensor:
        with torch.no_grad(), model.as_reference():
            values: Tensor = model.module(reference)
        return values

    remembered: list[Tensor] = []

    def step() -> Tensor:
        known_values = remembered[0] if cached else read_reference()
        return _loss(parts.policy.gather(model.module(policy)), parts.reference.gather(known_values))

    work = [(_packed_work(policy), passes)]
    if cached:
        return Variant([step], work, fill=lambda: remembered.append(read_reference()))
    # The policy reads what the encoders made of the same media for the reference.
    shared = _packed_work(reference)._replace(patches=0, frames=0)
    return Variant([step], [*work, (shared, FORWARD)])


def _packed_work(encoded: object) -> Work:
    from avere.models.packing.rows import PackedCandidates

    assert isinstance(encoded, PackedCandidates)
    packed = encoded.packed
    taken = stock.inputs_of(packed)
    return merged(packed.ends.flatten().cpu().numpy(), encoded.predictors.cpu().numpy())._replace(
        patches=len(taken.patches), frames=taken.mels.shape[1]
    )
