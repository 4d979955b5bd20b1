"""What a listener can and cannot read from rendered voices: cues by their sound, nothing by one number.

A linear probe on standard audio features must name the cues of voices that it never heard; a decision tree on
any single number (loudness, peak, pitch, brightness, length...) must not.
"""

import itertools

import numpy as np
import pytest
from scipy import fft
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from avere.world.cues import EMOTIONS, VOICE
from avere.world.plan import ClipPlan, draw_plan
from avere.world.sound import voice

RATE = 16_000
Pitch = tuple[np.ndarray, np.ndarray, np.ndarray]
NAMES = [kind.name for kind in VOICE]
HEARD, UNHEARD = 510, 190


def mel_bank(bands: int = 40, size: int = 512) -> np.ndarray:
    edges = 700 * (10 ** (np.linspace(40, 2840, bands + 2) / 2595) - 1)
    frequency = np.fft.rfftfreq(size, 1 / RATE)
    up = (frequency - edges[:-2, None]) / np.diff(edges)[:-1, None]
    down = (edges[2:, None] - frequency) / np.diff(edges)[1:, None]
    bank: np.ndarray = np.maximum(0, np.minimum(up, down)).astype(np.float32)
    return bank


BANK = mel_bank()
WINDOW = np.hanning(400).astype(np.float32)


def log_mel(sound: np.ndarray) -> np.ndarray:
    """Return log energies in mel bands every 10 ms, at most 8 decades below the loudest."""
    windows = np.lib.stride_tricks.sliding_window_view(sound, 400)[::160] * WINDOW
    mel: np.ndarray = np.log10(np.square(np.abs(fft.rfft(windows, 512, axis=1))) @ BANK.T + 1e-10)
    floored: np.ndarray = np.maximum(mel - mel.max(), -8)
    return floored


def pitch_track(sound: np.ndarray) -> Pitch:
    """Return pitch by autocorrelation (60-500 Hz), its strength and the energy, every 20 ms."""
    windows = np.lib.stride_tricks.sliding_window_view(sound, 640)[::320]
    windows = (windows - windows.mean(axis=1, keepdims=True)) * np.hanning(640).astype(np.float32)
    correlation = fft.irfft(np.square(np.abs(fft.rfft(windows, 1536, axis=1))), axis=1)
    energy = correlation[:, 0] + 1e-9
    strength = correlation[:, 32:267] / energy[:, None]
    return RATE / (strength.argmax(axis=1) + 32), strength.max(axis=1), energy


def features(sound: np.ndarray, pitch: Pitch) -> np.ndarray:
    """Return statistics of log-mel energies, cepstra and pitch, and the modulation spectrum."""
    mel = log_mel(sound)
    change, slow = np.diff(mel, axis=0), mel[5:] - mel[:-5]
    cepstra = fft.dct(mel, axis=1, norm="ortho")[:, :20]
    groups = mel.reshape(len(mel), 8, 5).mean(axis=2)
    groups = (groups - groups.mean(axis=0)) * np.hanning(len(mel))[:, None]
    modulation = np.abs(fft.rfft(groups, 256, axis=0))
    edges = (1, 3, 5, 8, 11, 14, 17, 21, 26, 32, 40, 50, 64, 90, 128)
    rhythm = [modulation[low:high].mean(axis=0) for low, high in itertools.pairwise(edges)]
    return np.concatenate(
        [
            *np.percentile(mel, [10, 50, 90], axis=0),
            *(mel.mean(0), mel.std(0), change.std(0), np.abs(change).mean(0), slow.std(0)),
            (change**3).mean(0) / (change.std(0) ** 3 + 1e-6),
            *(cepstra.mean(0), cepstra.std(0), np.diff(cepstra, axis=0).std(0)),
            np.log(1e-3 + np.ravel(rhythm)),
            melody(*pitch),
        ]
    )


def melody(pitch: np.ndarray, strength: np.ndarray, energy: np.ndarray) -> np.ndarray:
    """Measure the spread and the movement of the pitch where there is one."""
    loud = energy > 0.05 * energy.max()
    voiced = (strength > 0.5) & loud
    octaves = np.log2(pitch)
    moves = np.diff(octaves)[voiced[1:] & voiced[:-1]]
    moves = moves[np.abs(moves) < 0.35] if (np.abs(moves) < 0.35).sum() > 3 else np.zeros(4)
    heights = octaves[voiced] if voiced.sum() > 3 else np.zeros(4)
    return np.array(
        [
            *(heights.std(), np.ptp(heights), voiced.mean(), strength[loud].mean()),
            *(np.percentile(heights, [5, 25, 50, 75, 95]) - np.median(heights)),
            *(moves.mean(), moves.std(), np.abs(moves).mean()),
            *np.percentile(moves, [10, 25, 50, 75, 90]),
            *np.percentile(strength, [10, 25, 50, 75, 90]),
        ]
    )


def scalars(sound: np.ndarray, track: Pitch) -> dict[str, float]:
    """Return the single numbers by which a clip might betray itself."""
    spectrum, frequency = np.abs(np.fft.rfft(sound)), np.fft.rfftfreq(sound.size, 1 / RATE)
    pitch, strength, energy = track
    voiced = (strength > 0.4) & (energy > 0.02 * energy.max())
    return {
        "rms": float(np.sqrt(np.square(sound).mean())),
        "peak": float(np.abs(sound).max()),
        "pitch": float(pitch[voiced].mean()) if voiced.any() else 0.0,
        "pitch of all frames": float(pitch.mean()),
        "centroid by magnitude": float(spectrum @ frequency / spectrum.sum()),
        "centroid by power": float(spectrum**2 @ frequency / (spectrum**2).sum()),
        "zero crossings": float((np.diff(np.sign(sound)) != 0).mean()),
        "length": float(sound.size),
    }


class Heard:
    """Clips of many voices, and of others that nobody has heard, rendered once for all tests."""

    def __init__(self) -> None:
        self.plans = [self.plan(index) for index in range(HEARD + UNHEARD)]
        sounds = [voice.render(plan) for plan in self.plans]
        tracks = [pitch_track(sound) for sound in sounds]
        probed = np.array([features(*pair) for pair in zip(sounds, tracks, strict=True)])
        scaled = StandardScaler().fit(probed[:HEARD]).transform(probed).clip(-4, 4)
        self.train, self.test = scaled[:HEARD], scaled[HEARD:]
        rows = [scalars(*pair) for pair in zip(sounds, tracks, strict=True)]
        self.scalars = {name: np.array([[row[name]] for row in rows]) for name in rows[0]}
        self.shown = np.array([[name in plan.voice_cues for name in NAMES] for plan in self.plans])
        self.emotion = np.array([EMOTIONS.index(plan.voice) for plan in self.plans])
        self.scores = np.stack([self.probe(place) for place in range(len(NAMES))], axis=1)

    def probe(self, place: int) -> np.ndarray:
        """Measure how strongly a linear probe hears one cue in the unheard voices."""
        reader = RidgeClassifier(alpha=300, class_weight="balanced")
        scores: np.ndarray = reader.fit(self.train, self.shown[:HEARD, place]).decision_function(self.test)
        return scores

    @staticmethod
    def plan(index: int) -> ClipPlan:
        """Return a plan with one cue where the index is even, else as it was drawn."""
        plan = draw_plan(index, split="balanced", seed=41 if index < HEARD else 42, identities=40)
        if index % 2:
            return plan
        kind = VOICE[index // 2 % len(VOICE)]
        distant = None if plan.distant == kind.name else plan.distant
        return plan.model_copy(update={"voice": kind.emotion, "voice_cues": (kind.name,), "distant": distant})


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Heard()


def test_a_linear_probe_hears_whether_a_cue_is_present(heard):
    answers = heard.scores > 0
    truth = heard.shown[HEARD:]
    scores = [balanced_accuracy_score(truth[:, place], answers[:, place]) for place in range(len(NAMES))]
    assert np.mean(scores) >= 0.85
    assert min(scores) >= 0.60


def test_a_linear_probe_names_the_cue_of_a_clip_with_one(heard):
    truth = heard.shown[HEARD:]
    single = truth.sum(axis=1) == 1
    right = heard.scores[single].argmax(axis=1) == truth[single].argmax(axis=1)
    assert right.mean() >= 0.75


def read(column: np.ndarray, target: np.ndarray) -> float:
    """Return the balanced accuracy of a small decision tree on one number, cross-validated."""
    tree = DecisionTreeClassifier(
        max_leaf_nodes=8, min_samples_leaf=10, class_weight="balanced", random_state=0
    )
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    return float(balanced_accuracy_score(target, cross_val_predict(tree, column, target, cv=folds)))


def test_no_single_number_tells_the_emotion(heard):
    for name, column in heard.scalars.items():
        assert read(column, heard.emotion) <= 1 / len(EMOTIONS) + 0.10, name


def test_no_single_number_tells_the_cue(heard):
    single = heard.shown.sum(axis=1) == 1
    cue = heard.shown.argmax(axis=1)[single]
    for name, column in heard.scalars.items():
        assert read(column[single], cue) <= 1 / len(NAMES) + 0.10, name


def test_no_single_number_tells_presence_or_bearer(heard):
    distant = np.array([plan.distant is not None for plan in heard.plans])
    for name, column in heard.scalars.items():
        present = [read(column, heard.shown[:, place]) for place in range(len(NAMES))]
        assert np.mean(present) <= 0.60, name
        assert read(column, distant) <= 0.60, name


def test_the_probe_itself_hears_no_emotion_in_shuffled_labels(heard):
    order = np.random.default_rng(0).permutation(HEARD)
    probe = make_pipeline(StandardScaler(), RidgeClassifier(alpha=2000))
    probe.fit(heard.train, heard.emotion[:HEARD][order])
    assert (probe.predict(heard.test) == heard.emotion[HEARD:]).mean() < 0.30
