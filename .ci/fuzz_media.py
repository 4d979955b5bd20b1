"""Damage small media files at random and read them: nothing but a MediaError may come out.

    python .ci/fuzz_media.py --seconds 60 --seed 0

The process may take 2 GB of memory, and ten seconds for each reading. A file that breaks the promise is kept.
"""

import argparse
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from avere import media
from avere.errors import MediaError

KINDS = (
    *(("clip.mp4", "libx264", "aac"), ("clip.mkv", "libx264", "aac"), ("clip.avi", "mpeg4", "pcm_s16le")),
    *(("clip.webm", "libvpx", "libopus"), ("clip.ts", "mpeg2video", "mp2"), ("clip.flv", "flv", "aac")),
    *(("clip.mov", "mpeg4", "pcm_s16le"), ("clip.gif", "gif", None), ("clip.wav", None, "pcm_f32le")),
    *(("clip.flac", None, "flac"), ("clip.mp3", None, "libmp3lame"), ("clip.ogg", None, "libopus")),
)
READ, REFUSED = "read", "refused"
MEMORY, PATIENCE = 2 * 2**30, 10
READERS = (media.probe, media.sound, lambda path: media.frames(path, 4), media.check_decoding)


def make(path: Path, seen: str | None, heard: str | None) -> bytes:
    """Write half a second of pictures and sound."""
    with av.open(str(path), "w") as output:
        streams = []
        if seen:
            video = output.add_stream(seen, rate=10)
            video.width, video.height = 48, 32
            video.pix_fmt = "rgb8" if seen == "gif" else "yuv420p"
            streams.append((video, [pictured(index) for index in range(5)]))
        if heard:
            rate = 44_100 if seen == "flv" else 48_000
            audio = output.add_stream(heard, rate=rate, layout="mono")
            streams.append((audio, [sounding(rate)]))
        for stream, frames in streams:
            for frame in (*frames, None):
                output.mux(stream.encode(frame))
    return path.read_bytes()


def pictured(index: int) -> av.VideoFrame:
    """Make a grey picture."""
    frame = av.VideoFrame.from_ndarray(np.full((32, 48, 3), 40 * index, np.uint8), format="rgb24")
    frame.pts, frame.time_base = index, Fraction(1, 10)
    return frame


def sounding(rate: int) -> av.AudioFrame:
    """Make half a second of a tone."""
    wave = np.sin(np.arange(rate // 2) / 20).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    return frame


def damage(content: bytes, chance: random.Random) -> bytes:
    """Overwrite, cut out, double or cut off a few bytes, mostly in the header."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        place = chance.randrange(min(len(changed), chance.choice((64, 1024, len(changed)))))
        length = chance.choice((1, 1, 2, 4, 8, 100))
        way = chance.randrange(5)
        if way < 2:
            changed[place : place + length] = chance.randbytes(length)
        elif way == 2:
            changed[place : place + length] = chance.choice((b"\0", b"\xff", b"\x7f", b"\x80")) * length
        elif way == 3:
            changed[place : place + length] = changed[place : place + length] * 2
        else:
            del changed[place : place + length]
        changed = changed or bytearray(1)
    return bytes(changed[: chance.randrange(1, len(changed) + 1)] if chance.random() < 0.1 else changed)


def read_within(read: Callable[[Path], object], path: Path) -> str:
    """Read a file within the limit of time: READ, REFUSED, or what went wrong."""
    signal.alarm(PATIENCE)
    try:
        read(path)
    except MediaError as error:
        told = str(error)
        return REFUSED if "\n" not in told and path.name in told else f"no line about the file: {told}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    return READ


def main() -> int:
    """Read damaged files until the time is over; name what broke the promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    chance, files, refused, faults = random.Random(given.seed), 0, 0, 0
    end = time.monotonic() + given.seconds
    with TemporaryDirectory() as folder:
        whole = {name: make(Path(folder) / name, *codecs) for name, *codecs in KINDS}
        while time.monotonic() < end:
            name = chance.choice(sorted(whole))
            path = Path(folder) / f"damaged {name}"
            path.write_bytes(damage(whole[name], chance))
            files += 1
            for read in READERS:
                outcome = read_within(read, path)
                refused += outcome == REFUSED
                if outcome not in (READ, REFUSED):
                    faults += 1
                    kept = Path(f"fault-{given.seed}-{files}{path.suffix}")
                    kept.write_bytes(path.read_bytes())
                    print(f"{kept}: {outcome}", file=sys.stderr)
    print(f"{files} files of {len(whole)} kinds, {refused} times refused, {faults} faults, seed {given.seed}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
