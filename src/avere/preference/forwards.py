"""How the steps of a run are cut into forwards where a recipe gives a budget of tokens."""

from functools import partial
from math import ceil
from pathlib import Path

from avere.errors import AvereError
from avere.interfaces import Countable
from avere.preference._media_check import MediaTrack
from avere.preference.batches import PairSource, make_part
from avere.preference.budget import Budget, Pieces, make_budget
from avere.preference.data import Records
from avere.preference.recipe import Optimiser
from avere.preference.sampling import list_steps
from avere.records import Modality, PreferencePair


def plan_forwards(
    model: object, records: Records, source: PairSource, chosen: Optimiser, processes: int
) -> Budget | None:
    """Plan the forwards of all steps of a run; None where the recipe counts them by records.

    Raises:
        AvereError: the model cannot tell its tokens.
    """
    if chosen.tokens_per_forward is None:
        return None
    if not isinstance(model, Countable):
        raise AvereError(
            f"{type(model).__name__} cannot count its tokens; set optimiser.records_per_forward instead of "
            "optimiser.tokens_per_forward"
        )
    count = partial(_count_pieces, model, records, source)
    seeds = (source.seed + epoch for epoch in range(ceil(chosen.epochs)))
    steps = (
        step
        for seed in seeds
        for step in list_steps(records.pairs, seed, chosen.group, chosen.records_per_step)
    )
    return make_budget([*map(count, records.pairs)], chosen.tokens_per_forward, steps, processes)


def _count_pieces(model: Countable, records: Records, source: PairSource, pair: PreferencePair) -> Pieces:
    """Count the pieces of the candidates that the policy reads of a record."""

    def tokens_of(modality: Modality, path: Path) -> int:
        return records.tokens[MediaTrack(modality, path)]

    pieces: dict[str, int] = {}
    for candidate in make_part([pair], source.views.policy, source).candidates:
        pieces |= model.count_pieces(candidate, tokens_of)
    return pieces
