"""The smallest instance of each model; of those behind an API, with a server on this machine that repeats."""

from pathlib import Path

import pytest
from tests.oracles import avere_7b, echo_server, stock_models

from avere import catalogue
from avere.interfaces import ExampleModule, Model, ModelModule
from avere.models import PACKAGE, gemini, openai_compatible


def make(name: str, folder: Path) -> Model:
    """Make the instance of a module: by its own ``example``, or by the function of its name here."""
    module = catalogue.find(PACKAGE, name, ModelModule)
    if isinstance(module, ExampleModule):
        return module.example(folder)
    assert name in SERVED, f"give {name} an example(folder), or write its instance into {__file__}"
    return SERVED[name](folder)


def _gemini(folder: Path) -> Model:
    source = f"gemini:echo@{echo_server.start()}"
    return gemini.load(source, concurrency=1, cache=folder / "replies.sqlite", frames=2)


def _openai_compatible(folder: Path) -> Model:
    source = f"openai:echo@{echo_server.start()}/v1"
    return openai_compatible.load(source, concurrency=1, cache=folder / "replies.sqlite", frames=2)


def _stock(folder: Path) -> Model:
    if not stock_models.sees():
        pytest.skip("pictures need a torchvision for this torch; make extra-stock brings one")
    model: Model = stock_models.example(folder)
    return model


SERVED = {
    "avere_omni": avere_7b.example,
    "gemini": _gemini,
    "openai_compatible": _openai_compatible,
    "stock": _stock,
}
"""Instances of models that need a server, or that only tests build."""
