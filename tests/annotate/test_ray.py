"""Asks handed to workers come back whole, whatever dies; Ray itself is played by a few lines."""

import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tests.annotate.annotation import Counting

from avere.annotate import ray as spread
from avere.annotate.annotations import ModalityDescription
from avere.annotate.describe import describe_clips
from avere.annotate.ray import LOT, Spread
from avere.errors import AvereError, MediaError
from avere.interfaces import Prompt
from avere.models import scripted, scripted_annotator
from avere.models._noise import Errors
from avere.records import jsonl

from .annotation import work


class RayError(Exception):
    pass


class RayTaskError(RayError):
    def __init__(self, cause: BaseException) -> None:
        self.cause = cause


class Method:
    """A method of an actor: called later, its result or its error is kept for `get`."""

    def __init__(self, bound: Any) -> None:
        self.bound, self.streaming = bound, False

    def options(self, **_: str) -> "Method":
        self.streaming = True
        return self

    def remote(self, *given: Any) -> Any:
        return self._stream(given) if self.streaming else self._once(given)

    def _once(self, given: Any) -> Any:
        try:
            return self.bound(*given)
        except Exception as error:
            return RayTaskError(error)

    def _stream(self, given: Any) -> Iterator[Any]:
        try:
            yield from self.bound(*given)
        except RayError as error:
            yield error
        except Exception as error:
            yield RayTaskError(error)


@pytest.fixture
def ray(monkeypatch):
    """A Ray that does what it is asked at once, in this process."""
    module: Any = ModuleType("ray")
    module.exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)
    module.cards, module.needed = 0, []

    class Actor:
        def __init__(self, kind: Any, *given: Any) -> None:
            inner = kind(*given)
            self.who, self.answer = Method(inner.who), Method(inner.answer)

        def __repr__(self) -> str:
            return "actor"

    def remote(**needed: Any) -> Any:
        module.needed.append(needed)
        return lambda kind: SimpleNamespace(remote=lambda *given: Actor(kind, *given))

    def get(found: Any) -> Any:
        if isinstance(found, RayError):
            raise found
        return found

    module.remote, module.get = remote, get
    module.wait = lambda streams, **_: (streams[-1:], streams[:-1])
    module.available_resources = lambda: {"GPU": module.cards}
    module.is_initialized = lambda: True
    monkeypatch.setitem(sys.modules, "ray", module)
    return module


class Failing(Counting):
    """A model that raises at one ask, as often as it is told to."""

    def __init__(self, error: Exception, times: int, at: str = "ask 5") -> None:
        super().__init__(scripted.load("scripted:echo"))
        self.wrong, self.times, self.at = error, times, at

    def respond(self, prompts, **how):
        for index, prompt in enumerate(prompts):
            if prompt.text == self.at and self.times:
                self.times -= 1
                raise self.wrong
            self.asked.append(prompt)
            (reply,) = self.inner.respond([prompt], **how)
            yield reply.model_copy(update={"index": index})


def said(model, count):
    replies = list(model.respond((Prompt(text=f"ask {n}") for n in range(count)), max_tokens=9, seed=0))
    return sorted((reply.index, reply.text) for reply in replies)


def test_every_ask_is_answered_once_under_its_own_place(ray):
    model = Spread(scripted.load, "scripted:echo", {}, 3)
    one = scripted.load("scripted:echo")
    assert (model.name, model.fingerprint) == (one.name, one.fingerprint)
    assert said(model, 10 * LOT + 3) == said(one, 10 * LOT + 3)
    assert said(model, 0) == []


@pytest.mark.parametrize("times", [1, 2])
def test_what_a_dead_worker_left_goes_to_the_others(ray, times):
    inner = Failing(RayError("the machine is gone"), times)
    model = Spread(lambda _: inner, "any", {}, 3)
    assert said(model, 4 * LOT) == said(Failing(RayError(), 0), 4 * LOT)
    assert len(inner.asked) == len({prompt.text for prompt in inner.asked}) == 4 * LOT


def test_without_workers_the_run_ends_in_one_line(ray):
    model = Spread(lambda _: Failing(RayError("the machine is gone"), 9), "any", {}, 2)
    with pytest.raises(
        AvereError, match=r"every worker of .* died, .*: the machine is gone; .* again to go on"
    ):
        said(model, LOT)


def test_a_failure_waits_for_the_answers_of_others(ray):
    model = Spread(lambda _: Failing(MediaError("cannot decode"), 1), "any", {}, 2)
    prompts = (Prompt(text=f"ask {n}") for n in range(3 * LOT))
    replies: list[Any] = []
    with pytest.raises(MediaError, match="cannot decode"):
        replies.extend(model.respond(prompts, max_tokens=9, seed=0))
    assert sorted(reply.index for reply in replies) == [*range(5), *range(LOT, 3 * LOT)]


def test_a_stage_writes_the_same_with_workers(ray, balanced, tmp_path):
    clips = balanced.clips[:20]
    truth = scripted_annotator.make(clips, balanced.cues, Errors(), "truth")
    alone = describe_clips(lambda: iter(clips), truth, work(tmp_path / "alone"))
    shared = describe_clips(
        lambda: iter(clips), Spread(lambda _: truth, "any", {}, 2), work(tmp_path / "shared")
    )
    assert shared.read_bytes() == alone.read_bytes()
    assert len(list(jsonl.read(shared, ModalityDescription))) == 40
    describe_clips(lambda: iter(clips), Counting(truth, stop_after=0), work(tmp_path / "shared"))


def test_a_budget_is_shared_and_a_card_is_needed_each(ray):
    given: list[Any] = []

    def load(source, **options):
        given.append((source, options))
        return scripted.load("scripted:echo")

    ray.cards = 2
    Spread(load, "any", {"budget": 3.0, "device": "cuda"}, 2)
    assert given == [("any", {"budget": 1.5, "device": "cuda"})] * 2
    assert ray.needed[0]["num_gpus"] == 1
    with pytest.raises(AvereError, match="3 workers of 'any' need a GPU each and 2 are free"):
        Spread(load, "any", {"device": "cuda"}, 3)


def test_what_cannot_be_loaded_is_told_as_without_workers(ray):
    with pytest.raises(AvereError, match=r"no rule is called 'shout'|shout"):
        Spread(scripted.load, "scripted:shout", {}, 2)


def test_without_ray_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(AvereError, match=r"pip install '\.\[ray\]', or take --engine asyncio"):
        spread.Spread(scripted.load, "scripted:echo", {}, 2)
