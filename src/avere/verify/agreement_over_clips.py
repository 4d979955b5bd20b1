r"""Krippendorff's alpha of people's answers, with an interval over clips.

The point is the library's. The interval needs it in every resampling of clips, and alpha is a ratio of sums
over questions (Krippendorff, 2011): a question with n_c answers c, m in all, adds n_c (n_k - [c = k]) / (m
- 1) to the coincidences o_ck. With o_c = sum over k, n = sum of all, alpha = 1 - D_o / D_e with D_o = sum
of o_ck over c != k, divided by n, and D_e = sum of o_c o_k over c != k, divided by n (n - 1). So one
product of the clips' weights with their coincidences gives alpha in all resamplings at once. That a person
cannot tell counts as an answer of its own.

>>> import numpy as np
>>> counts = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])  # two people, three questions: agree, agree, not
>>> round(float(alpha_of_coincidences(coincidences(counts).sum(axis=0)[None])[0]), 4)  # 1 - (2/6) / (18/30)
0.4444
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from avere.analyse import agreement
from avere.analyse.intervals import (
    FEWEST_CLIPS,
    LEVEL,
    Interval,
    Numbers,
    count_clips,
    draw_weights,
    round_number,
)
from avere.records import Question, Verdict


def estimate_alpha(verdicts: Iterable[Verdict], questions: Mapping[str, Question]) -> Interval:
    """Estimate alpha over the questions that at least two people answered.

    Raises:
        AvereError: the library is not installed.
    """
    agreement.require()
    import krippendorff

    by_question: defaultdict[str, list[Verdict]] = defaultdict(list)
    for one in verdicts:
        by_question[one.question].append(one)
    shared = sorted(name for name, said in by_question.items() if len(said) > 1)
    if not shared:
        return Interval(value=None, low=None, high=None, n=0, reason="no question with two answers")
    counts = count_answers([by_question[name] for name in shared])
    if np.count_nonzero(counts.sum(axis=0)) < 2:
        return Interval(value=None, low=None, high=None, n=len(shared), reason="all said the same")
    value = round_number(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))
    clips = sorted({questions[name].clip for name in shared})
    reason = None if len(clips) >= FEWEST_CLIPS else f"only {count_clips(len(clips))}"
    low = high = None
    if reason is None:
        place = {clip: index for index, clip in enumerate(clips)}
        of_clip = np.array([place[questions[name].clip] for name in shared])
        low, high = _bounds(coincidences(counts), of_clip, len(clips))
    return Interval(value=value, low=low, high=high, n=len(shared), reason=reason)


def count_answers(said: list[list[Verdict]]) -> Numbers:
    """Count the answers of each question: [questions, answers], "cannot tell" in front."""
    most = max((one.answer for each in said for one in each if one.answer is not None), default=0)
    counts = np.zeros((len(said), most + 2))
    for row, each in enumerate(said):
        for one in each:
            counts[row, 0 if one.answer is None else one.answer + 1] += 1
    return counts


def coincidences(counts: Numbers) -> Numbers:
    """Compute the coincidences of each question, [questions, answers, answers]."""
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs -= counts[:, :, None] * np.eye(counts.shape[1])
    return np.asarray(pairs / (counts.sum(axis=1) - 1)[:, None, None])


def alpha_of_coincidences(found: Numbers) -> Numbers:
    """Compute alpha of each table of coincidences, [tables, answers, answers]; nan of one answer."""
    totals = found.sum(axis=2)
    size = totals.sum(axis=1)
    observed = (size - np.trace(found, axis1=1, axis2=2)) / size
    expected = (size**2 - (totals**2).sum(axis=1)) / (size * (size - 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1 - observed / expected)


def _bounds(tables: Numbers, of_clip: NDArray[np.intp], clips: int) -> tuple[float | None, float | None]:
    """Compute the percentile interval over clips."""
    flat = tables.reshape(len(tables), -1)
    sums = np.zeros((clips, flat.shape[1]))
    np.add.at(sums, of_clip, flat)
    weights = draw_weights(clips)[1:]
    drawn = alpha_of_coincidences((weights @ sums).reshape(len(weights), *tables.shape[1:]))
    drawn = drawn[np.isfinite(drawn)]
    if not drawn.size:
        return None, None
    low, high = np.percentile(drawn, (50 - LEVEL / 2, 50 + LEVEL / 2))
    return round_number(low), round_number(high)
