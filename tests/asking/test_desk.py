"""Asking: equal questions once, one repair with its reason, failures apart, and what is lacking is told."""

import pytest

from avere.answers.forms import Unparsed
from avere.asking.desk import Answer, AskingPolicy, Desk, Job, repair_prompt
from avere.asking.replies import Replies
from avere.errors import AvereError
from avere.interfaces import Prompt, Reply
from avere.records import Prediction, Provenance


class Model:
    """Answers by a rule of the words and remembers what it was asked."""

    def __init__(self, rule):
        self.rule, self.asked = rule, []

    def respond(self, prompts):
        for index, prompt in enumerate(prompts):
            self.asked.append(prompt)
            yield Reply(index=index, **self.rule(prompt))


def desk(folder, model, **more):
    def record(job, reply):
        return Prediction(
            key=job.key,
            question=job.about,
            condition="av",
            model="m",
            reply=reply.text,
            status=reply.status,
            made_by=Provenance(version="0"),
        )

    policy = AskingPolicy(
        who="m",
        what="questions",
        key=Prompt.model_dump_json,
        respond=model.respond,
        parse=lambda _, words: int(words) if words.isdecimal() else Unparsed("no number"),
        record=record,
        **more,
    )
    return Desk(Replies(folder / "journal.jsonl", Prediction), policy, sync=False)


def jobs(*words):
    return [Job(text, Prompt(text=text), "open") for text in words]


def test_equal_questions_are_asked_once_and_what_cannot_be_read_once_more(tmp_path):
    def rule(prompt):
        if prompt.text == "never":
            return {"text": "", "status": "refused"}
        return {"text": "7" if prompt.history and prompt.history[0].text == "mends" else prompt.text}

    model, told = Model(rule), []
    one = desk(tmp_path, model)
    asked = jobs("3", "3", "mends", "hopeless", "never")
    one.ask_all(lambda: asked, lambda: told.append(1))
    assert (len(model.asked), len(told)) == (4 + 2, 5)
    assert model.asked[4] == repair_prompt(asked[2].prompt, "mends", "no number")
    heard = [one.find_answer(job) for job in asked]
    assert [each.parsed for each in heard] == [3, 3, 7, Unparsed("no number"), None]
    assert [len(each.replies) for each in heard] == [1, 1, 2, 2, 1]
    desk(tmp_path, model).ask_all(lambda: asked, lambda: None)
    assert len(model.asked) == 6
    assert one.find_answer(jobs("new")[0]) == Answer(None, ())


def test_one_ill_question_costs_no_other_and_what_may_come_later_is_told(tmp_path):
    def rule(prompt):
        if prompt.text == "large":
            raise MemoryError
        return {"text": prompt.text, "status": "failed" if prompt.text == "2" else "ok", "reason": "busy"}

    one = desk(tmp_path, Model(rule))
    asked = jobs("1", "large", "2", "3")
    with pytest.raises(AvereError, match="m left 1 questions unanswered, the first because: busy"):
        one.ask_all(lambda: asked, lambda: None)
    assert [one.find_answer(job).parsed for job in asked] == [1, None, None, 3]
    assert one.find_answer(asked[1]).replies[0].status == "out-of-memory"


def test_what_failed_is_asked_again_also_where_an_older_journal_kept_it(tmp_path):
    first = desk(tmp_path, Model(lambda _: {"text": "", "status": "refused"}))
    first.ask_all(lambda: jobs("1", "2"), lambda: None)
    file = tmp_path / "journal.jsonl"
    file.write_text(file.read_text().replace("refused", "failed", 1))
    second = Model(lambda prompt: {"text": prompt.text})
    one = desk(tmp_path, second)
    one.ask_all(lambda: jobs("1", "2"), lambda: None)
    assert [prompt.text for prompt in second.asked] == ["1"]
    assert [one.find_answer(job).parsed for job in jobs("1", "2")] == [1, None]
    third = Model(lambda prompt: {"text": prompt.text})
    one = desk(tmp_path, third, again=True)
    one.ask_all(lambda: jobs("1", "2"), lambda: None)
    assert [prompt.text for prompt in third.asked] == ["2"]


def test_who_asks_may_word_the_repair(tmp_path):
    model = Model(lambda prompt: {"text": "7" if prompt.history else "none"})
    one = desk(tmp_path, model, repair="emer_repair")
    one.ask_all(lambda: jobs("1"), lambda: None)
    assert model.asked[1] == repair_prompt(Prompt(text="1"), "none", "no number", "emer_repair")
    assert one.find_answer(jobs("1")[0]).parsed == 7
