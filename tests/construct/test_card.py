"""What a data folder says of itself: counted by hand, warned of what misleads, and never markup."""

import re

import pytest

from avere.construct import card, construction
from avere.construct.construction import Construction, StageCost
from avere.errors import RecordError
from avere.records import (
    Clip,
    Corruption,
    Corruptions,
    MediaTokens,
    PreferencePair,
    Provenance,
    Question,
    jsonl,
)

EVIL = "<script>x</script> [a](b) | `c` www.d.e http://f @g"
BY_MODEL = Provenance(version="0", model="some/model_1", prompt="abc123")


def question(number, answer, *, kind="supporting", clip="c0"):
    return Question(
        id=f"q{number}",
        clip=clip,
        task="reasoning_stress_audio",
        kind=kind,
        text="?",
        choices=("Yes", "No"),
        answer=answer,
        target="audio",
        made_by=BY_MODEL,
    )


def pair(number, reason):
    change = Corruptions(reason=reason) if reason else Corruptions(audio=Corruption(kind="silence"))
    return PreferencePair(
        id=f"p{number}",
        clip="c0",
        target="audio",
        prompt="?",
        chosen="a",
        hallucinated="b",
        corruption=change,
        made_by=Provenance(version="0"),
    )


def table(text, title):
    """Return the rows of a table as they stand in the page."""
    _, found, rest = text.partition(f"| {title} |")
    assert found, title
    lines = rest.split("\n\n")[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]) for line in lines]


@pytest.fixture
def folder(tmp_path):
    clips = [Clip(id="c0", source="film", emotion="fear"), Clip(id="c1", source=EVIL, emotion="anger")]
    asked = [question(n, int(n >= 20), clip="c1" if n < 10 else "c0") for n in range(50)]
    jsonl.write(tmp_path / "clips.jsonl", clips)
    jsonl.write(tmp_path / "questions.jsonl", [*asked, question(50, 1, kind="plain")])
    jsonl.write(tmp_path / "pairs.jsonl", [pair(0, None), pair(1, f"no {EVIL}"), pair(2, None)])
    return tmp_path


def test_everything_is_counted(folder):
    text = card.write(folder).read_text(encoding="utf-8")
    assert table(text, "Clips by emotion") == [("anger", "1"), ("fear", "1")]
    assert table(text, "Questions by task and kind") == [
        (r"reasoning\_stress\_audio supporting", "50"),
        (r"reasoning\_stress\_audio plain", "1"),
    ]
    assert table(text, "Questions by emotion of the clip") == [("fear", "41"), ("anger", "10")]
    assert table(text, "Right answers where there are two") == [
        (r"reasoning\_stress\_audio\: No", "31"),
        (r"reasoning\_stress\_audio\: Yes", "20"),
    ]
    assert table(text, r"Right letters of reasoning\_stress\_audio") == [("A", "20"), ("B", "30")]
    assert table(text, "Pairs by rejected answers") == [("hallucinated", "3")]
    assert "51 records name the model some/model\\_1." in text
    assert ("unnamed 1", "abc123") in table(text, "Prompt")
    # B is right in 30 of 50, which is not more than a tenth above its share.
    assert "B is right" not in text
    assert "1 of 3 pairs lack an input" in text


def test_a_run_adds_what_only_it_knows(folder):
    cost = StageCost(
        stage="describe",
        model="openai:m",
        fingerprint="f",
        calls=7,
        money=0.25,
        media_tokens=MediaTokens(audio=9),
    )
    told = Construction(
        made_by=Provenance(recipe="r.yaml", seed=3, version="0"),
        annotator="openai:m",
        validators=("b", "c"),
        prompts={"cues": "abc123"},
        clips={"read": 5},
        contradicted={"present": 0.25},
        dropped={"describe": {"clip: no sound": 3}},
        not_made={"no cue": 1},
        waiting=4,
        costs=(cost,),
        licences={"film": "CC BY-NC"},
        limits=("few speakers",),
        warnings=("annotator and validator share their mistakes",),
    )
    construction.write(folder, told)
    assert construction.read(folder) == told
    text = card.write(folder).read_text(encoding="utf-8")
    assert "recipe r.yaml, seed 3." in text
    assert table(text, "Stage") == [
        ("clips, read", "5"),
        ("contradicted, present", "0.25"),
        ("waiting", "4"),
    ]
    assert table(text, "Left out because") == [(r"describe, clip\: no sound", "3"), ("no cue", "1")]
    assert table(text, "Cost") == [
        (r"describe, openai\:m, calls", "7"),
        (r"describe, openai\:m, audio tokens", "9"),
        (r"describe, openai\:m, money", "0.25"),
    ]
    assert table(text, "Prompt") == [("cues", "abc123")]
    for line in (
        "annotator: openai\\:m",
        "validators: b, c",
        "film: CC BY-NC",
        "few speakers",
        told.warnings[0],
    ):
        assert f"- {line}\n" in text


def test_nothing_that_models_wrote_is_markup(folder):
    construction.write(folder, Construction(not_made={f"{EVIL}\n\n# Title": 1}, warnings=("- x", "1. y")))
    text = card.write(folder).read_text(encoding="utf-8")
    assert "<script" not in text
    assert r"&lt;script&gt;x&lt;/script&gt; \[a\](b) \| \`c\` www\.d.e http\://f \@g" in text
    assert "\n# Title" not in text
    assert "- \\- x\n- 1\\. y\n" in text
    # A head of YAML holds nothing but what we put there.
    assert re.match(r"---\ntags: \[[\w, -]+\]\n---\n", text)


def test_uneven_letters_are_warned_of(folder):
    jsonl.write(folder / "questions.jsonl", [question(n, 1) for n in range(50)])
    (warning, _) = card.gather(folder).warnings
    assert warning == "B is right in 100% of reasoning_stress_audio; always B scores as much"


def test_an_empty_folder_has_a_card_and_a_broken_file_does_not(tmp_path, command):
    text = card.write(tmp_path, parquet=True).read_text(encoding="utf-8")
    assert "No records." in text
    assert 'data_files: "train-*.parquet"' in text
    (tmp_path / "construction.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(RecordError, match=r"construction\.json: not a Construction: .*; construct again"):
        card.write(tmp_path)
    assert command("data", "card", tmp_path).code == 2
    assert command("data", "card", tmp_path / "none").err.startswith("avere: '")
