"""Opening media files for reading or writing, so that every fault is a MediaError with file and cause."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from avere import files
from avere.errors import AvereError, MediaError, printable_path
from avere.media import _lengths, _limits, _references

if TYPE_CHECKING:
    from av import AudioStream, Packet, VideoStream
    from av.container import InputContainer, OutputContainer

T = TypeVar("T")
S = TypeVar("S", "VideoStream", "AudioStream")
FORMATS = (
    "mov,mp4,m4a,3gp,matroska,webm,avi,flv,asf,mpeg,mpegts,mpegvideo,ogg,"
    "wav,w64,flac,mp3,aac,aiff,caf,amr,gif,apng"
)
"""What is read; FFmpeg would else take a text for an ANSI animation, or a playlist for a list of others."""
ADVICE = "copy or download it again, or leave it out"


class Media(NamedTuple):
    """An open file and the stream of either modality that a player would choose."""

    path: Path
    container: InputContainer
    video: VideoStream | None
    audio: AudioStream | None
    endless: bool
    """The header leaves the length open, so the last packet may be shorter than it says."""

    def pictures(self) -> VideoStream:
        """Give the video stream.

        Raises:
            MediaError: the file has none, or none that can be decoded here.
        """
        if self.video is None:
            raise MediaError(f"'{printable_path(self.path)}' has no video stream; give a file with pictures")
        return _decodable(self.path, self.video)

    def sound(self) -> AudioStream:
        """Give the audio stream.

        Raises:
            MediaError: the file has none, or none that can be decoded here.
        """
        if self.audio is None:
            raise MediaError(f"'{printable_path(self.path)}' has no audio stream; give a file with sound")
        return _decodable(self.path, self.audio)

    def point_aspect(self) -> Fraction | None:
        """Find the width over the height of a stored point of the pictures; None: the file does not say."""
        return self.pictures().sample_aspect_ratio

    def packets(self, *streams: VideoStream | AudioStream) -> Iterator[Packet[Any]]:
        """Yield the packets of streams, with the empty ones at the end that flush their decoders.

        Raises:
            MediaError: the file ends inside a packet, cannot be read on, or holds too many packets.
        """
        for number, packet in enumerate(guard_decoding(self.path, self.container.demux(*streams))):
            if packet.is_corrupt and not self.endless:
                raise MediaError(f"'{printable_path(self.path)}' is cut short or damaged; {ADVICE}")
            _limits.check_packets(self.path, number)
            yield packet


@contextmanager
def guard_faults(path: Path) -> Iterator[None]:
    """Turn whatever a demuxer or decoder raises into a MediaError about ``path``."""
    try:
        yield
    except AvereError:
        raise
    except Exception as error:
        raise unreadable(path, error) from error


def guard_decoding(path: Path, items: Iterator[T]) -> Iterator[T]:
    """Yield ``items``; turn what is raised by them, not by who takes them, into a MediaError."""
    with guard_faults(path):
        yield from items


def unreadable(path: Path, error: Exception) -> MediaError:
    """Make the error for a file that the decoder gave up on."""
    cause = " ".join(str(getattr(error, "strerror", None) or error).split()) or type(error).__name__
    what = "it is damaged, cut short or no media"
    return MediaError(f"'{printable_path(path)}' cannot be decoded ({cause}): {what}; {ADVICE}")


@contextmanager
def open_container(path: Path) -> Iterator[Media]:
    """Open a media file for reading.

    Raises:
        MediaError: it is missing, no regular file, empty, damaged, no media, or larger than is decoded here.
    """
    import av
    from av.stream import Disposition

    check_file(path)
    _lengths.check_bytes(path)
    _references.check_references(path)
    only = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    with guard_faults(path):
        # Tags are not read here, and many are not in UTF-8; the size is bounded for what opening decodes.
        container = av.open(
            f"file:{path}", container_options=only, options=_limits.OPTIONS, metadata_errors="replace"
        )
    with container:
        streams = container.streams
        _limits.check_streams(path, len(streams))
        # Cover art is no video: it stays for the whole file and shows nothing of the clip.
        videos = [s for s in streams.video if not s.disposition & Disposition.attached_pic]
        video, audio = _preferred(videos), _preferred(streams.audio)
        if video is None and audio is None:
            raise MediaError(f"'{printable_path(path)}' holds neither video nor audio; give a clip")
        for stream in filter(None, (video, audio)):
            if stream.codec_context is not None:
                stream.codec_context.thread_count = 1
        if video is not None and video.codec_context is not None:
            _limits.check_pixels(path, video.codec_context.width, video.codec_context.height)
            video.codec_context.options = dict(_limits.OPTIONS)
        yield Media(path, container, video, audio, _lengths.is_endless(path))


def _preferred(streams: Sequence[S]) -> S | None:
    """Choose the stream that a player would: the first that is marked as the default, else the first."""
    from av.stream import Disposition

    return max(streams, key=lambda stream: bool(stream.disposition & Disposition.default), default=None)


def _decodable(path: Path, stream: S) -> S:
    """Refuse a stream for which there is no decoder.

    Raises:
        MediaError: its codec is unknown.
    """
    if stream.codec_context is None:
        raise MediaError(
            f"the {stream.type} of '{printable_path(path)}' is in an unknown codec; convert the file"
        )
    return stream


def check_file(path: Path) -> None:
    """Refuse what is not a file with something in it; pipes and devices are not opened.

    Raises:
        MediaError: missing, a folder, no regular file, empty, or not readable.
    """
    name = printable_path(path)
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise MediaError(f"'{name}' is a folder; give one media file in it")
        if not stat.S_ISREG(found.st_mode):
            raise MediaError(f"'{name}' is a pipe, socket or device; copy what it gives into a file")
        if found.st_size == 0:
            raise MediaError(f"'{name}' is empty (0 bytes); {ADVICE}")
        path.open("rb").close()
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise MediaError(f"cannot read '{name}': {cause}; give a file that can be read") from error


@contextmanager
def complete_stream(path: Path) -> Iterator[Path]:
    """Give a place to write to; the file takes its name only when complete, and may replace its own source.

    Raises:
        MediaError: the file cannot hold what is put in.
        AvereError: the system does not let it be written.
    """
    try:
        with files.create_whole(path) as unfinished:
            yield unfinished
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise MediaError(f"cannot write '{path}': {cause}; another place, or .mkv, may hold it") from error


@contextmanager
def create_container(path: Path) -> Iterator[OutputContainer]:
    """Open a media file for writing; no date and no version goes in, so that same content is same bytes.

    Raises:
        MediaError: no format goes by that suffix, or it cannot hold what is put in.
    """
    import av

    with complete_stream(path) as unfinished:
        try:
            with av.open(f"file:{unfinished}", "w", container_options={"fflags": "+bitexact"}) as container:
                yield container
        except av.FFmpegError as error:
            # Not every kind of FFmpeg's errors is an OSError or a ValueError.
            raise ValueError(error.strerror or str(error)) from error
