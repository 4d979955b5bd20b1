"""Items whose answers are certain, from EmoWorld where nobody gives others."""

import pytest

from avere.errors import AvereError
from avere.verify import practice


def test_items_of_emoworld_take_turns(monkeypatch):
    monkeypatch.setattr(practice, "CLIPS", 2)
    monkeypatch.setattr(practice, "IDENTITIES", 2)
    with practice.opened(None, None, (3, 2), 0) as certain:
        assert (len(certain.training), len(certain.gold)) == (3, 2)
        assert len({f"{one.task} {one.kind}" for one in certain.training}) == 3
        asked = (*certain.training, *certain.gold)
        assert all(one.answer is not None and one.clip in certain.clips for one in asked)
        media = [certain.clips[one.clip].video for one in asked]
        assert all(file is not None and file.exists() for file in media)
        # Practice and hidden items are of different worlds.
        assert not {one.id for one in certain.training} & {one.id for one in certain.gold}
    assert not any(file is not None and file.exists() for file in media)


def test_too_few_given_items_are_told(asked):
    with (
        pytest.raises(AvereError, match="has 9 items, and 10 are wanted"),
        practice.opened(asked / "certain", None, (10, 0), 0),
    ):
        pass
