"""Errors that a person can fix suggest how."""

import pytest

from avere.errors import AvereError, MediaError, RecordError, SettingsError, unknown_name


@pytest.mark.parametrize("kind", [MediaError, RecordError, SettingsError])
def test_all_are_caught_by_the_one_hook_of_the_command_line(kind):
    assert issubclass(kind, AvereError)


def test_a_near_miss_is_suggested():
    error = unknown_name("loss", "avem-dpo", ["sft", "dpo", "avem_dpo"])
    assert str(error) == "no loss is called 'avem-dpo'; did you mean 'avem_dpo'? Known: avem_dpo, dpo, sft"


def test_a_far_miss_gets_the_list_alone():
    assert (
        str(unknown_name("loss", "banana", ["sft", "dpo"])) == "no loss is called 'banana'. Known: dpo, sft"
    )
