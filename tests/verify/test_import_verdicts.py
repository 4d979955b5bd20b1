"""What Potato stored becomes verdicts: equal to what was typed, safe to repeat, and nothing is lost."""

import json
import shutil

import pytest

from avere.errors import AvereError
from avere.records import jsonl
from avere.verify.import_verdicts import (
    ABSENT,
    BLOCKED,
    FAILED,
    KEPT,
    TOO_FAST,
    UNREADABLE,
    import_verdicts,
    read_participants,
    read_verdicts,
)
from avere.verify.potato_results import read_people
from avere.verify.project import SERVED, read_project
from people import make_state, write_states

SLOW = 30.0


def output(project):
    return project.folder / SERVED / "annotation_output"


def store(project, person, change=None, seconds=SLOW):
    """Store right answers of one person to all items, after a change of the state."""
    token = next(token for token, name in project.people.items() if name == person)
    items = {name: one for name, one in project.items.items() if one.role != "training"}
    said = {name: (one.question.answer, seconds) for name, one in items.items()}
    state = make_state(token, items, said, 1.7e9)
    if change is not None:
        change(state)
    file = output(project) / token / "user_state.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(state))
    return file


def why(project):
    return {one.person: one.left_out for one in read_participants(project.folder).values()}


def test_what_was_typed_comes_back(project):
    (item,) = [one for one in project.items.values() if one.question.id == "q2"]

    def change(state):
        place = item.order.index(3)
        state["instance_id_to_label_to_value"][item.id] = [
            [{"schema": "plays", "name": "text_box"}, "3"],
            [{"schema": "note", "name": "text_box"}, "</script> \u202e nein"],
            [{"schema": "flags", "name": "ambiguous"}, "ambiguous"],
            [{"schema": "answer", "name": "ABCD"[place]}, "ABCD"[place]],
            [{"schema": "keep", "name": "drop"}, "drop"],
        ]
        state["instance_id_to_behavioral_data"][item.id] = {
            "total_time_ms": 12_345,
            "annotation_changes": [{"timestamp": 0}, {"timestamp": 60}],
        }

    store(project, "p0001", change)
    found = import_verdicts(project.folder)
    assert (found.verdicts, found.gold, found.people) == (5, 4, {ABSENT: 5, "counted": 1})
    (one,) = [one for one in read_verdicts(project.folder) if one.question == "q2"]
    assert (one.person, one.answer, one.keep, one.flags) == ("p0001", 3, False, ("ambiguous",))
    assert (one.note, one.seconds, one.plays, one.at) == (
        "</script> \u202e nein",
        12.345,
        3,
        "1970-01-01T00:01:00+00:00",
    )


def test_the_same_results_give_the_same_files(project):
    write_states(project, lambda _, item: (item.question.answer, SLOW), 3, 0)
    import_verdicts(project.folder)
    files = {file.name: file.read_bytes() for file in (project.folder / "results").iterdir()}
    import_verdicts(project.folder)
    assert files == {file.name: file.read_bytes() for file in (project.folder / "results").iterdir()}
    assert len(read_verdicts(project.folder)) == 15


def test_addresses_and_browsers_stay_where_they_are(project):
    def change(state):
        state["origin"] = {"ip_address": "203.0.113.9", "user_agent": "Browser/7"}

    file = store(project, "p0001", change)
    row = {"session_id": "a", "metadata": {"ip_address": "203.0.113.9", "user_agent": "Browser/7"}}
    file.with_name("annotation_history.jsonl").write_text(json.dumps(row) + "\n")
    import_verdicts(project.folder)
    text = "".join(file.read_text() for file in (project.folder / "results").iterdir())
    assert "203.0.113.9" not in text
    assert "Browser" not in text
    assert not any(token in text for token in project.people)


def test_people_who_do_not_count_are_told_with_reasons(project):
    store(project, "p0001")
    store(project, "p0002", lambda state: state["training_state"].update(passed=False, failed=True))
    store(project, "p0003", seconds=1.0)
    store(project, "p0004")
    (output(project) / "quality_control_results.json").write_text('{"blocked_users": []}')
    found = import_verdicts(project.folder, ["p0004"])
    assert why(project) == {
        **{"p0001": None, "p0002": FAILED, "p0003": TOO_FAST, "p0004": BLOCKED},
        **{"p0005": ABSENT, "p0006": ABSENT},
    }
    assert found.people == {"counted": 1, FAILED: 1, TOO_FAST: 1, BLOCKED: 1, ABSENT: 2}
    assert {one.person for one in read_verdicts(project.folder)} == {"p0001"}


def test_a_time_that_the_program_lost_is_not_known_and_makes_nobody_fast(project):
    store(project, "p0001", seconds=0.0)
    import_verdicts(project.folder)
    assert why(project)["p0001"] is None
    assert {one.seconds for one in read_verdicts(project.folder)} == {None}


def test_people_whom_the_program_blocked_do_not_count(project):
    file = store(project, "p0001")
    (output(project) / "quality_control_results.json").write_text(
        json.dumps({"blocked_users": [file.parent.name]})
    )
    import_verdicts(project.folder)
    assert why(project)["p0001"] == BLOCKED


def test_nobody_who_answers(project):
    found = import_verdicts(project.folder)
    assert (found.verdicts, found.gold, found.people) == (0, 0, {ABSENT: 6})
    assert read_verdicts(project.folder) == []


def test_half_written_results_keep_what_was_read_before(project):
    file = store(project, "p0001")
    store(project, "p0002")
    import_verdicts(project.folder)
    before = read_verdicts(project.folder)
    whole = file.read_text()
    file.write_text(whole[: len(whole) // 2])
    found = import_verdicts(project.folder)
    assert found.kept_from_before == 5
    assert read_verdicts(project.folder) == before
    reports = read_participants(project.folder)
    assert (reports["p0001"].gold_right, reports["p0001"].left_out) == (4, None)
    assert reports["p0001"].doubt == KEPT
    # One who was never read has nothing to keep.
    store(project, "p0003").write_text('{"user_id": "x"')
    import_verdicts(project.folder)
    assert why(project)["p0003"] == UNREADABLE
    file.write_text(whole)
    assert import_verdicts(project.folder).kept_from_before == 0


@pytest.mark.parametrize(
    "damage",
    [
        "[]",
        "null",
        "{}",
        '{"instance_id_to_label_to_value": 7}',
        '{"instance_id_to_label_to_value": {"i": [7]}}',
        "",
    ],
)
def test_damaged_states_are_one_person_s_trouble(project, damage):
    store(project, "p0001")
    store(project, "p0002").write_text(damage)
    import_verdicts(project.folder)
    assert why(project)["p0002"] == UNREADABLE
    assert why(project)["p0001"] is None


def test_results_of_another_export_are_refused(project, exported, tmp_path):
    store(project, "p0001")
    other = tmp_path / "other"
    shutil.copytree(exported, other)
    names = [json.loads(line) for line in (other / "private/people.jsonl").open()]
    rows = (json.dumps({**one, "token": f"another{number}"}) for number, one in enumerate(names))
    (other / "private/people.jsonl").write_text("\n".join(rows))
    shutil.copytree(output(project), other / SERVED / "annotation_output")
    with pytest.raises(AvereError, match="of another export: no link of this one was used"):
        import_verdicts(other)
    # One stranger among people of this export is counted, and what they said is not taken.
    store(read_project(other), "p0001")
    found = import_verdicts(other)
    assert found.not_taken == {"people with a link of another export": 1}
    assert found.verdicts == 5


def test_answers_that_cannot_be_meant_are_counted(project):
    def change(state):
        labels = state["instance_id_to_label_to_value"]
        yes_no, four = (
            next(n for n, one in project.items.items() if len(one.order) == size and one.role == "question")
            for size in (2, 4)
        )
        labels[yes_no] = [
            [{"schema": "answer", "name": "D"}, "D"],
            [{"schema": "keep", "name": "keep"}, "keep"],
        ]
        labels[four] = [[{"schema": "answer", "name": "A"}, "A"]]
        labels["i999999"] = [[{"schema": "answer", "name": "A"}, "A"]]

    store(project, "p0001", change)
    found = import_verdicts(project.folder)
    assert found.not_taken == {
        "about no item of this export": 1,
        "an answer that was not offered": 1,
        "unfinished": 1,
    }
    assert found.verdicts == 3
    assert read_participants(project.folder)["p0001"].unfinished == 1


def test_two_people_under_one_link_are_doubted(project):
    histories = {"p0001": "aaabbbab", "p0002": "aaabbbccc"}
    for person, sessions in histories.items():
        file = store(project, person)
        lines = "".join(json.dumps({"session_id": one}) + "\n" for one in sessions)
        file.with_name("annotation_history.jsonl").write_text(lines + '{"session_id": "cut sh')
    import_verdicts(project.folder)
    reports = read_participants(project.folder)
    assert reports["p0001"].doubt == "two sessions at once under one link"
    assert reports["p0002"].doubt is None
    assert reports["p0001"].left_out is None


def test_a_note_of_a_megabyte_is_cut_and_the_file_keeps_it(project):
    name = next(name for name, one in project.items.items() if one.role == "question")

    def change(state):
        state["instance_id_to_label_to_value"][name].append(
            [{"schema": "note", "name": "text_box"}, "é" * 1_000_000]
        )

    file = store(project, "p0001", change)
    import_verdicts(project.folder)
    (note,) = [one.note for one in read_verdicts(project.folder) if one.note]
    assert (len(note), note[-9:]) == (5000, "... (cut)")
    assert len(file.read_text()) > 1_000_000


def test_of_copies_of_a_gold_item_the_first_answer_counts(project):
    gold = project.of_role("gold")
    copies = project.items | {gold[0].id: gold[0].model_copy(update={"question": gold[1].question})}
    jsonl.write(project.folder / "private/items.jsonl", copies.values())
    store(project, "p0001")
    assert import_verdicts(project.folder).gold == 3


def test_plays_are_whole_numbers_or_nothing(project):
    name = next(name for name, one in project.items.items() if one.role == "question")

    def change(state):
        state["instance_id_to_label_to_value"][name][0][1] = "9e9</b>"

    store(project, "p0001", change)
    (one,) = [one for one in next(read_people(project.folder)).answers if one.item == name]
    assert one.plays is None


def test_a_folder_without_a_project_is_told(tmp_path):
    with pytest.raises(AvereError, match=r"holds no private/export\.json"):
        import_verdicts(tmp_path)


def test_blocking_somebody_unknown_is_told(project):
    with pytest.raises(AvereError, match="nobody is called 'p9999'"):
        import_verdicts(project.folder, ["p9999"])
