"""The report names what is there and what is missing, whatever is broken."""

from avere.cli import doctor


def test_it_names_what_matters(command):
    said = command("doctor")
    assert said.code == 0
    for word in ("python", "torch", "codecs", "memory", "tiny base", "qwen_omni"):
        assert word in said.out


def test_what_is_missing_comes_with_advice():
    assert doctor._package("no-such-package", "pip install it") == (
        "no-such-package",
        "missing",
        "pip install it",
    )


def test_a_broken_check_hides_nothing(monkeypatch):
    def broken():
        raise OSError("no")

    monkeypatch.setitem(doctor.CHECKS, "memory", broken)
    states = {finding.what: finding.state for finding in doctor.examine()}
    assert "check failed" in states["memory"]
    assert "disk here" in states
