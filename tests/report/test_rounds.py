"""The plot of online training: each seed at its values, and the mean of those rounds that every seed has."""

from typing import Any

import numpy as np
import pytest

from avere.report import _figures, rounds


def test_each_seed_is_drawn_and_their_mean_over_shared_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []

    def keep(figure: Any) -> bytes:
        kept.append(figure)
        return _figures.encode_png(figure)

    monkeypatch.setattr(rounds, "encode_png", keep)
    found = {
        "reward": {"grpo": [{0: 50.0, 1: 60.0}, {0: 40.0}], "_dpo": [{0: 30.0, 1: 20.0}]},
        "test: cost $5": {"grpo": [{1: 1.0}, {1: 3.0}], "_dpo": []},
        "named": {"grpo": [{0: 1.0}], "_dpo": []},
        "alone in its row": {"grpo": [{0: 1.0}]},
    }
    assert rounds.draw_rounds(found).startswith(b"\x89PNG")
    reward, test, last, _ = kept[0].axes
    drawn = [np.asarray(line.get_xydata()).tolist() for line in reward.get_lines()]
    assert drawn == [[[0, 50], [1, 60]], [[0, 40]], [[0, 45]], [[0, 30], [1, 20]]]
    assert [text.get_text() for text in reward.get_xticklabels()] == ["base", "1"]
    assert test.get_title() == "test: cost $5"
    assert [text.get_text() for text in last.get_legend().get_texts()] == ["grpo", " _dpo"]
