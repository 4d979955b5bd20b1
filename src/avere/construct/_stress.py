"""Choosing which cues stress questions ask about, so that the words tell nothing of the answer."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from avere.construct.facts import ModalityFacts

StressKind = Literal["supporting", "displaced", "hallucinated", "cross_modal"]


class Offer(NamedTuple):
    """A question that a clip could be asked."""

    kind: StressKind
    cue: str


class _Counts:
    """How often a cue was asked about, by kind of question."""

    def __init__(self) -> None:
        self.of: Counter[StressKind] = Counter()

    @property
    def lean(self) -> int:
        """Count the answers yes less the answers no."""
        return 2 * self.of["supporting"] - self.of.total()

    def cost(self, kind: StressKind) -> int:
        """Compute by how much one more question raises the squared imbalance of the answers."""
        towards_yes = 1 if kind == "supporting" else -1
        cost = 2 * towards_yes * self.lean + 1
        if kind != "supporting":
            sign = 1 if kind == "displaced" else -1
            typical = self.of["hallucinated"] + self.of["cross_modal"]
            cost += 2 * sign * (self.of["displaced"] - typical) + 1
        return cost


def offers(
    side: ModalityFacts, across: ModalityFacts | None = None, *, own: bool = False
) -> tuple[Offer, ...]:
    """List the questions that one modality of a clip could be asked.

    Those across modalities are about cues typical of what the other side shows, absent here. Displaced cues
    of another emotion than the shown one are asked about only with their ``own``.
    """
    if not side.usable:
        return ()
    told = across is not None and across.usable and across.emotion != side.emotion
    return (
        *(Offer("supporting", name) for name in side.supporting),
        *(Offer("displaced", name) for name in (side.displaced if own else side.displaced_alike)),
        *(Offer("hallucinated", name) for name in side.absent(side.emotion)),
        *(Offer("cross_modal", name) for name in (side.absent(across.emotion) if told and across else ())),
    )


def choose_offers(
    sides: Sequence[tuple[ModalityFacts, ModalityFacts | None]],
    count: int,
    random: np.random.Generator,
    *,
    exact: bool = True,
    own: bool = False,
) -> list[list[Offer]]:
    """Return up to ``count`` questions for each side: half yes, a quarter displaced, a quarter hallucinated.

    Every choice is the one that best balances yes and no for its cue, so that no cue is the better guess;
    questions that would upset the shares are given up at the end. Where they are not ``exact``, half of the
    answers are yes and the other half are whatever the clips offer.

    Args:
        sides: each with the other side of its clip, where cues typical of that one may be asked about too.
        count: of a side.
        random: source of the choices.
        exact: whether a quarter must be displaced.
        own: whether displaced cues of another emotion than the shown one may be asked about, with their own.
    """
    chosen: list[list[Offer]] = [[] for _ in sides]
    by_cue: defaultdict[str, _Counts] = defaultdict(_Counts)
    whole = _Counts()
    for index in (int(i) for _ in range(count) for i in random.permutation(len(sides))):
        open_offers = [
            o for o in offers(*sides[index], own=own) if o.cue not in {c.cue for c in chosen[index]}
        ]
        if not open_offers:
            continue
        costs = [by_cue[o.cue].cost(o.kind) + whole.cost(o.kind) + random.random() / 2 for o in open_offers]
        best = open_offers[int(np.argmin(costs))]
        chosen[index].append(best)
        by_cue[best.cue].of[best.kind] += 1
        whole.of[best.kind] += 1
    return _trimmed(chosen, by_cue, random, exact=exact)


def _trimmed(
    chosen: list[list[Offer]],
    by_cue: defaultdict[str, _Counts],
    random: np.random.Generator,
    *,
    exact: bool,
) -> list[list[Offer]]:
    """Drop the questions above the shares, first those whose cue leans most towards their answer."""
    kinds = Counter(offer.kind for row in chosen for offer in row)
    noes: tuple[StressKind, ...] = ("displaced", "hallucinated", "cross_modal")
    fewer = min(kinds["supporting"], sum(kinds[kind] for kind in noes))
    keeps: dict[tuple[StressKind, ...], int] = {("supporting",): fewer, noes: fewer}
    if exact:
        typical: tuple[StressKind, ...] = ("hallucinated", "cross_modal")
        share = min(kinds["supporting"] // 2, kinds["displaced"], sum(kinds[kind] for kind in typical))
        keeps = {("supporting",): 2 * share, ("displaced",): share, typical: share}
    places = [(row, offer) for row, offers_ in enumerate(chosen) for offer in offers_]
    random.shuffle(places)
    for group, keep in keeps.items():
        for _ in range(sum(kinds[kind] for kind in group) - keep):
            surplus = [place for place in places if place[1].kind in group]
            worst = min(surplus, key=lambda place: -_lean(by_cue, place[1]))
            places.remove(worst)
            by_cue[worst[1].cue].of[worst[1].kind] -= 1
    rest: list[list[Offer]] = [[] for _ in chosen]
    for row, offer in sorted(places, key=lambda place: place[0]):
        rest[row].append(offer)
    return rest


def _lean(by_cue: defaultdict[str, _Counts], offer: Offer) -> int:
    """Count by how much the answer to an offer is already the usual one for its cue."""
    lean = by_cue[offer.cue].lean
    return lean if offer.kind == "supporting" else -lean
