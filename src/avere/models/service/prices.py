"""What calls cost: a table that people can edit, and an account that keeps to a budget."""

from __future__ import annotations

import asyncio
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from avere import settings
from avere.errors import AvereError
from avere.models.service.options import ServiceOptions
from avere.models.service.protocol import ServiceError
from avere.settings import Settings

MILLION = 1_000_000


class Price(Settings):
    """Of a million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    audio: float | None = Field(None, ge=0)
    """Of input tokens that are sound, where they cost another price."""


class PriceTable(Settings):
    """A table of prices."""

    checked: date
    """When somebody last compared it with what the services publish."""
    currency: str
    models: dict[str, Price]


class Tokens(NamedTuple):
    """Of one call."""

    input: int
    """Sound included."""
    audio: int
    output: int


def read(path: Path | None) -> PriceTable:
    """Read a table of prices; the shipped one without a path.

    Raises:
        SettingsError: the file cannot be used.
    """
    if path is not None:
        return settings.read(path, PriceTable)
    with as_file(files("avere.recipes") / "prices" / "prices.yaml") as shipped:
        return settings.read(shipped, PriceTable)


def cost(tokens: Tokens, price: Price) -> float:
    """Price a call.

    >>> cost(Tokens(input=3_000_000, audio=1_000_000, output=500_000), Price(input=1, output=4, audio=2))
    6.0
    """
    heard = price.input if price.audio is None else price.audio
    seen = (tokens.input - tokens.audio) * price.input + tokens.audio * heard
    return (seen + tokens.output * price.output) / MILLION


class Account:
    """What was spent on one model, never more than the budget; used inside one event loop."""

    def __init__(self, model: str, options: ServiceOptions) -> None:
        table = read(options.prices)
        self.price = table.models.get(model)
        self.currency = table.currency
        self.budget = options.budget
        if self.budget is not None and self.price is None:
            raise AvereError(
                f"a budget was given, but no price of '{model}' is known; make a copy with "
                "`avere recipes copy prices`, add the model, and give the file as the option prices"
            )
        self.spent = 0.0
        self._held: list[float] = []
        self._settled = asyncio.Condition()

    def cost(self, tokens: Tokens) -> float | None:
        """Price a call; None where the price is not known."""
        return None if self.price is None else cost(tokens, self.price)

    async def hold(self, most: float) -> None:
        """Set aside what a call may cost; wait for calls under way where only their outcome can tell.

        Raises:
            ServiceError: the budget does not reach.
        """
        if self.budget is None:
            return
        async with self._settled:
            while self._held and self.spent + sum(self._held) + most > self.budget:
                await self._settled.wait()
            if self.spent + most > self.budget:
                raise ServiceError("failed", self._told())
            self._held.append(most)

    async def settle(self, held: float, paid: float) -> None:
        """Replace what was set aside by what was paid."""
        self.spent += paid
        if self.budget is not None:
            async with self._settled:
                self._held.remove(held)
                self._settled.notify_all()

    def _told(self) -> str:
        return (
            f"the budget of {self.budget:g} {self.currency} does not reach: {self.spent:.6g} are spent; "
            "run it again with a larger budget, what was answered costs nothing"
        )
