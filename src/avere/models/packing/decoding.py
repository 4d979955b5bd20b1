"""Ways of decoding that read several views of an ask at once; a local model that takes one can be wrapped."""

from collections.abc import Sequence

from avere.interfaces import Candidate, Decoding, Prompt


def views_of(prompts: Sequence[Prompt], decoding: Decoding | None) -> list[Prompt]:
    """Return the views of asks, all first views before all second ones."""
    if decoding is None:
        return list(prompts)
    views = [decoding.views(prompt) for prompt in prompts]
    return [view[number] for number in range(decoding.count) for view in views]


def views_of_candidates(candidates: Sequence[Candidate], decoding: Decoding | None) -> list[Candidate]:
    """Return the views of readings, in the same order as those of asks."""
    views = views_of([candidate.prompt for candidate in candidates], decoding)
    count = 1 if decoding is None else decoding.count
    return [
        Candidate(prompt=prompt, response=candidate.response)
        for prompt, candidate in zip(views, list(candidates) * count, strict=True)
    ]
