"""A folder with one of everything that the verbs read, made once for all tests that spoil copies of it."""

import pytest
from tests.wild import doors


@pytest.fixture(scope="session")
def furnished(tmp_path_factory):
    home = tmp_path_factory.mktemp("doors")
    doors.furnish(home)
    return home
