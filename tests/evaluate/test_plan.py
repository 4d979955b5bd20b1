"""Keys: the same for the same question, another for anything that may change the answer."""

import shutil

import pytest

from avere.benchmark import read_data
from avere.errors import AvereError
from avere.evaluate.plan import Shard, list_items, parse_shard
from avere.evaluate.recipe import EvaluationRecipe
from avere.records import Question, jsonl


def keys(folder, recipe=None, fingerprint="f", limit=None):
    recipe = recipe or EvaluationRecipe()
    given = read_data(recipe.benchmark, recipe.config(), folder, limit)
    return [item.key for group in list_items(given, recipe, fingerprint) for item in group]


def test_keys_are_unique_and_do_not_depend_on_the_place(folder, tmp_path):
    here = keys(folder)
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert len(set(here)) == len(here) == 9
    assert keys(tmp_path / "elsewhere") == here


def test_whatever_may_change_an_answer_changes_its_key(folder):
    before = keys(folder)
    assert not set(keys(folder, fingerprint="g")) & set(before)
    assert not set(keys(folder, EvaluationRecipe(conditions=("text",)))) & set(before)
    assert not set(keys(folder, EvaluationRecipe(closed="reply"))) & set(before)
    (folder / "media" / "c0.wav").write_bytes(b"other sound")
    shutil.copytree(folder, folder.parent / "fresh")
    after = keys(folder.parent / "fresh")
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 3


def test_how_many_clips_go_together_changes_no_key(folder):
    assert keys(folder, EvaluationRecipe(clips_at_once=1)) == keys(folder, EvaluationRecipe(clips_at_once=64))


def test_every_clip_is_in_one_part_and_whole(folder):
    given = read_data("emorealm", EvaluationRecipe().config(), folder)
    for count in (1, 2, 3, 7):
        for clip in list_items(given, EvaluationRecipe(), "f"):
            assert sum(Shard(number, count).holds(clip) for number in range(count)) == 1


@pytest.mark.parametrize("text", ["3/3", "1", "a/b", "-1/2", "1/0", ""])
def test_a_part_that_is_none(text):
    with pytest.raises(AvereError, match="give index/count"):
        parse_shard(text)


def test_a_limit_keeps_the_first_clips(folder):
    assert keys(folder, limit=2) == keys(folder)[:6]


def test_an_id_twice_is_refused(folder):
    questions = list(jsonl.read(folder / "questions.jsonl", Question))
    jsonl.write(folder / "questions.jsonl", [*questions, questions[0]])
    with pytest.raises(AvereError, match="'c0/s' stands there twice"):
        keys(folder)


def test_no_questions_are_refused(folder):
    (folder / "questions.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(AvereError, match="holds no questions"):
        keys(folder)
