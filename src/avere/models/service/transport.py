"""What comes over the network, within bounds: no redirect followed, no endless body, no key shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from avere.models.service.protocol import ServiceError, shorten_text

if TYPE_CHECKING:
    from aiohttp import ClientRequest, ClientResponse

MOST = 32 * 2**20
"""Bytes of a body at most, after decompression; a reply of text has some thousands."""
PIECE = 65_536
"""Bytes that are read at a time."""
HIDDEN = "[key]"
LEAST = 8
"""Characters in a row that would tell something of a key."""


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
        place = shorten_text(response.headers.get("Location", "an address that it does not name"))
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
            raise ServiceError("failed", reason, answer="unread")
    response._body = bytes(body)  # what ``read`` and ``json`` give; there is no public way to set it
    return response


def hide_key(text: str, secret: str | None) -> str:
    """Take a key out of a text, and every piece of it of LEAST characters or more.

    >>> hide_key("wrong key sk-0123456789abc, or 456789abc", "sk-0123456789abc")
    'wrong key [key], or [key]'
    >>> hide_key("sk-01234567... is wrong; ...23456789...", "sk-0123456789abc")
    '[key]... is wrong; ...[key]...'
    """
    if not secret:
        return text
    if len(secret) < LEAST:
        return text.replace(secret, HIDDEN)
    pieces = {secret[start : start + LEAST] for start in range(len(secret) - LEAST + 1)}
    starts = sorted({start for piece in pieces for start in _find_all(text, piece)})
    parts: list[str] = []
    end = 0
    for start in starts:
        if not parts or start > end:
            parts += [text[end:start], HIDDEN]
        end = start + LEAST
    return "".join([*parts, text[end:]])


def _find_all(text: str, piece: str) -> Iterator[int]:
    """Yield the places of a piece, overlapping ones too."""
    start = text.find(piece)
    while start >= 0:
        yield start
        start = text.find(piece, start + 1)
