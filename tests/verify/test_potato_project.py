"""A project for Potato: nothing that a page can show tells an answer, and every word of strangers is text."""

import json
import stat
from html.parser import HTMLParser

import pytest

from avere import media
from avere.errors import AvereError
from avere.records import Question
from avere.verify.items import gather_items
from avere.verify.potato_project import export_potato, page_record, render_item
from avere.verify.potato_settings import ProjectPlan
from avere.verify.project import SERVED, read_project

from .conftest import HOSTILE, ask


class Elements(HTMLParser):
    """Take down the elements and the words of a page."""

    def __init__(self, text):
        super().__init__()
        self.found, self.words = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        del attrs
        self.found.append(tag)

    def handle_data(self, data):
        self.words += data


def served(project):
    """Join all texts that the program reads, but for the tokens of links: chance may write anything there."""
    files = [file for file in (project.folder / SERVED).rglob("*") if file.suffix not in {".mp4", ".wav"}]
    text = "".join(file.read_text() for file in files if file.is_file() and file.name != "invites.yaml")
    for token in project.people:
        text = text.replace(token, "")
    return text


def test_nothing_that_is_served_names_an_id_a_clip_or_an_answer(project, donors):
    text = served(project)
    for one in project.of_role("question"):
        assert one.question.id not in text
        assert one.question.clip not in text
    items = [json.loads(line) for line in (project.folder / SERVED / "data/items.jsonl").open()]
    assert {frozenset(item) for item in items} == {frozenset({"id", "text", "visible_labels"})}
    assert all(item["id"].isalnum() for item in items)
    # Gold and questions look alike, and stand in a mixed order.
    roles = [project.items[item["id"]].role for item in items]
    assert sorted(roles) == ["gold"] * 4 + ["question"] * 5
    assert roles != sorted(roles)
    assert all(
        clip.emotion not in page_record(one)["text"] for clip in donors for one in project.items.values()
    )


def test_hostile_words_stay_words(project):
    (item,) = [one for one in project.items.values() if one.question.text == HOSTILE]
    page = Elements(render_item(item))
    assert set(page.found) == {"div", "audio", "p", "span"}
    assert page.words.count(HOSTILE) == 2
    record = json.dumps(page_record(item))
    assert "</script" not in record
    assert "{{" not in page_record(item)["text"]
    assert "{%" not in page_record(item)["text"]


def test_media_hold_only_what_is_asked_about(project):
    for one in project.of_role("question"):
        found = media.probe(project.folder / SERVED / "media" / one.medium)
        wanted = {"video": (True, False), "audio": (False, True), "audiovisual": (True, True)}
        assert (found.has_video, found.has_audio) == wanted[one.question.target]
        assert one.seconds == pytest.approx(found.seconds, abs=1e-3)


def test_equal_media_are_written_once(project):
    files = list((project.folder / SERVED / "media").iterdir())
    assert len(files) == len({one.medium for one in project.items.values()})
    videos = [one for one in project.of_role("question") if one.question.target == "video"]
    assert videos[0].medium == videos[1].medium


def test_what_cannot_be_asked_is_counted(project):
    assert project.info.left_out == {
        "open, without choices": 1,
        "about video of a clip without it": 1,
    }


def test_links_are_secret_and_belong_to_pseudonyms(project):
    lines = (project.folder / "private/links.csv").read_text().splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == ["p0001", "p0002", "p0003", "p0004", "p0005", "p0006"]
    tokens = [line.partition("?invite=")[2] for line in lines]
    assert set(tokens) == set(project.people)
    assert all(len(token) >= 20 for token in tokens)
    assert stat.S_IMODE((project.folder / "private").stat().st_mode) == 0o700
    assert stat.S_IMODE((project.folder / "serve").stat().st_mode) == 0o755


def test_settings_are_closed_to_the_outside(project):
    config = json.loads((project.folder / SERVED / "config.yaml").read_text())
    assert config["host"] == "127.0.0.1"
    assert config["debug"] is False
    assert "secret_key" not in config
    assert config["user_config"] == {"allow_all_users": False, "users": list(project.people)}
    assert config["num_annotators_per_item"] == 3
    labels = config["annotation_schemes"][0]["labels"]
    assert [one["name"] for one in labels] == ["A", "B", "C", "D", "cannot_tell"]


def test_examples_are_not_what_is_practised(exported):
    project = read_project(exported)
    page = (exported / SERVED / "surveys/instructions.html").read_text()
    assert page.count("right where it is so") == 2
    assert len(project.of_role("training")) == 2


def test_a_project_is_not_written_over(project, asked):
    with pytest.raises(AvereError, match="holds a project already"):
        export_potato(gather_items([asked / "data"]), project.folder, ProjectPlan(people=1))


def test_choices_are_shuffled_and_yes_stays_first(project):
    for one in project.items.values():
        assert sorted(one.order) == list(range(len(one.question.choices)))
        if one.question.choices == ("Yes", "No"):
            assert one.order == (0, 1)
    assert len({one.order for one in project.items.values()}) > 2


def test_a_clip_with_sound_of_its_own_keeps_that_one(donors, tmp_path):
    """Of a clip with a sound file people hear that file, not the sound of its video."""
    from avere.verify.showing import show_target

    mixed = donors[0].model_copy(update={"audio": donors[1].audio})
    show_target(mixed, "audiovisual", tmp_path / "both.mp4")
    heard = media.sound(tmp_path / "both.mp4", 16_000)
    own, other = (media.sound(clip.audio, 16_000) for clip in donors[:2])

    def distance(wave):
        size = min(len(heard), len(wave))
        return float(((heard[:size] - wave[:size]) ** 2).mean())

    assert distance(other) < 0.2 * distance(own)


def test_notes_in_a_file_do_not_reach_people(donors, tmp_path):
    import av

    from avere.verify.showing import show_target

    source = tmp_path / "titled.mp4"
    with av.open(str(donors[0].video)) as old, av.open(str(source), "w") as new:
        new.metadata["title"] = "happy clip"
        streams = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
        for packet in old.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                new.mux(packet)
    clip = donors[0].model_copy(update={"video": source})
    for target in ("video", "audiovisual", "audio"):
        place = tmp_path / f"{target}{'.wav' if target == 'audio' else '.mp4'}"
        show_target(clip, target, place)
        assert b"happy clip" not in place.read_bytes()
    assert b"happy clip" in source.read_bytes()


def test_words_longer_than_a_model_reads_are_refused():
    with pytest.raises(ValueError, match="20000"):
        ask("long", "c", text="a" * 1_000_000)
    assert Question.model_fields["text"].metadata
