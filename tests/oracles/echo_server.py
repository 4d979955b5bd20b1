"""An API on this machine that repeats what it is told, for where nothing may be sent or paid."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from http.client import parse_headers
from threading import Thread
from typing import Any, NamedTuple


class Request(NamedTuple):
    """What a client sent."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Response(NamedTuple):
    """What it gets back; the body as bytes, or as what becomes JSON."""

    body: object
    code: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    """Break the connection in the middle of the body."""


Respond = Callable[[Request], Response]


def echo(request: Request) -> Response:
    """Answer chat completions and Gemini's generateContent with the last words of the user."""
    said = json.loads(request.body)
    return Response(gemini(said) if "contents" in said else completion(said))


def start(respond: Respond = echo) -> str:
    """Start a server on a free port of the loopback address until the process ends; return its address."""
    door = socket.create_server(("127.0.0.1", 0))
    Thread(target=_receive, args=(door, respond), daemon=True).start()
    return f"http://127.0.0.1:{door.getsockname()[1]}"


def completion(request: Mapping[str, Any], text: str | None = None) -> dict[str, Any]:
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


def gemini(request: Mapping[str, Any], text: str | None = None) -> dict[str, Any]:
    """Return a response of generateContent, as ``completion`` does."""
    words = request["contents"][-1]["parts"][-1]["text"]
    said = _cut(words if text is None else text, request["generationConfig"]["maxOutputTokens"])
    content = {"role": "model", "parts": [{"text": said}]}
    names = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")
    return {
        "candidates": [{"content": content, "finishReason": "STOP"}],
        "usageMetadata": _usage(names, words, said),
    }


def _receive(door: socket.socket, respond: Respond) -> None:
    """Answer every connection in a thread of its own."""
    while True:
        connection, _ = door.accept()
        Thread(target=_converse, args=(connection, respond), daemon=True).start()


def _converse(connection: socket.socket, respond: Respond) -> None:
    """Read one request, answer it and hang up."""
    with connection, connection.makefile("rb") as file:
        first = file.readline().decode("latin-1").split()
        if len(first) < 2:
            return
        headers = parse_headers(file)
        body = file.read(int(headers.get("Content-Length") or 0))
        response = respond(Request(first[1], dict(headers.items()), body))
        content = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
        head = [
            f"HTTP/1.1 {response.code} Answered",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in response.headers),
        ]
        sent = content[: len(content) // 2] if response.cut else content
        try:
            connection.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + sent)
        except OSError:
            return  # the client left, which is its right


def _cut(text: str, words: int | None) -> str:
    return " ".join(text.split()[:words])


def _usage(names: tuple[str, str, str], asked: str, said: str) -> dict[str, int]:
    counts = len(asked.split()), len(said.split())
    return dict(zip(names, (*counts, sum(counts)), strict=True))
