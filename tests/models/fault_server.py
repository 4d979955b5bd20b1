"""A server on this machine that fails as it is told to, and remembers what it was asked."""

import json
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from tests.oracles import echo_server as echo
from tests.oracles.echo_server import Request, Response

from avere.interfaces import Prompt

KEY = "sk-this-is-a-secret-1234567890"
SCHEMA = {"type": "object", "properties": {"emotion": {"type": "string"}}, "required": ["emotion"]}

PRICES = "checked: 2026-01-01\ncurrency: EUR\nmodels:\n  m: {input: 100000, output: 1000000}\n"
"""A word costs a tenth of a euro to ask and one euro to answer."""


def failing(code: int, message: str = "not now", **headers: str) -> Response:
    """Return an error as services send it; ``retry_after="0"`` becomes a header."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response({"error": {"message": message, "code": code, "status": "FAILED"}}, code, named)


CUT = Response({"choices": [], "padding": "x" * 1000}, cut=True)
MALFORMED = Response(b'{"choices": [{"message": {"content": "Ye')
NO_COMPLETION = Response({"object": "something else"})


class FaultServer:
    """Says what its script says, one response a call, and echoes when the script is over."""

    def __init__(self) -> None:
        self.script: deque[Response | str] = deque()
        """Responses; ``slow``, which never answers; or any other text, said in place of the echo."""
        self.asked: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.most_at_a_time = 0
        self.gathering: threading.Barrier | None = None
        """Where calls wait until so many are under way."""
        self.over = threading.Event()
        self._now = 0
        self._lock = threading.Lock()
        self.address = echo.start(self.respond)

    def words(self) -> list[str]:
        """Return the last words of each call, in the order in which they came."""
        contents = [request["messages"][-1]["content"] for request in self.asked]
        return [content if isinstance(content, str) else content[-1]["text"] for content in contents]

    def respond(self, request: Request) -> Response:
        with self._lock:
            said = json.loads(request.body)
            self.asked.append(said)
            self.headers.append(request.headers)
            self._now += 1
            self.most_at_a_time = max(self.most_at_a_time, self._now)
            step = self.script.popleft() if self.script else None
        try:
            if step == "slow":
                self.over.wait()
            if self.gathering is not None:
                self.gathering.wait(timeout=30)
        finally:
            with self._lock:
                self._now -= 1
        if isinstance(step, Response):
            return step
        answer = echo.gemini if "contents" in said else echo.completion
        return Response(answer(said, step))


def prompts(*texts):
    return [Prompt(text=text) for text in texts]


def said(model, *texts, max_tokens=20, **how):
    """Return the replies in the order of the asks."""
    replies = list(model.respond(prompts(*texts), max_tokens=max_tokens, seed=0, **how))
    assert sorted(reply.index for reply in replies) == list(range(len(texts)))
    return sorted(replies, key=lambda reply: reply.index)
