"""Opening media files for reading or writing, so that every fault is a MediaError with file and cause."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from avere import files
from avere.errors import MediaError

if TYPE_CHECKING:
    from av import AudioStream, Packet, VideoStream
    from av.container import InputContainer, OutputContainer

T = TypeVar("T")
FORMATS = (
    "mov,mp4,m4a,3gp,matroska,webm,avi,flv,asf,mpeg,mpegts,mpegvideo,ogg,"
    "wav,w64,flac,mp3,aac,aiff,caf,amr,gif,apng"
)
"""What is read; FFmpeg would else take a text for an ANSI animation, or a playlist for a list of others."""
ADVICE = "copy or download it again, or leave it out"


class Media(NamedTuple):
    """An open file and the first stream of either modality."""

    path: Path
    container: InputContainer
    video: VideoStream | None
    audio: AudioStream | None

    def pictures(self) -> VideoStream:
        """Return the video stream.

        Raises:
            MediaError: the file has none.
        """
        if self.video is None:
            raise MediaError(f"'{self.path}' has no video stream; give a file with pictures")
        return self.video

    def sound(self) -> AudioStream:
        """Return the audio stream.

        Raises:
            MediaError: the file has none.
        """
        if self.audio is None:
            raise MediaError(f"'{self.path}' has no audio stream; give a file with sound")
        return self.audio

    def packets(self, stream: VideoStream | AudioStream) -> Iterator[Packet[Any]]:
        """Yield the packets of one stream, with the empty one at the end that flushes its decoder.

        Raises:
            MediaError: the file ends inside a packet, or cannot be read on.
        """
        for packet in guard_decoding(self.path, self.container.demux(stream)):
            if packet.is_corrupt:
                raise MediaError(f"'{self.path}' is cut short or damaged; {ADVICE}")
            yield packet


def guard_decoding(path: Path, items: Iterator[T]) -> Iterator[T]:
    """Yield ``items``; turn what FFmpeg says against them into a MediaError about ``path``."""
    from av import FFmpegError

    try:
        yield from items
    except FFmpegError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> MediaError:
    """Return the error for a file that FFmpeg gave up on."""
    cause = getattr(error, "strerror", None) or str(error)
    return MediaError(f"'{path}' cannot be decoded ({cause}): it is damaged, cut short or no media; {ADVICE}")


@contextmanager
def open_container(path: Path) -> Iterator[Media]:
    """Open a media file for reading.

    Raises:
        MediaError: it is missing, a folder, empty, damaged or no media.
    """
    import av
    from av.stream import Disposition

    check_file(path)
    only = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    try:
        container = av.open(f"file:{path}", container_options=only)
    except (av.FFmpegError, OSError) as error:
        raise unreadable(path, error) from error
    with container:
        streams = container.streams
        # Cover art is no video: it stays for the whole file and shows nothing of the clip.
        videos = [s for s in streams.video if not s.disposition & Disposition.attached_pic]
        for stream in (*videos[:1], *streams.audio[:1]):
            stream.codec_context.thread_count = 1
        media = Media(path, container, next(iter(videos), None), next(iter(streams.audio), None))
        if media.video is None and media.audio is None:
            raise MediaError(f"'{path}' holds neither video nor audio; give a clip")
        yield media


def check_file(path: Path) -> None:
    """Refuse what is not a file with something in it.

    Raises:
        MediaError: missing, a folder, empty, or not readable.
    """
    try:
        if path.is_dir():
            raise MediaError(f"'{path}' is a folder; give one media file in it")
        if path.stat().st_size == 0:
            raise MediaError(f"'{path}' is empty (0 bytes); {ADVICE}")
        path.open("rb").close()
    except OSError as error:
        raise MediaError(f"cannot read '{path}': {error.strerror}; give a file that can be read") from error


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
