"""The pages under docs/how-to are true: their files, put where the pages say, pass the folders' own tests."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "how-to"
BLOCK = re.compile(r'^```\w+ title="(?P<path>[\w./]+)"\n(?P<text>.*?)^```$', re.DOTALL | re.MULTILINE)
NAMES = {
    "new-model": "coin",
    "new-loss": "dpo_margin",
    "new-benchmark": "valence",
    "new-corpus": "named_clips",
    "change-a-prompt": "contrary_evidence",
    "new-recipe": "dpo_close_tiny",
}
"""What each page adds."""
TESTS = (
    "tests/conformance/test_models.py",
    "tests/conformance/test_exactness.py",
    "tests/conformance/test_benchmarks.py",
    "tests/conformance/test_corpora.py",
    "tests/interfaces",
    "tests/preference/test_losses.py",
    "tests/preference/test_end_to_end.py",
    "tests/golden",
    "tests/prompts",
    "tests/cli/test_benchmarks.py",
    "tests/report/test_other_benchmarks.py",
    "tests/test_house_rules.py",
)
"""Those that find what is in a folder by themselves."""


class Block(NamedTuple):
    """A file of a page, or what the page adds at the end of one."""

    path: str
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in BLOCK.findall((PAGES / f"{page}.md").read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", NAMES)
def test_a_page_tells_every_file_that_it_changes(page):
    paths = [block.path for block in blocks(page)]
    assert Path(paths[0]).stem == NAMES[page]
    assert not (ROOT / paths[0]).exists()
    assert len(paths) == len(set(paths))


def test_what_the_pages_add_passes_the_tests_of_its_folder(tmp_path):
    for part in ("src", "tests", "docs", "performance"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (*ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("*.cff"), ROOT / "constraints.txt"):
        shutil.copy(file, tmp_path)
    for page in NAMES:
        for block in blocks(page):
            with (tmp_path / block.path).open("a", encoding="utf-8") as file:
                file.write(block.text)
    report = tmp_path / "report.xml"
    places = os.pathsep.join([str(tmp_path / "src"), str(tmp_path)])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", " or ".join(NAMES.values()),
         "--junitxml", str(report), *TESTS],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": places}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    cases = [case for case in ElementTree.parse(report).iter("testcase") if case.find("skipped") is None]
    passed = [str(case.get("name")) for case in cases]
    found = {name: sum(name in case for case in passed) for name in NAMES.values()}
    assert all(count >= 3 for count in found.values()), found
