"""The house rules, as tests: sizes, names, layout, docstrings, recipes, prompts, and what is never done."""

import ast
import inspect
import pkgutil
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import avere
from avere import settings
from avere.cli import recipes
from avere.recipes import list_shipped

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "avere"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
BESIDE = sorted([*(ROOT / "performance").rglob("*.py"), *(ROOT / ".ci").glob("*.py")])
"""Speed measurements, and what continuous integration runs besides the tests."""
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
PROMPTS = sorted((PACKAGE / "prompts").glob("*.md"))
MODULES = sorted(module.name for module in pkgutil.walk_packages(avere.__path__, "avere."))

FILE_LINES, FUNCTION_LINES = 350, 60
GUESSED = re.compile(r"(?:Return|Yield|Tell) (?:what|who|how|whether|why|where|which|when)\b")
CONTRACTS = {
    *("Config", "views", "loss"),
    *("clips", "questions", "prompt", "template", "options", "parse", "published"),
}
"""Names that a registry folder asks of each module."""
VAGUE = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "tools",
    "base",
    "core",
    "manager",
    "handler",
}
BASES = {
    *("Record", "Settings", "BaseModel", "NamedTuple", "Protocol", "Generic", "nn.Module", "torch.nn.Module"),
    *("Exception", "AvereError"),
}
TRAINER_BASES = {"Trainer", "TrainingArguments"}
LIBRARY_BASES = {
    *("PreTrainedConfig", "PreTrainedModel", "GenerationMixin", "ProcessorMixin", "AverePreTrainedModel"),
    "GradientCheckpointingLayer",
}
"""What a model that transformers lacks inherits, to be loaded, saved and run by it."""
HEAVY = {"torch", "transformers", "peft", "accelerate"}
NO_PICKLE = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
TEST_FOLDERS = {"golden", "conformance", "parity", "journey", "performance", "oracles", "wild"}
MACHINE = r"/(?:work|opt|root|home|Users|mnt|scratch)/\w"
PRIVATE = re.compile(MACHINE + r"|\b(?:issue|ticket|PR) #?\d|\b(?:TODO|FIXME)\b")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def imported(nodes: list[ast.stmt] | Iterator[ast.AST]) -> set[str]:
    """Return the top-level names of the packages that these statements import."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


each_source = pytest.mark.parametrize("path", SOURCES, ids=name_of)
each_file = pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name_of)


@each_file
def test_files_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@each_file
def test_functions_are_short(path):
    functions = (
        node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}


@each_file
def test_names_say_what_a_file_is_for(path):
    assert path.stem.strip("_") not in VAGUE or path.name == "_base.py"


@each_source
def test_modules_say_what_they_are_for(path):
    text = ast.get_docstring(tree(path)) or ""
    assert text.partition("\n\n")[0].endswith(".")


@pytest.mark.parametrize("path", [*SOURCES, *TESTS, *BESIDE], ids=name_of)
def test_docstrings_name_the_thing(path):
    """A reader looks for verb and noun: count the records, not "Return how many"."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [ast.get_docstring(node) or "" for node in ast.walk(tree(path)) if isinstance(node, documented)]
    assert [text.partition("\n")[0] for text in texts if GUESSED.match(text)] == []


def test_one_class_one_name():
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name_of(path))
    assert {name: found for name, found in places.items() if len(found) > 1 and name not in CONTRACTS} == {}


@each_source
def test_functions_of_one_word_are_called_through_their_module(path):
    """The module gives the noun: ``card.write``; what is imported by itself needs one in its name."""
    if path.name in {"__init__.py", "__main__.py"}:
        return
    bare = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("avere."):
            found = import_module(str(node.module))
            bare += [
                f"{node.module}.{alias.name}"
                for alias in node.names
                if "_" not in alias.name.strip("_")
                and alias.name not in CONTRACTS
                and inspect.isfunction(getattr(found, alias.name, None))
            ]
    assert bare == []


@each_source
def test_classes_inherit_from_few(path):
    allowed = BASES
    if path == PACKAGE / "preference" / "trainer.py":
        allowed = BASES | TRAINER_BASES
    if path.is_relative_to(PACKAGE / "models" / "avere_7b"):
        allowed = BASES | LIBRARY_BASES
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            bases = {
                ast.unparse(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases
            }
            # A protocol may gather others: no code is inherited.
            assert "Protocol" in bases or bases <= allowed, node.name


@each_source
def test_nothing_that_runs_foreign_code_is_loaded(path):
    assert imported(ast.walk(tree(path))) & NO_PICKLE == set()
    for call in calls(path):
        given = {word.arg: getattr(word.value, "value", None) for word in call.keywords}
        # With weights_only, torch's loader makes tensors and runs nothing of the file.
        safe = ast.unparse(call.func) == "torch.load" and given.get("weights_only") is True
        assert safe or ast.unparse(call.func) not in {"torch.load", "yaml.load", "eval", "exec"}
        assert given.get("trust_remote_code") is not True
        assert given.get("weights_only") is not False


@pytest.mark.parametrize("folder", ["cli", "evaluate"])
def test_heavy_libraries_are_imported_where_they_are_used(folder):
    for path in (PACKAGE / folder).rglob("*.py"):
        assert imported(tree(path).body) & HEAVY == set(), name_of(path)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_imports(module):
    assert import_module(module)


@pytest.mark.parametrize("folder", sorted(file.parent.name for file in PACKAGE.glob("*/__init__.py")))
def test_every_package_has_its_folder_of_tests(folder):
    code = [file for file in (PACKAGE / folder).rglob("*.py") if file.name != "__init__.py"]
    assert not code or list((ROOT / "tests" / folder).rglob("test_*.py"))


def test_every_module_beside_the_packages_has_its_tests():
    modules = {file.stem for file in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert modules <= {file.stem.removeprefix("test_") for file in TESTS}


def test_every_folder_of_tests_stands_for_something():
    folders = {
        path.parent.relative_to(ROOT / "tests").parts[:1] for path in TESTS if path.parent != ROOT / "tests"
    }
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {folder for (folder,) in folders} <= packages | TEST_FOLDERS


@pytest.mark.parametrize("path", [*SOURCES, *TESTS, *PAGES, *PACKAGE.rglob("*.yaml"), *PROMPTS], ids=name_of)
def test_the_repository_speaks_of_itself_alone(path):
    if path != Path(__file__):
        found = PRIVATE.findall(path.read_text(encoding="utf-8"))
        assert found == []


def test_types_are_shipped():
    assert (PACKAGE / "py.typed").is_file()


def test_the_changelog_is_kept():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    _, found, rest = text.partition("\n## Unreleased\n")
    assert found
    assert re.search(r"^- \S", rest.partition("\n## ")[0], re.MULTILINE)


def test_one_version_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    citation = settings.parse(text, "CITATION.cff")
    assert isinstance(citation, dict)
    assert project["version"] == avere.__version__ == citation["version"]


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(
        line.lower().replace("_", "-").split("==") for line in lines if line and not line.startswith("#")
    )
    wanted = [
        *project["dependencies"],
        *(w for extra in project["optional-dependencies"].values() for w in extra),
    ]
    for requirement in map(Requirement, wanted):
        name = requirement.name.lower().replace("_", "-")
        assert name == "avere" or requirement.specifier.contains(pins[name]), name


@pytest.mark.parametrize("name", list_shipped())
def test_recipes_are_valid(name):
    path = list_shipped()[name]
    recipes.validate(path, recipes.kind_of(path), [])


@pytest.mark.parametrize("name", list_shipped())
def test_recipes_say_what_they_are(name):
    assert list_shipped()[name].read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("path", PROMPTS, ids=name_of)
def test_fields_of_prompts_match_their_text(path):
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    head = settings.parse(front, path.name)
    assert isinstance(head, dict)
    assert set(head.get("fields") or ()) == set(re.findall(r"\{(\w+)\}", body))
    assert body.strip()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_name_only_code_that_exists(path):
    for dotted in set(re.findall(r"`(avere(?:\.\w+)+)(?:\(.*?\))?`", path.read_text(encoding="utf-8"))):
        assert resolves(dotted), f"{name_of(path)} names {dotted}, which does not exist"


def resolves(dotted: str) -> bool:
    """Check that a dotted name is a module, or an attribute of one."""
    if dotted in {"avere", *MODULES}:
        return True
    module, _, attribute = dotted.rpartition(".")
    return resolves(module) and hasattr(sys.modules.get(module) or import_module(module), attribute)


def test_shapes_are_checked_while_the_tests_run():
    """Guards the import hook of conftest.py, which would fail without a sound."""
    assert hasattr(import_module("avere.preference.losses.avem_dpo").text_offset, "__wrapped__")
