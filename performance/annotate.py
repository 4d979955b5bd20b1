"""Measure how fast annotators behind an API are asked, and whether memory stays flat, without a network.

``python performance/annotate.py --json out.json``: a server on the loopback address answers each call after a
fixed time; shares are of the ideal, ``calls / concurrency * latency``. A bare client, which only writes
and reads bytes, tells what the machine can reach at all. ``--memory 100000`` samples the resident memory.
"""

import argparse
import asyncio
import json
import math
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

import avere
from avere.interfaces import Prompt

ANSWER = json.dumps(
    {
        "id": "fake",
        "object": "chat.completion",
        "created": 0,
        "model": "fake",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Yes"}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 20, "completion_tokens": 1, "total_tokens": 21},
    }
).encode()
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
BODY = json.dumps({"model": "fake", "messages": [{"role": "user", "content": "What is heard?"}]}).encode()
POST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
ENOUGH = 0.95


class Took(NamedTuple):
    """What some calls took in this process."""

    wall_s: float
    cpu_s: float
    bad: int
    """Calls that got no answer."""


def main(words: list[str]) -> int:
    """Print shares of the ideal, then memory if wanted; 1 where a call got no answer."""
    arguments = parse(words)
    if arguments.serve is not None:
        asyncio.run(serve(arguments.serve))
        return 0
    whole = {
        "command": " ".join(["python", "performance/annotate.py", *words]),
        "machine": f"{platform.processor() or platform.machine()}, {psutil.cpu_count()} cores",
        "load_before": psutil.getloadavg()[0],
        "speed": [speed(latency, arguments) for latency in arguments.latency],
        "memory": memory(arguments) if arguments.memory else None,
        "load_after": psutil.getloadavg()[0],
    }
    report(whole)
    if arguments.json:
        arguments.json.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    found = [*whole["speed"], *filter(None, [whole["memory"]])]
    return 1 if any(each["bad"] for each in found) else 0


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--latency", type=float, nargs="*", default=[0.2, 0.02], help="seconds of an answer")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=6.0, help="ideal length of a measurement")
    parser.add_argument("--cache", action="store_true", help="keep replies in a file, as is usual")
    parser.add_argument("--memory", type=int, default=0, help="clips after which memory is looked at last")
    parser.add_argument("--json", type=Path, help="where all numbers go")
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    return parser.parse_args(words)


def speed(latency: float, arguments: argparse.Namespace) -> dict[str, Any]:
    """Time calls of one latency, by the bare client and by ours."""
    rounds = max(1, math.ceil(arguments.seconds / latency))
    calls, ideal = rounds * arguments.concurrency, rounds * latency
    with served(latency) as (port, server):
        bare = asyncio.run(bare_client(port, calls, arguments.concurrency))
        before = server_seconds(server)
        with annotator(port, arguments) as model:
            ask(model, arguments.concurrency, "warm")  # connections are opened and libraries loaded once
            ours = ask(model, calls, "clip")
        after = server_seconds(server)
    return {
        "latency_s": latency,
        "calls": calls,
        "ideal_s": ideal,
        "bare": bare._asdict() | {"share": ideal / bare.wall_s},
        "ours": ours._asdict() | {"share": ideal / ours.wall_s},
        "server_cpu_s": after - before,
        "bad": bare.bad + ours.bad,
    }


def memory(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the resident MB after ever more clips that are words alone."""
    steps = sorted(
        {min(arguments.memory, 1000), *range(10_000, arguments.memory + 1, 10_000), arguments.memory}
    )
    resident, bad, done = {}, 0, 0
    with served(0.0) as (port, _), annotator(port, arguments) as model:
        for step in steps:
            bad += ask(model, step - done, f"clip {step}").bad
            done = step
            resident[step] = psutil.Process().memory_info().rss / 2**20
    return {"resident_mb": resident, "bad": bad}


@contextmanager
def annotator(port: int, arguments: argparse.Namespace) -> Iterator[Any]:
    """Give the model behind the server, its replies kept in a file if wanted."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "replies.sqlite" if arguments.cache else None
        source = f"openai:fake@http://127.0.0.1:{port}/v1"
        yield avere.load(source, concurrency=arguments.concurrency, cache=cache)


def ask(model: Any, calls: int, name: str) -> Took:
    """Ask about clips that are words alone, each other than all before."""
    prompts = (Prompt(text=f"{name} {number}: is there a sob?") for number in range(calls))
    wall, cpu = time.perf_counter(), time.process_time()
    bad = sum(reply.text != "Yes" for reply in model.respond(prompts, max_tokens=8, seed=0))
    return Took(time.perf_counter() - wall, time.process_time() - cpu, bad)


async def bare_client(port: int, calls: int, concurrency: int) -> Took:
    """Send the same bytes over as many connections and look for the answer."""
    size = len(HEAD.format(len(ANSWER))) + len(ANSWER)

    async def worker() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        bad = 0
        for _ in range(calls // concurrency):
            writer.write(POST)
            bad += not (await reader.readexactly(size)).endswith(ANSWER)
        writer.close()
        return bad

    wall, cpu = time.perf_counter(), time.process_time()
    bad = sum(await asyncio.gather(*(worker() for _ in range(concurrency))))
    return Took(time.perf_counter() - wall, time.process_time() - cpu, bad)


@contextmanager
def served(latency: float) -> Iterator[tuple[int, psutil.Process]]:
    """Run the server in a process of its own; give its port and that process."""
    command = [sys.executable, __file__, "--serve", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), psutil.Process(process.pid)
        finally:
            process.terminate()


async def serve(latency: float) -> None:
    """Answer every call after the same time, and print the port first."""
    answer = HEAD.format(len(ANSWER)).encode() + ANSWER
    loop = asyncio.get_running_loop()

    class Connection(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: Any = transport
            self.waiting = b""

        def data_received(self, data: bytes) -> None:
            self.waiting += data
            while (length := call_length(self.waiting)) and len(self.waiting) >= length:
                self.waiting = self.waiting[length:]
                loop.call_later(latency, self.transport.write, answer)

    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def call_length(data: bytes) -> int:
    """Return the bytes of the call that begins here, 0 while its head is not whole."""
    head, found, _ = data.partition(b"\r\n\r\n")
    if not found:
        return 0
    lengths = [
        line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    ]
    return len(head) + 4 + int(lengths[0] if lengths else 0)


def server_seconds(process: psutil.Process) -> float:
    """Return the CPU seconds of the server so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def report(whole: dict[str, Any]) -> None:
    """Print a table."""
    print(f"{whole['command']}\n{whole['machine']}")
    print(f"load {whole['load_before']:.1f} to {whole['load_after']:.1f}")
    titles = f"{'latency':>8}{'calls':>8}{'ideal/s':>9}{'bare':>7}{'ours':>7}{'ours/s':>8}"
    print(f"{titles}{'ms a call':>11}{'server ms':>11}")
    for each in whole["speed"]:
        calls, ours = each["calls"], each["ours"]
        print(
            f"{each['latency_s'] * 1000:5.0f} ms{calls:8}{calls / each['ideal_s']:9.0f}"
            f"{each['bare']['share']:7.0%}{ours['share']:7.0%}{calls / ours['wall_s']:8.0f}"
            f"{ours['cpu_s'] / calls * 1000:11.2f}{each['server_cpu_s'] / calls * 1000:11.2f}"
            f"{'' if ours['share'] >= ENOUGH else f'  below {ENOUGH:.0%}'}"
        )
    if whole["memory"]:
        for clips, size in whole["memory"]["resident_mb"].items():
            print(f"{clips:>8} clips: {size:.0f} MB resident")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
