from typing import Any

import av
import numpy as np
import pytest
import soundfile

from avere.errors import AvereError, MediaError
from avere.media import frames, probe, sound, write_sound, write_video
from avere.records import Corruption


def written(path, channels, rate, layout, codec="pcm_s16le"):
    """Write [channels, samples] with any codec and channel layout."""
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(channels, np.float32), format="fltp", layout=layout
        )
        frame.sample_rate, frame.pts = rate, 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path


def test_what_was_written_to_wav_comes_back_exactly(clips):
    whole = (np.arange(-32768, 32768, 7) / 32768).astype(np.float32)
    path = clips.folder / "ramp.wav"
    write_sound(path, whole, 16000)
    assert np.array_equal(sound(path), whole)
    write_sound(clips.folder / "again.wav", sound(path), 16000)
    assert (clips.folder / "again.wav").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_U8", "FLOAT", "DOUBLE"])
def test_sample_formats(clips, suffix, subtype):
    if not soundfile.check_format(suffix[1:].upper(), subtype):
        pytest.skip("no such format")
    path = clips.folder / f"tone{suffix}"
    soundfile.write(path, clips.tone(0.5), 16000, subtype=subtype)
    assert np.abs(sound(path) - clips.tone(0.5)).max() < (0.02 if subtype == "PCM_U8" else 1e-4)


@pytest.mark.parametrize(("layout", "count"), [("mono", 1), ("stereo", 2), ("5.1", 6)])
@pytest.mark.parametrize(("suffix", "codec"), [(".wav", "pcm_s16le"), (".mp4", "aac"), (".flac", "flac")])
def test_all_channels_are_mixed(clips, layout, count, suffix, codec):
    """The mean of amplitudes 0.1, 0.2 ... of one tone is that tone at the mean amplitude."""
    amplitudes = 0.1 * (1 + np.arange(count))
    tone = clips.tone(0.6, pitch=30) / 0.4
    path = written(clips.folder / f"many{suffix}", amplitudes[:, None] * tone, 16000, layout, codec)
    assert probe(path).channels == count
    wave = sound(path)
    middle = slice(2000, 8000)
    assert len(wave) == len(tone)
    assert np.abs(wave[middle] - amplitudes.mean() * tone[middle]).max() < 0.02


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_resampling_keeps_pitch_length_and_loudness(clips, rate):
    path = clips.folder / "tone.wav"
    write_sound(path, clips.tone(1.0, rate), rate)
    wave = sound(path)
    assert len(wave) == 16000
    assert np.argmax(np.abs(np.fft.rfft(wave))) == 220
    assert np.abs(wave - clips.tone(1.0))[500:-500].max() < 1e-3


def test_resampling_does_not_fold_high_tones_down(clips):
    path = clips.folder / "high.wav"
    write_sound(path, clips.tone(1.0, 48000, pitch=15000), 48000)
    assert np.abs(sound(path)[500:-500]).max() < 1e-3


def test_the_block_filled_up_by_the_encoder_is_not_heard(clips):
    wave = clips.tone(1.2345)
    path = clips.folder / "length.mp4"
    write_video(path, clips.grey(12), 10, wave)
    assert len(sound(path)) == len(wave)
    assert np.corrcoef(sound(path), wave)[0, 1] > 0.99


def test_cut_to_seconds_is_the_beginning_of_the_whole(clips):
    path = clips.folder / "long.wav"
    write_sound(path, clips.tone(6.0, 44100), 44100)
    short = sound(path, seconds=2.0)
    assert len(short) == 32000
    np.testing.assert_allclose(short, sound(path)[:32000], atol=1e-5)
    assert len(sound(path, seconds=60.0)) == 96000


@pytest.mark.parametrize("seconds", [0.5, 3.5])
def test_sound_shorter_or_longer_than_the_pictures(clips, seconds):
    path = clips.usual(seconds=seconds).path
    assert len(sound(path)) == round(seconds * 16000)
    assert clips.numbers(frames(path, 4)) == [2, 7, 12, 17]
    about = probe(path)
    assert about.video_seconds == pytest.approx(2.0, abs=0.01)
    assert about.audio_seconds == pytest.approx(seconds, abs=0.01)
    assert about.seconds == pytest.approx(max(2.0, seconds), abs=0.01)


def test_a_silent_film_has_no_sound(clips):
    path = clips.folder / "silent film.mp4"
    write_video(path, clips.grey(5), 10)
    with pytest.raises(MediaError, match=r"silent film\.mp4' has no audio stream"):
        sound(path)


def test_an_empty_sound_says_so(clips):
    path = clips.folder / "empty.wav"
    soundfile.write(path, np.zeros(0), 16000)
    with pytest.raises(MediaError, match=r"empty\.wav'"):
        sound(path)


@pytest.mark.parametrize(("rate", "seconds"), [(0, None), (16000, 0.0), (16000, -1.0), (16000, float("nan"))])
def test_lengths_and_rates_are_above_zero(clips, rate, seconds):
    with pytest.raises(AvereError, match="above 0"):
        sound(clips.usual().path, rate, seconds=seconds)


def test_corruption_is_applied_after_reading(clips):
    path = clips.usual().path
    assert not sound(path, corruption=Corruption(kind="silence")).any()
    noisy = sound(path, seconds=1.0, corruption=Corruption(kind="noise", level=1.0, seed=1))
    assert noisy.shape == (16000,)
    assert abs(np.corrcoef(noisy, sound(path, seconds=1.0))[0, 1]) < 0.05
