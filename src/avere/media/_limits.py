"""How much one file may make this machine do: checked before anything is decoded.

A few kilobytes can hold a picture of a billion pixels, a film of a million frames, or a day of silence.
The limits stand far above any clip of the field; decoding within them takes less than 2 GB.
"""

from pathlib import Path

from avere.errors import MediaError, printable_path

PIXELS = 36_000_000
"""Of one picture; 8K video has 33 million."""
PICTURES = 1_200_000_000
"""Bytes of all the frames that one call returns; 32 frames of 4K have 0.8 billion."""
PACKETS = 2_000_000
"""Of one file; five hours of pictures and sound have about 1.3 million."""
STREAMS = 64
"""Of one file; a film with many languages has about 30."""
SECONDS = 3600.0
"""Of sound that is decoded as a whole."""
SAMPLES = 200_000_000
"""Of all channels of a sound that is held as stored; half an hour of stereo at 48 kHz has 173 million."""
WORK, DENSITY = 1_000_000_000, 50_000
"""Pixels to be decoded for one call (seconds or more), and pixels a byte of the file: a film may have many of
the first, a still screen some of the second; only a bomb has both."""
OPTIONS = {"max_pixels": str(PIXELS * 6 // 5)}
"""For the decoder, which checks the size of each picture, edges included, before it takes memory for it."""


def check_pixels(path: Path, width: int, height: int) -> None:
    """Refuse pictures that are too large, or whose size the decoder did not accept.

    Raises:
        MediaError: more than PIXELS.
    """
    if not width * height:
        raise MediaError(
            f"the pictures of '{printable_path(path)}' are damaged, or larger than the {PIXELS:,} pixels "
            "that are decoded; scale them down first, or leave the file out"
        )
    if width * height > PIXELS:
        raise MediaError(
            f"the pictures of '{printable_path(path)}' are {width} by {height}; "
            f"at most {PIXELS:,} pixels are read: scale it down first"
        )


def check_frames(path: Path, count: int, width: int, height: int) -> None:
    """Refuse to return more frames than memory should hold.

    Raises:
        MediaError: more than PICTURES bytes.
    """
    if 3 * count * width * height > PICTURES:
        raise MediaError(
            f"{count} frames of {width} by {height} were asked of '{printable_path(path)}'; at most "
            f"{PICTURES:,} bytes are decoded at once: ask for fewer, or scale it down first"
        )


def check_work(path: Path, frames: int, width: int, height: int) -> None:
    """Refuse small files that unfold into hours of decoding.

    Raises:
        MediaError: more pixels than WORK, and than DENSITY for each byte of the file.
    """
    work = frames * width * height
    if work > WORK and work > DENSITY * path.stat().st_size:
        raise MediaError(
            f"'{printable_path(path)}' unfolds into {frames:,} frames of {width} by {height}, {work:,} "
            f"pixels of {path.stat().st_size:,} bytes; cut it, or scale it down first"
        )


def check_packets(path: Path, count: int) -> None:
    """Refuse files of too many packets.

    Raises:
        MediaError: more than PACKETS.
    """
    if count > PACKETS:
        raise MediaError(f"'{printable_path(path)}' holds more than {PACKETS:,} packets; cut it into clips")


def check_streams(path: Path, count: int) -> None:
    """Refuse files of too many streams.

    Raises:
        MediaError: more than STREAMS.
    """
    if count > STREAMS:
        raise MediaError(
            f"'{printable_path(path)}' holds {count} streams; at most {STREAMS} are read: "
            "copy those of the clip into another file"
        )


def check_seconds(path: Path, seconds: float) -> None:
    """Refuse to decode a sound as a whole that is too long.

    Raises:
        MediaError: longer than SECONDS.
    """
    if seconds > SECONDS:
        raise MediaError(
            f"the sound of '{printable_path(path)}' is longer than {SECONDS:.0f} s; cut it into clips, or "
            "ask for its beginning"
        )


def check_samples(path: Path, count: int) -> None:
    """Refuse to hold more of a stored sound than memory should.

    Raises:
        MediaError: more than SAMPLES.
    """
    if count > SAMPLES:
        raise MediaError(
            f"more than {SAMPLES:,} samples of '{printable_path(path)}' were asked for; "
            "cut it into shorter clips"
        )
