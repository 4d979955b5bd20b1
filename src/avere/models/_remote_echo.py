"""An API on this machine that repeats what it is told, for where nothing may be sent or paid."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple


class Response(NamedTuple):
    """What a server sends back."""

    body: dict[str, Any] | bytes
    code: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    """Close the connection in the middle of the body."""


class Handler(BaseHTTPRequestHandler):
    """Answers chat completions and Gemini's generateContent with the last words of the user."""

    def do_POST(self) -> None:
        """Answer one call."""
        length = int(self.headers.get("Content-Length", 0))
        request = json.loads(self.rfile.read(length) or b"{}")
        self.send(self.respond(request))

    def respond(self, request: dict[str, Any]) -> Response:
        """Return what is sent back to a request."""
        return Response(gemini(request) if "contents" in request else completion(request))

    def send(self, response: Response) -> None:
        """Write a response; with ``cut``, half of it."""
        body = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
        self.send_response(response.code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if response.cut else body)
        self.close_connection = self.close_connection or response.cut

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def start(handler: type[BaseHTTPRequestHandler] = Handler) -> str:
    """Start a server on a free port of the loopback address until the process ends; return its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def completion(request: dict[str, Any], text: str | None = None) -> dict[str, Any]:
    """Return a chat completion of the request's last words, or of ``text``."""
    content = request["messages"][-1]["content"]
    words = content if isinstance(content, str) else content[-1]["text"]
    limit = request.get("max_tokens") or request.get("max_completion_tokens")
    said = _cut(words if text is None else text, limit)
    message = {"role": "assistant", "content": said}
    return {
        "id": "echo",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": _usage(("prompt_tokens", "completion_tokens", "total_tokens"), words, said),
    }


def gemini(request: dict[str, Any], text: str | None = None) -> dict[str, Any]:
    """Return a response of generateContent, as ``completion`` does."""
    words = request["contents"][-1]["parts"][-1]["text"]
    said = _cut(words if text is None else text, request["generationConfig"]["maxOutputTokens"])
    content = {"role": "model", "parts": [{"text": said}]}
    names = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")
    return {
        "candidates": [{"content": content, "finishReason": "STOP"}],
        "usageMetadata": _usage(names, words, said),
    }


def _cut(text: str, words: int | None) -> str:
    return " ".join(text.split()[:words])


def _usage(names: tuple[str, str, str], asked: str, said: str) -> dict[str, int]:
    counts = len(asked.split()), len(said.split())
    return dict(zip(names, (*counts, sum(counts)), strict=True))
