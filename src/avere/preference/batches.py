"""From records to what one step computes: every distinct candidate once, whatever views ask for it."""

import signal
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, get_args

import torch
from accelerate.data_loader import prepare_data_loader
from jaxtyping import Int
from torch import Tensor
from torch.utils.data import DataLoader, get_worker_info
from transformers import TrainingArguments

from avere.interfaces import Candidate, CountsTokens, EncodesTokens, Trainable
from avere.preference.sampling import Slot
from avere.preference.views import GroupFact, LogProbs, Response, TokenLogProbs, View, Views, candidate_of
from avere.records import Clip, PreferencePair


class PairSource(NamedTuple):
    """Where candidates come from: the loss's views, the clips, and the seed of ``either``."""

    views: Views
    clips: Mapping[str, Clip]
    seed: int


class ForwardPart:
    """The readings of one kind of forward, and where each view of each record finds its value.

    A plain class, so that loaders pass it through untouched instead of rebuilding it as a sequence.
    """

    def __init__(self, candidates: tuple[Candidate, ...], rows: dict[View, Int[Tensor, " batch"]]) -> None:
        self.candidates = candidates
        self.rows = rows

    def gather(self, values: Tensor) -> dict[View, Tensor]:
        """Return the value of every view, one a record, from the values of the distinct candidates."""
        return {view: values[rows.to(values.device)] for view, rows in self.rows.items()}


def make_part(pairs: Sequence[PreferencePair], views: Iterable[View], source: PairSource) -> ForwardPart:
    """Collect the distinct candidates of some views; equal candidates share one place."""
    place: dict[Candidate, int] = {}
    read = partial(
        candidate_of, clips=source.clips, seed=source.seed, only_falsifying=source.views.only_falsifying
    )
    rows = {
        view: torch.tensor([place.setdefault(read(pair, view), len(place)) for pair in pairs])
        for view in sorted(views)
    }
    return ForwardPart(tuple(place), rows)


class Row(NamedTuple):
    """A record on its way into a batch."""

    pair: PreferencePair
    counts: bool
    """False where the record only fills a forward, see `avere.preference.sampling`."""


def to_rows(pairs: Sequence[PreferencePair]) -> list[Row]:
    """Make rows of records that all count."""
    return [Row(pair, counts=True) for pair in pairs]


class Rows:
    """Records as a data set whose places are the slots of a sampler."""

    def __init__(self, pairs: Sequence[PreferencePair]) -> None:
        self.pairs = pairs

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, slot: Slot) -> Row:
        return Row(self.pairs[slot.place], slot.counts)


class Collator:
    """Turn records into one batch; runs in a loader's worker."""

    def __init__(self, trainable: Trainable[Any], source: PairSource, known: Container[Candidate]) -> None:
        """Keep what every batch needs; readings ``known`` to the reference are not encoded for it."""
        self.trainable = trainable
        self.source = source
        self.known = known

    def __call__(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Encode candidates; note places, the records that count, and lengths for losses that read them."""
        if get_worker_info() is not None:
            # A signal to all processes of a run must not take the loader from a step that is to be finished.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        pairs = [row.pair for row in rows]
        views = self.source.views
        policy, detached, reference = (make_part(pairs, which, self.source) for which in views[:3])
        unknown = tuple(each for each in reference.candidates if each not in self.known)
        return {
            "pairs": tuple(pair.id for pair in pairs),
            "counts": torch.tensor([row.counts for row in rows]),
            "parts": Parts(policy, detached, reference, unknown),
            "policy": self.encode(policy.candidates),
            "detached": self.encode(detached.candidates),
            "reference": self.encode(unknown),
            "lengths": {which: self.count(pairs, which) for which in sorted(views.lengths)},
            "group": take_groups(pairs) if views.group else {},
        }

    def encode(self, candidates: Sequence[Candidate]) -> object | None:
        """Return the model's tensors, or None for nothing to read."""
        if not candidates:
            return None
        encoded: object
        if not self.source.views.token_by_token:
            encoded = self.trainable.encode(candidates)
            return encoded
        if not isinstance(self.trainable, EncodesTokens):
            raise TypeError(f"{type(self.trainable).__name__} has no encode_tokens(candidates)")
        encoded = self.trainable.encode_tokens(candidates)
        return encoded

    def count(self, pairs: Sequence[PreferencePair], which: Response) -> Tensor:
        """Count the tokens of one answer of each record."""
        if not isinstance(self.trainable, CountsTokens):
            raise TypeError(f"{type(self.trainable).__name__} has no response_tokens(readings)")
        view = View("none", which)
        asked = [candidate_of(pair, view, self.source.clips, self.source.seed) for pair in pairs]
        return torch.tensor(self.trainable.response_tokens(asked), dtype=torch.float32)


def take_groups(pairs: Sequence[PreferencePair]) -> dict[GroupFact, Tensor]:
    """Take the rewards of drawn answers; records without them were refused before."""
    told = [pair.group for pair in pairs if pair.group is not None]
    return {name: torch.tensor([getattr(one, name) for one in told]) for name in get_args(GroupFact)}


class Parts:
    """What each forward of a step reads; ``unknown`` are the reference's candidates that must be computed."""

    def __init__(
        self,
        policy: ForwardPart,
        detached: ForwardPart,
        reference: ForwardPart,
        unknown: tuple[Candidate, ...],
    ) -> None:
        self.policy = policy
        self.detached = detached
        self.reference = reference
        self.unknown = unknown


def gather_log_probs(
    inputs: Mapping[str, Any], policy: Tensor, detached: Tensor, reference: Tensor
) -> LogProbs:
    """Arrange the values of distinct candidates by view, one a record; those of tokens add up as well."""
    parts: Parts = inputs["parts"]
    reference = reference.to(policy.device)
    tokens = TokenLogProbs({}, {})
    if policy.dim() > 1:
        tokens = TokenLogProbs(parts.policy.gather(policy), parts.reference.gather(reference))
    policy, detached, reference = (
        each.sum(1) if each.dim() > 1 else each for each in (policy, detached, reference)
    )
    return LogProbs(
        policy=parts.policy.gather(policy),
        detached=parts.detached.gather(detached),
        reference=parts.reference.gather(reference),
        lengths={which: count.to(policy.device) for which, count in inputs["lengths"].items()},
        tokens=tokens,
        group={name: value.to(policy.device) for name, value in inputs["group"].items()},
    )


def make_loader(rows: Any, sampler: Any, collate: Any, args: TrainingArguments) -> DataLoader[Any]:
    """Make a loader that puts batches on this process's device and leaves the dealing out to the sampler."""
    loader: DataLoader[Any] = DataLoader(
        rows,
        batch_sampler=sampler,
        collate_fn=collate,
        num_workers=args.dataloader_num_workers,
        pin_memory=args.dataloader_pin_memory,
    )
    # One process: the sampler knows of the others, and accelerate would deal out once more.
    prepared: DataLoader[Any] = prepare_data_loader(
        loader, args.device, num_processes=1, process_index=0, put_on_device=True
    )
    return prepared
