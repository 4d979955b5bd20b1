"""What tests of the annotating stages share: worlds without media, annotators that count, a place to work."""

from collections.abc import Iterator
from pathlib import Path

from avere.annotate._stages import Workspace
from avere.construct.recipe import Annotation
from avere.interfaces import Prompt, Reply


def work(folder: Path, **options: object) -> Workspace:
    return Workspace(
        folder, Annotation.model_validate(options), seed=0, again=False, watch=lambda _: lambda: None
    )


class Counting:
    """An annotator that keeps what it was asked and may break off after some answers."""

    def __init__(self, inner, stop_after=None, error=ConnectionError):
        self.inner, self.name, self.fingerprint = inner, inner.name, inner.fingerprint
        self.asked: list[Prompt] = []
        self.stop_after, self.error = stop_after, error

    def respond(self, prompts, *, max_tokens, seed, schema=None) -> Iterator[Reply]:
        def noted():
            for prompt in prompts:
                if self.stop_after is not None and len(self.asked) >= self.stop_after:
                    raise self.error("the line is dead")
                self.asked.append(prompt)
                yield prompt

        yield from self.inner.respond(noted(), max_tokens=max_tokens, seed=seed, schema=schema)


class Saying:
    """An annotator whose first answers to the descriptions are given; the rest by another one."""

    def __init__(self, inner, say):
        self.inner, self.say = inner, say
        self.name, self.fingerprint = "saying", "f" * 64
        self.asked: list[Prompt] = []

    def respond(self, prompts, *, max_tokens, seed, schema=None) -> Iterator[Reply]:
        for index, prompt in enumerate(prompts):
            self.asked.append(prompt)
            (reply,) = self.inner.respond([prompt], max_tokens=max_tokens, seed=seed, schema=schema)
            changed = self.say(prompt, reply)
            yield (
                changed if isinstance(changed, Reply) else reply.model_copy(update={"text": changed})
            ).model_copy(update={"index": index})
