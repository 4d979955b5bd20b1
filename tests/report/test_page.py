"""The page: whole, alone, safe from what models write, and with a clip that plays."""

import base64
import io
import re

import av
import pytest

from avere.analyse import summarise_run
from avere.errors import AvereError
from avere.evaluate import rescore_run
from avere.records import Prediction, Skipped, journal, jsonl
from avere.report.page import write_page


@pytest.fixture(scope="module")
def page(written, tmp_path_factory):
    place = tmp_path_factory.mktemp("page") / "report.html"
    return write_page([written / "base", written / "after"], place).read_text(encoding="utf-8")


def test_it_needs_nothing_beside_itself(page):
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", page)
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_what_a_model_writes_is_text(page):
    assert '<script>alert("x")' not in page
    assert "&lt;script&gt;alert" in page
    assert page.count("<script>") == 1


def test_clips_play(page):
    (found, *_) = re.findall(r"data:video/mp4;base64,([A-Za-z0-9+/=]+)", page)
    with av.open(io.BytesIO(base64.b64decode(found)), "r") as container:
        assert len(list(container.decode(video=0))) == 6


def test_what_was_fixed_and_broken_can_be_found(page):
    fixed = re.findall(r'data-kind="(\w*)" data-fixed=" 1 "', page)
    broken = re.findall(r'data-kind="(\w*)" data-fixed="  " data-broken=" 1 "', page)
    assert set(fixed) == {"displaced"}
    assert set(broken) == {"supporting"}


def test_numbers_and_changes_are_there(page):
    assert "Stress score" in page
    assert page.count('class="change better"') > 0
    assert page.count('class="change worse"') > 0
    assert "up blue" not in page
    assert page.count("<svg") == 4


def test_it_begins_with_what_was_found(page):
    """The later run mends every displaced cue and spoils every supporting one, but for the last clip."""
    found = page.partition('id="found"')[2].partition("</section>")[0]
    better, worse, undecided = re.findall(r"<p[^>]*>(.*?)</p>", found, re.DOTALL)[:3]
    assert "where the cue is there but is not the person&#39;s (displaced)" in better
    assert "where the cue is there and shows it (supporting)" in worse
    assert undecided.startswith("Undecided: ")
    assert page.index('id="found"') < page.index('id="numbers"')


def test_the_headline_table_holds_what_differs_most(page):
    first = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "is not the person&#39;s (displaced)" in first


def test_filters_say_when_nothing_fits(page):
    assert 'id="empty"' in page
    assert '<button type="reset">Show all</button>' in page
    assert "Improved by" in page


def test_the_page_tells_how_it_was_made(page):
    assert "avere report" in page.partition("<footer>")[2]


def test_a_better_description_counts_as_improved(runs, tmp_path):
    """The later run names the smile alone, the first one tears as well: 1 of 1 against 1 of 2."""
    kept = list(jsonl.read(runs[1] / "journal.jsonl", Prediction))
    told = {"reply": "The face looks happy because of the broad smile."}
    changed = [one.model_copy(update=told) if one.question == "clip-0/describe" else one for one in kept]
    jsonl.write(runs[1] / "journal.jsonl", changed)
    rescore_run(runs[1])
    summarise_run(runs[1], draws=20)
    text = write_page(runs, tmp_path / "better.html").read_text(encoding="utf-8")
    assert len(re.findall(r'data-task="description_video" data-kind="" data-fixed=" 1 "', text)) == 1


def test_controls_stand_apart(page):
    assert 'id="controls"' in page


def test_true_cues_and_judged_descriptions(page):
    assert '<span class="chip supporting" title="supporting">broad smile</span>' in page
    assert "tears: hallucinated" in page


def test_same_runs_same_bytes(runs, tmp_path):
    first, second = write_page(runs, tmp_path / "1.html"), write_page(runs, tmp_path / "2.html")
    assert first.read_bytes() == second.read_bytes()


def test_a_missing_clip_is_said(runs, tmp_path):
    (tmp_path / "clip.mp4").unlink()
    assert "was not found" in write_page(runs, tmp_path / "r.html").read_text(encoding="utf-8")


def test_one_run_alone(runs, tmp_path):
    page = write_page(runs[:1], tmp_path / "r.html", clips=1).read_text(encoding="utf-8")
    assert page.count('<article class="case">') == 1


def test_refusals(runs, tmp_path):
    with pytest.raises(AvereError, match="no run to report"):
        write_page([], tmp_path / "r.html")
    with pytest.raises(AvereError, match="given twice"):
        write_page([runs[0], runs[0]], tmp_path / "r.html")
    with pytest.raises(AvereError, match=r"holds no scores\.jsonl"):
        write_page([tmp_path / "nothing"], tmp_path / "r.html")


def test_words_are_shown_under_each_parser(runs, tmp_path, page):
    assert 'id="parsers"' not in page
    out = runs[0]
    predictions = [
        one.model_copy(update={"reply": "Yes, <i>it</i> does", "choice_log_probs": None})
        if one.choice_log_probs
        else one
        for one in jsonl.read(out / "journal.jsonl", Prediction)
    ]
    jsonl.write(out / "journal.jsonl", predictions)
    rescore_run(out)
    summarise_run(out, draws=60)
    page = write_page(runs, tmp_path / "words.html").read_text(encoding="utf-8")
    table = page.partition('id="parsers"')[2].partition("</table>")[0]
    assert re.findall(r"<td>([a-z-]+)", table) == ["strict", "lenient", "compat-avere"]
    # One of four kinds has "yes" for its answer; strict reads no sentence, the published script no bare yes.
    assert re.findall(r"<b>([\d.]+)</b>", table) == ["0.0", "0.0", "25.0", "25.0", "0.0", "0.0"]
    assert "<i>it</i>" not in page


def test_controls_show_what_they_found_and_what_was_left_out(runs, tmp_path):
    told = Skipped(condition="blur-captions", reason="not applicable: no clip bears captions")
    jsonl.write(runs[0] / "skipped.jsonl", [told])
    summarise_run(runs[0], draws=20)
    page = write_page(runs, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Right without media, reasoning stress video" in page
    assert "base, blur-captions: not applicable: no clip bears captions; not run." in page


def test_without_log_probabilities_there_is_no_curve(runs, tmp_path):
    spoken = [
        one.model_copy(update={"choice_log_probs": None, "reply": one.reply or "A"})
        for one in journal.read(runs[0]).values()
    ]
    jsonl.write(runs[0] / "journal.jsonl", spoken)
    rescore_run(runs[0])
    summarise_run(runs[0], draws=20)
    assert write_page(runs[:1], tmp_path / "r.html").read_text(encoding="utf-8").count("<svg") == 3


def test_what_counts_as_no_answer_is_grey_and_says_why(runs, tmp_path):
    """Of the answers about the first clip: words without a letter, a refusal, and words that name no cue."""
    told: dict[str, dict[str, object]] = {
        "clip-0/supporting": {"reply": "Well, well.", "choice_log_probs": None},
        "clip-0/displaced": {"reply": "", "choice_log_probs": None, "status": "refused", "reason": "unsafe"},
        "clip-0/describe": {"reply": "Hard to say."},
    }
    kept = list(jsonl.read(runs[0] / "journal.jsonl", Prediction))
    changed = [one.model_copy(update=told.get(one.question, {})) for one in kept]
    jsonl.write(runs[0] / "journal.jsonl", changed)
    rescore_run(runs[0])
    summarise_run(runs[0], draws=20)
    text = write_page(runs[:1], tmp_path / "grey.html").read_text(encoding="utf-8")
    grey = re.findall(r'<li class="lacking">.*?</li>', text, re.DOTALL)
    words = [re.findall(r'chip lacking">([a-z ]+)</span> *(.*?)\s*<small>(.*?)<', one) for one in grey]
    assert sorted(each for found in words for each in found) == [
        ("not parsed", "Hard to say.", "names no known cue"),
        ("not parsed", "Well, well.", "neither a letter nor exactly the text of an option"),
        ("refused", "", "unsafe"),
    ]
    assert sum("\N{BALLOT X}" in one for one in grey) == 2
    assert ".chip.lacking" in text
