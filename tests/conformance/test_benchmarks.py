"""Every benchmark of the folder keeps its contract, shown on a small folder as it is on disk."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.benchmark import layouts

from avere import catalogue, prompts, settings
from avere.benchmark import PARSERS
from avere.interfaces import BenchmarkModule, ClosedBenchmark, KeepingBenchmark, OpenBenchmark
from avere.records import Clip, Prediction, Provenance, Question, jsonl

NAMES = catalogue.names("avere.benchmark")
CLIP = Clip(id="c", video=Path("c.mp4"), audio=Path("c.wav"), source="test")


class Case(NamedTuple):
    """A benchmark and what it makes of a folder."""

    module: BenchmarkModule
    config: Any
    clips: dict[str, Clip]
    questions: list[Question]
    layout: layouts.Layout


@pytest.fixture(params=NAMES)
def case(request, tmp_path, donors):
    module = catalogue.find("avere.benchmark", request.param, BenchmarkModule)
    build = getattr(layouts, request.param, None)
    assert build, f"write the layout of {request.param} into {layouts.__file__}"
    layout = build(tmp_path, donors)
    config = settings.check(layout.data, module.Config, "data")
    clips = {clip.id: clip for clip in module.clips(layout.folder, config)}
    return Case(module, config, clips, list(module.questions(layout.folder, config)), layout)


def test_all_questions_are_read_under_ids_of_their_own(case):
    assert len({question.id for question in case.questions}) == len(case.questions) == case.layout.questions
    assert {question.clip for question in case.questions} <= set(case.clips)


def test_its_measures_are_known(case):
    assert case.module.FAMILY in catalogue.names("avere.analyse.families")


def test_every_closed_question_has_an_answer_among_its_choices(case):
    closed = [question for question in case.questions if question.choices]
    assert all(question.answer in range(len(question.choices)) for question in closed)


def test_a_perfect_reply_is_right_in_each_form_for_each_reader_of_ours(case):
    closed = [question for question in case.questions if question.choices]
    assert not closed or isinstance(case.module, ClosedBenchmark)
    for question in closed:
        option, text = case.module.options(question)[question.answer], question.choices[question.answer]
        forms = {option, text, f"{text}."} | ({f"({option}) {text}"} if len(option) == 1 else set())
        for reply in forms:
            for parser in PARSERS[:2]:
                assert case.module.parse(question, reply, parser).choice == question.answer


@pytest.mark.parametrize("reply", ["", "I cannot tell."])
def test_what_names_no_answer_is_not_scored_and_says_why(case, reply):
    for question in (one for one in case.questions if one.choices):
        assert isinstance(case.module, ClosedBenchmark)
        choice, reason = case.module.parse(question, reply)
        assert choice is None
        assert reason


def test_an_ask_carries_the_media_of_its_target_and_a_known_prompt(case):
    for question in case.questions:
        prompt = case.module.prompt(question, CLIP)
        assert question.text in prompt.text
        assert question.target == "video" or prompt.audio is not None
        assert question.target == "audio" or prompt.video is not None
        assert case.module.template(question) in prompts.names()


def test_an_open_question_counts_the_same_whether_it_was_answered_or_not(case, tmp_path):
    open_ones = [question for question in case.questions if not question.choices]
    if not open_ones:
        return
    if isinstance(case.module, KeepingBenchmark):
        case.module.keep(case.config, tmp_path)
    (tmp_path / "cues.jsonl").touch()
    jsonl.write(tmp_path / "questions.jsonl", case.questions)
    assert isinstance(case.module, OpenBenchmark)
    tallies = case.module.tallies(tmp_path)
    for question in open_ones:
        said = Prediction(
            key="k",
            question=question.id,
            condition="av",
            model="m",
            reply="?",
            status="ok",
            made_by=Provenance(version="0"),
        )
        answered, unanswered = tallies(question, said), tallies(question, None)
        assert answered.value is None or not answered.reason
        assert case.module.FAMILY == "stress" or answered.parts.keys() == unanswered.parts.keys()
