"""The functions of an exported lmms-eval task; copied into its file, so standard library only."""

from collections.abc import Mapping, Sequence
from typing import Any

from avere.exchange.harnesses._exported import HERE, ROWS, judge_reply, medium_path

DATA = {"data_files": {file.stem: str(file) for file in sorted((HERE / ROWS).glob("*.jsonl"))}}
"""A split for each task; made from where this file lies, so that the folder can be moved."""


def doc_to_text(doc: Mapping[str, Any], lmms_eval_specific_kwargs: object = None) -> str:
    """Take the words of a question."""
    del lmms_eval_specific_kwargs
    return str(doc["prompt"])


def doc_to_visual(doc: Mapping[str, Any]) -> list[str]:
    """Name one file with picture and sound, for models that take no messages."""
    path = medium_path(doc, "both")
    return [] if path is None else [path]


def doc_to_messages(doc: Mapping[str, Any], lmms_eval_specific_kwargs: object = None) -> list[dict[str, Any]]:
    """Make one turn: the video, the sound, the words."""
    del lmms_eval_specific_kwargs
    media = [{"type": kind, "url": path} for kind in ("video", "audio") if (path := medium_path(doc, kind))]
    return [{"role": "user", "content": [*media, {"type": "text", "text": str(doc["prompt"])}]}]


def process_results(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, Any]:
    """Score 1 where the reply names the right option and nothing else, and name the question.

    Logs of samples leave the doc out, so what it was goes with the result.
    """
    asked = {"id": doc["id"], "choices": list(doc["choices"])}
    return {"accuracy_score": float(judge_reply(doc, results[0])[0]), "avere": asked}
