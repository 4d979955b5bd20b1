"""Laws of every record: frozen, strict, exact in JSON."""

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from avere import interfaces, records
from avere.errors import RecordError
from avere.records import Provenance, Question, Record, jsonl

KINDS = sorted(
    {
        kind
        for module in (records, interfaces)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record
    },
    key=lambda kind: kind.__name__,
)
FOLDER = Path("/some/where")
WORDS = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
NAMES = WORDS.filter(lambda word: word not in {".", ".."})
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=12),
    int: st.integers(-2, 4),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    Any: st.none() | st.booleans() | st.integers(-2, 4) | st.text(max_size=3),
    Path: st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: FOLDER.joinpath(*parts)),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of one annotation; an annotation that is new here is a KeyError."""
    hint = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    origin, inner = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and issubclass(hint, Record):
        return built(hint)
    if origin is Literal:
        return st.sampled_from(inner)
    if origin in (Union, types.UnionType):
        return st.one_of([values(one) for one in inner])
    if origin is Mapping:
        return st.dictionaries(values(inner[0]), values(inner[1]), max_size=3)
    if origin is tuple:
        many = st.lists(values(inner[0]), max_size=4).map(tuple)
        return many if inner[-1] is Ellipsis else st.tuples(*map(values, inner))
    return LEAVES[hint]


def built(kind: type[Record]) -> st.SearchStrategy[Record]:
    """Return a strategy for the records of one type, all fields drawn."""

    def make(fields: dict[str, Any]) -> Record:
        try:
            return kind(**fields)
        except ValidationError:
            reject()

    return st.fixed_dictionaries({n: within_bounds(f) for n, f in kind.model_fields.items()}).map(make)


def within_bounds(field: FieldInfo) -> st.SearchStrategy[Any]:
    """Return a strategy for one field; numbers stay within the bounds that it states."""
    said = {
        name: getattr(one, name)
        for one in field.metadata
        for name in ("gt", "ge", "lt", "le")
        if hasattr(one, name)
    }
    low, high = said.get("ge", said.get("gt")), said.get("le", said.get("lt"))
    if field.annotation is float and said:
        return st.floats(
            low,
            high,
            exclude_min="gt" in said,
            exclude_max="lt" in said,
            allow_nan=False,
            allow_infinity=False,
        )
    if field.annotation is int and said:
        return st.integers(low, high)
    return values(field.annotation)


def test_all_nouns_are_covered():
    names = {kind.__name__ for kind in KINDS}
    assert {"Clip", "Cue", "Question", "PreferencePair", "Prediction", "Score", "Verdict", "Prompt"} <= names


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_a_round_trip_is_exact(kind, data):
    record = data.draw(built(kind))
    line = jsonl.dump(record, FOLDER)
    assert "\n" not in line
    assert jsonl.parse(line, kind, "here").moved(lambda path: FOLDER / path) == record
    assert kind.model_validate_json(record.model_dump_json()) == record


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_records_are_frozen(kind, data):
    record = data.draw(built(kind))
    name = data.draw(st.sampled_from(sorted(kind.model_fields)))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(record, name, getattr(record, name))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_unknown_fields_are_refused(kind, data):
    line = data.draw(built(kind)).model_dump_json()
    spoiled = line[:-1] + ("," if len(line) > 2 else "") + '"surplus":1}'
    with pytest.raises(RecordError, match="surplus: Extra inputs"):
        jsonl.parse(spoiled, kind, "here")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_record_and_its_doc_say_what_it_is(kind):
    assert kind.__doc__
    assert kind.model_config["extra"] == "forbid"


@pytest.mark.parametrize("answer", [-1, 2])
def test_an_answer_is_an_index_of_the_choices(answer):
    with pytest.raises(ValidationError, match="not an index of the 2 choices"):
        Question(
            id="q",
            clip="c",
            task="basic",
            text="Which?",
            choices=("this", "that"),
            answer=answer,
            target="audio",
            made_by=Provenance(version="0"),
        )
