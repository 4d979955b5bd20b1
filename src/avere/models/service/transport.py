"""What comes over the network, within bounds: no redirect followed, no endless body, no key shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import takewhile
from typing import TYPE_CHECKING

from avere.models.service.protocol import ServiceError

if TYPE_CHECKING:
    from aiohttp import ClientRequest, ClientResponse

MOST = 32 * 2**20
"""Bytes of a body at most, after decompression; a reply of text has some thousands."""
PIECE = 65_536
"""Bytes that are read at a time."""
HIDDEN = "[key]"
LEAST = 8
"""Characters of a key's beginning or end that would tell something of it."""


async def guard_response(
    request: ClientRequest, handler: Callable[[ClientRequest], Awaitable[ClientResponse]]
) -> ClientResponse:
    """Read a response whole, within bounds; a middleware of aiohttp.

    Raises:
        ServiceError: the server sends calls on to another address, or its body is too large.
    """
    response = await handler(request)
    if 300 <= response.status < 400:
        response.close()
        place = response.headers.get("Location", "an address that it does not name")
        reason = (
            f"the server sends calls on to {place} ({response.status}), and what is asked is not sent there; "
            "give that address as the model's if it is the right one"
        )
        raise ServiceError("failed", reason, closed=True)
    body = bytearray()
    async for piece in response.content.iter_chunked(PIECE):
        body += piece
        if len(body) > MOST:
            response.close()
            reason = f"the server's answer is longer than {MOST // 2**20} MiB, which no reply needs"
            raise ServiceError("failed", reason)
    response._body = bytes(body)  # what ``read`` and ``json`` give; there is no public way to set it
    return response


def hide_key(text: str, secret: str | None) -> str:
    """Take a key out of a text, whole or cut at either end.

    >>> hide_key("wrong key sk-0123456789abc, or 456789abc", "sk-0123456789abc")
    'wrong key [key], or [key]'
    >>> hide_key("sk-01234567... is wrong", "sk-0123456789abc")
    '[key]... is wrong'
    """
    if not secret:
        return text
    if len(secret) < LEAST:
        return text.replace(secret, HIDDEN)
    without = _hide_beginnings(text, secret, HIDDEN)
    return _hide_beginnings(without[::-1], secret[::-1], HIDDEN[::-1])[::-1]


def _hide_beginnings(text: str, secret: str, hidden: str) -> str:
    """Replace every stretch of a text that a key begins with."""
    parts, at = [], 0
    while (start := text.find(secret[:LEAST], at)) >= 0:
        parts += [text[at:start], hidden]
        pairs = zip(secret, text[start:], strict=False)
        at = start + sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return "".join([*parts, text[at:]])
