"""Every benchmark of the folder keeps its contract, shown on a small file of its own questions."""

from pathlib import Path

import pytest

from avere import catalogue, prompts
from avere.records import Clip

FILES = Path(__file__).parent / "benchmarks"
NAMES = catalogue.names("avere.benchmark")
CLIP = Clip(id="c", video=Path("c.mp4"), audio=Path("c.wav"), source="test")


@pytest.fixture(params=NAMES)
def benchmark(request):
    found = catalogue.find("avere.benchmark", request.param)
    files = sorted(FILES.glob(f"{request.param}.*"))
    assert files, f"put a few questions of {request.param} into {FILES}"
    return found, list(found.questions(files[0]))


def test_ids_are_unique(benchmark):
    _, questions = benchmark
    assert len({question.id for question in questions}) == len(questions) > 0


def test_every_closed_question_has_an_answer_among_its_choices(benchmark):
    _, questions = benchmark
    assert all(question.answer in range(len(question.choices)) for question in questions if question.choices)


def test_a_perfect_reply_is_right_in_each_form(benchmark):
    module, questions = benchmark
    for question in questions:
        if question.choices:
            letter, text = module.options(question)[question.answer], question.choices[question.answer]
            for reply in (letter, text, f"({letter}) {text}"):
                assert module.read(question, reply).choice == question.answer


def test_an_empty_reply_is_not_scored_and_says_why(benchmark):
    module, questions = benchmark
    for question in questions:
        choice, reason = module.read(question, "")
        assert choice is None
        assert reason


def test_an_ask_carries_both_media_and_a_known_prompt(benchmark):
    module, questions = benchmark
    for question in questions:
        ask = module.ask(question, CLIP)
        assert question.text in ask.text
        assert ask.video is not None
        assert ask.audio is not None
        assert module.prompt(question) in prompts.names()
