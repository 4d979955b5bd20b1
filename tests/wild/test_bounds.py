"""What comes from strangers takes bounded time and memory: a clear line, or the right result."""

import subprocess
import sys

import numpy as np
import pytest

from avere import settings
from avere.answers import lenient, strict
from avere.corpora import _fingerprints
from avere.errors import AvereError, RecordError, SettingsError
from avere.models import qwen_omni, tiny
from avere.records import Clip, journal, jsonl

MEGABYTE = b"x" * 1_000_000

TEMPLATES = {
    "{% for i in range(10**9) %}{% endfor %}": "OverflowError",
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}": "1,000,000 steps",
    "{% for i in range(99999) %}{{ 'long words' * 9 }}{% endfor %}": "characters|steps",
    "{{ 'x' * 3000000 }}": "it writes 3,000,000 characters",
    "{{ 'x' * 10**10 }}": "MemoryError",
    "{% set n = namespace(a='x') %}{% for i in range(60) %}{% set n.a = n.a ~ n.a %}{% endfor %}": "Mem",
    "{{ ''.__class__.__mro__ }}": "SecurityError",
    "{{ raise_exception('not today') }}": "not today",
    "{% for %}": "TemplateSyntaxError",
    "x" * 1_000_001: "longer than 1,000,000 characters",
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda text: text[:40])
def test_a_template_that_is_a_bomb_is_one_line_when_it_is_loaded(tmp_path, template):
    tiny.build(tiny.smallest(), ["what do you hear"], tmp_path, seed=0)
    (tmp_path / "chat_template.jinja").write_text(template)
    with pytest.raises(AvereError, match=TEMPLATES[template]) as caught:
        qwen_omni.load(tmp_path, device="meta")
    assert "\n" not in str(caught.value)
    assert "chat template of" in str(caught.value)


def test_a_line_of_200_megabytes_is_refused_in_every_file_of_lines(tmp_path):
    """In a process that may take no more than 600 MB of addresses, libraries included."""
    with (tmp_path / "journal.jsonl").open("wb") as file:
        file.write(b'{"key": "')
        for _ in range(200):
            file.write(MEGABYTE)
        file.write(b'"}\n')
    code = f"""
import resource
from avere.records import Prediction, journal, jsonl
from avere.errors import RecordError
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))
folder = Path({str(tmp_path)!r})
for read in (journal.read, lambda place: list(jsonl.read(place / "journal.jsonl", Prediction))):
    try:
        read(folder)
    except RecordError as error:
        print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = said.stdout.splitlines()
    assert first == second
    assert "journal.jsonl:1: longer than 16,000,000 bytes" in first


def test_a_journal_without_its_last_line_end_is_read_as_before(tmp_path):
    (tmp_path / "journal.jsonl").write_bytes(b'\n  \n{"key": "half')
    assert journal.read(tmp_path) == {}
    (tmp_path / "journal.jsonl").write_bytes(b"{}\n")
    with pytest.raises(RecordError, match=r"journal\.jsonl:1"):
        journal.read(tmp_path)


YAMLS = {
    "aliases": "a0: &a0 [x]\n"
    + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)),
    "merges": "k0: &k0 {a: 1}\n"
    + "".join(f"k{n}: &k{n} {{<<: *k{n - 1}, a{n}: 1}}\n" for n in range(1, 2000)),
    "lists": "[" * 20_000,
    "deep": "[" * 4_000,
    "keys": "{a: " * 20_000,
    "dashes": "- " * 20_000,
    "itself": "a: &x [*x]",
    "digits": "x: " + "1" * 100_000,
    "long": "x: " + "a " * 450_000,
    "code": "a: !!python/object/apply:os.system [ls]",
}


@pytest.mark.parametrize("name", YAMLS)
def test_yaml_that_is_a_bomb_is_one_line(name):
    with pytest.raises(SettingsError) as caught:
        settings.parse(YAMLS[name], "recipe")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[" * 1_000_000, '{"a":' * 1_000_000, '{"id": ' + "1" * 5_000_000 + "}"])
def test_json_that_is_a_bomb_is_one_line(text):
    with pytest.raises(RecordError, match="Invalid JSON"):
        jsonl.parse(text, Clip, "line")


WORDS = " ".join(["he smiles and laughs, so it may be (B), or no anger at all; wait,"] * 800)
QUESTION = " ".join(["Which of these many sounds shows what the person feels?"] * 2000)


LONG = {
    "words": (WORDS, None, 1),
    "letters": ("A " * 10_000, None, 0),
    "brackets": ("(" * 40_000, None, None),
    "no answer": ("answer is " * 10_000, None, None),
    "thoughts": ("<think>" * 10_000, None, None),
    "behind words": ("He smiles. " * 5_000 + "\nThe answer is B.", None, 1),
}
"""A reply, what is parsed strictly and leniently."""


@pytest.mark.parametrize("name", LONG)
def test_long_answers_and_choices_are_parsed(name):
    reply, strictly, leniently = LONG[name]
    choices = ["smile", "sob", QUESTION, f"{QUESTION} x"]
    assert strict.parse(reply, choices).choice == strictly
    assert lenient.parse(reply, choices).choice == leniently


def test_the_fingerprint_of_half_an_hour_fits_into_memory():
    """Windows are transformed some at a time: with a minute repeated 30 times, the bits repeat."""
    minute = np.random.default_rng(0).normal(size=60 * 16_000).astype(np.float32)
    alone = _fingerprints.of_wave(minute)
    whole = _fingerprints.of_wave(np.tile(minute, 30))
    assert alone is not None
    assert whole is not None
    assert whole[0].shape == (56_242, 32)
    assert np.array_equal(whole[0][: len(alone[0])], alone[0])
