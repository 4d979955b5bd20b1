"""Comparing listed words by the user's tables, by hand."""

import pytest
from tests.benchmark import layouts

from avere import settings
from avere.benchmark import ov_merd
from avere.errors import AvereError
from avere.records import Prediction, Provenance


@pytest.fixture
def tally(tmp_path, donors):
    layout = layouts.ov_merd(tmp_path, donors)
    config = settings.check(layout.data, ov_merd.Config, "data")
    ov_merd.keep(config, tmp_path)
    (tmp_path / "wheels.yaml").unlink()  # the run folder alone must do
    first, second = ov_merd.questions(tmp_path, config)
    compare = ov_merd.tallies(tmp_path)

    def of(reply, *, other=False):
        made = Provenance(version="0")
        said = Prediction(
            key="k", question="q", condition="av", model="m", reply=reply, status="ok", made_by=made
        )
        return compare(second if other else first, said)

    return of


def test_by_hand(tally):
    """Right: sad, lonely. Said: saddened (a form of sad), glad (happy), tired (on no wheel).

    Wheel 1, level 1: right {sad}, said {sad, happy}: P 1/2, R 1.
    Wheel 1, level 2: right {sad, lonely}, said {sad, happy}: P 1/2, R 1/2.
    Wheel 2, level 1: right {negative}, said {negative, positive}: P 1/2, R 1.
    Wheel 2, level 2: right {sad}, for lonely stands under it, said {sad, happy}: P 1/2, R 1.
    F1 is 2/3, 1/2, 2/3, 2/3.
    """
    found = tally("Saddened, glad and tired")
    assert found.value == pytest.approx((2 / 3 + 1 / 2 + 2 / 3 + 2 / 3) / 4)
    assert (found.parts["wheel 1 level 2 precision"], found.parts["wheel 1 level 2 recall"]) == (0.5, 0.5)
    assert (found.parts["words"], found.parts["off wheels"]) == (3, 1)


def test_right_words_off_the_wheels_count_for_nothing(tally):
    assert tally("happy", other=True).value == 1.0


def test_no_word_is_no_score_and_keeps_its_place(tally):
    found = tally("")
    assert (found.value, found.reason, found.parts["wheel 1 level 1 gold"]) == (None, "names no word", 1.0)


def test_tables_are_the_users(tmp_path):
    with pytest.raises(AvereError, match="bring the wheels of your data"):
        ov_merd.keep(ov_merd.Config(wheels=tmp_path / "none.yaml"), tmp_path)
