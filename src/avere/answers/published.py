"""A question in the form of the question file published with AVERE, which its script scores."""

from typing import Any

from avere.answers.strict import name_letter
from avere.errors import RecordError
from avere.records import Question


def published_row(question: Question) -> dict[str, Any]:
    """List id, task, question, choices with letters and the answer's letter.

    Raises:
        RecordError: the question has no known answer.
    """
    if question.answer is None:
        raise RecordError(f"question '{question.id}' has no known answer, and the published script needs one")
    return {
        "id": question.id,
        "task": question.task,
        "question": question.text,
        "choices": [f"({name_letter(index)}) {text}" for index, text in enumerate(question.choices)],
        "answer": name_letter(question.answer),
    }
