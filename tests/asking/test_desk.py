"""Asking: equal questions once, one repair with its reason, failures apart, and what is lacking is told."""

import pytest

from avere.answers.forms import Unparsed
from avere.asking.desk import Desk, Heard, Job, Way, mended
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


def desk(folder, model):
    def record(job, reply):
        if reply.status == "failed":
            return None
        return Prediction(
            key=job.key,
            question=job.about,
            condition="av",
            model="m",
            reply=reply.text,
            status=reply.status,
            made_by=Provenance(version="0"),
        )

    way = Way(
        who="m",
        what="questions",
        key=Prompt.model_dump_json,
        respond=model.respond,
        parse=lambda _, words: int(words) if words.isdecimal() else Unparsed("no number"),
        record=record,
    )
    return Desk(Replies(folder / "journal.jsonl", Prediction), way, sync=False)


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
    one.put(lambda: asked, lambda: told.append(1))
    assert (len(model.asked), len(told)) == (4 + 2, 5)
    assert model.asked[4] == mended(asked[2].prompt, "mends", "no number")
    heard = [one.hear(job) for job in asked]
    assert [each.found for each in heard] == [3, 3, 7, Unparsed("no number"), None]
    assert [len(each.told) for each in heard] == [1, 1, 2, 2, 1]
    desk(tmp_path, model).put(lambda: asked, lambda: None)
    assert len(model.asked) == 6
    assert one.hear(jobs("new")[0]) == Heard(None, ())


def test_one_ill_question_costs_no_other_and_what_may_come_later_is_told(tmp_path):
    def rule(prompt):
        if prompt.text == "large":
            raise MemoryError
        return {"text": prompt.text, "status": "failed" if prompt.text == "2" else "ok", "reason": "busy"}

    one = desk(tmp_path, Model(rule))
    asked = jobs("1", "large", "2", "3")
    with pytest.raises(AvereError, match="m left 1 questions unanswered, the first because: busy"):
        one.put(lambda: asked, lambda: None)
    assert [one.hear(job).found for job in asked] == [1, None, None, 3]
    assert one.hear(asked[1]).told[0].status == "out-of-memory"
