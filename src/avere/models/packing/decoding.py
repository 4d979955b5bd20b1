"""Decoding that reads several views of a prompt at once; a local model that takes one can be wrapped."""

from collections.abc import Sequence

from avere.interfaces import Candidate, Decoding, Prompt


def views_of(prompts: Sequence[Prompt], decoding: Decoding | None) -> list[Prompt]:
    """List the views of prompts, all first views before all second ones."""
    if decoding is None:
        return list(prompts)
    views = [decoding.views(prompt) for prompt in prompts]
    return [view[number] for number in range(decoding.count) for view in views]


def views_of_candidates(candidates: Sequence[Candidate], decoding: Decoding | None) -> list[Candidate]:
    """List the views of candidates, in the same order as those of prompts."""
    views = views_of([candidate.prompt for candidate in candidates], decoding)
    count = 1 if decoding is None else decoding.count
    return [
        Candidate(prompt=prompt, response=candidate.response)
        for prompt, candidate in zip(views, list(candidates) * count, strict=True)
    ]
