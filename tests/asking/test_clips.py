"""One question about clips: as a prompt, as one reply, and kept in a journal by content."""

import numpy as np
import pytest

from avere import media
from avere.asking.clips import ClipAnswer, ClipQuestion, ask_clip, prompt_about_clip
from avere.errors import AvereError, MediaError
from avere.interfaces import Prompt, Reply
from avere.models import scripted
from avere.records import Clip, Medium


@pytest.fixture
def sight(tmp_path):
    path = tmp_path / "sight.mp4"
    media.write_video(path, np.zeros((4, 32, 32, 3), dtype=np.uint8), fps=4.0)
    return path


class Busy:
    """Answers the first question and has no time for the others."""

    name, fingerprint = "busy", "b1"

    def respond(self, prompts, *, max_tokens, seed, schema=None):
        del max_tokens, seed, schema
        for index, _ in enumerate(prompts):
            late = Reply(index=index, text="", status="failed", reason="busy")
            yield late if index else Reply(index=index, text="Yes")


def test_a_prompt_holds_the_media_that_there_are(sight):
    assert prompt_about_clip(sight, "Why?") == Prompt(text="Why?", video=Medium(path=sight))
    clip = Clip(id="c", source="s", audio=sight)
    assert prompt_about_clip(clip, "Why?") == Prompt(text="Why?", audio=Medium(path=sight))
    with pytest.raises(MediaError, match="the clip 'c' has no media"):
        prompt_about_clip(Clip(id="c", source="s"), "Why?")


def test_one_answer_or_one_line_that_says_why(sight):
    assert ask_clip(scripted.load("scripted:echo"), sight, "Why?", 8).text == "Why?"

    class Silent(Busy):
        def respond(self, prompts, **_):
            yield from (Reply(index=0, text="", status="refused", reason="not that") for _ in prompts)

    with pytest.raises(AvereError, match=r"^no answer about '.*sight\.mp4': not that$"):
        ask_clip(Silent(), sight, "Why?", 8)


def test_what_was_not_answered_says_so_and_is_asked_again(sight, tmp_path):
    other = tmp_path / "other.mp4"
    media.write_video(other, np.full((4, 32, 32, 3), 200, dtype=np.uint8), fps=4.0)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(sight.read_bytes())
    clips = [sight, other, copy, tmp_path / "none.mp4"]
    asking = ClipQuestion(Busy(), "Why?", 8, tmp_path / "j.jsonl")
    told: list[ClipAnswer] = []
    with pytest.raises(AvereError, match="busy left 1 questions about clips unanswered"):
        asking.ask_all(clips, told.append)
    assert [one.clip for one in told] == [sight]
    found = list(asking.find_answers(clips))
    assert [one.clip for one in found] == clips
    assert [one.status for one in found] == ["ok", "failed", "ok", "media error"]
    assert found[1].reason == "not asked; run the same command again"
    again = ClipQuestion(Busy(), "Why?", 8, tmp_path / "j.jsonl")
    again.ask_all(clips, told.append)
    assert [one.clip for one in told] == [sight, other]
    assert [one.status for one in again.find_answers(clips)] == ["ok", "ok", "ok", "media error"]
