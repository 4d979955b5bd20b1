"""Media that make a new answer to a known prompt false, found as they are when pairs are made from cues."""

from collections.abc import Iterable

import numpy as np

from avere.construct._swaps import Swaps, Wanted, lacks_cues, shows_cue, stream_of
from avere.construct.facts import MODALITIES, gather_facts
from avere.construct.recipe import Pairs
from avere.records import Clip, Corruptions, Cue, Modality, PreferencePair


class Replacements:
    """Find replacements for answers that were not known when their prompts were made."""

    def __init__(self, clips: Iterable[Clip], cues: Iterable[Cue], seed: int) -> None:
        """Gather what is known of the clips.

        Raises:
            AvereError: clips and cues are not of the same world.
        """
        self._facts = gather_facts(clips, cues)
        self._swaps = Swaps(self._facts.values(), Pairs())
        self._seed = seed

    def find(self, pair: PreferencePair, cited: Iterable[str], denied: str | None = None) -> Corruptions:
        """Find media of other clips that make an answer false.

        Args:
            pair: the prompt.
            cited: names of the cues that the answer gives as evidence; media without them, and of another
                emotion, make it false.
            denied: the cue whose suggestion the answer refuses; media that show it make that false instead.
        """
        fact, names = self._facts[pair.clip], list(cited)
        aims: tuple[Modality, ...] = MODALITIES if pair.target == "audiovisual" else (pair.target,)
        wanted: dict[Modality, Wanted] = {
            modality: lacks_cues(fact.side(modality).emotion, names) if denied is None else shows_cue(denied)
            for modality in aims
        }
        random = np.random.default_rng([self._seed, stream_of(pair.id)])
        return self._swaps.corruptions(fact, pair.target, wanted, random)
