"""Descriptions: every wording is read exactly, and each fact judged against what the clip shows."""

import pytest

from avere.answers import descriptions
from avere.records import Cue
from avere.world.cues import BY_NAME

WORDINGS = [(kind, wording) for kind in BY_NAME.values() for wording in kind.wordings]


def cue(name, *, present=True, bearer="person"):
    kind = BY_NAME[name]
    return Cue(
        clip="c",
        modality=kind.modality,
        name=name,
        text=kind.wordings[0],
        present=present,
        evidence_of=kind.emotion,
        bearer=bearer,
    )


CUES = [
    cue("smile"),
    cue("rosy"),
    cue("crinkle", present=False),
    cue("tears", bearer="other"),
    cue("shirt-red"),
    cue("laughter"),
]


def test_no_wording_is_shared():
    assert len({wording for _, wording in WORDINGS}) == len(WORDINGS)


@pytest.mark.parametrize(("kind", "wording"), WORDINGS, ids=[wording for _, wording in WORDINGS])
def test_each_wording_names_its_fact_and_no_other(kind, wording):
    found = descriptions.parse(f"It is the {wording.upper()}, I think.")
    assert [named.name for named in found.named] == [kind.name]
    assert found.rest == "it is the , i think."


@pytest.mark.parametrize(
    ("wording", "verdict"),
    [
        ("wide grin", "supporting"),
        ("wet tears", "displaced"),
        ("red top", "spurious"),
        ("blue top", "hallucinated"),
        ("creased eyes", "hallucinated"),
        ("gaping mouth", "hallucinated"),
        ("ringing laughter", "wrong_modality"),
        ("broken sobs", "wrong_modality"),
    ],
)
def test_verdicts(wording, verdict):
    (named,) = descriptions.parse(wording).named
    assert descriptions.judge(named, CUES, "video") == verdict


def test_a_cue_on_the_person_and_elsewhere_is_the_persons():
    (named,) = descriptions.parse("broad smile").named
    assert descriptions.judge(named, [cue("smile", bearer="other"), cue("smile")], "video") == "supporting"


def test_tally():
    text = "It is the broad smile and the wide grin and the red shirt, not the wet tears."
    found = descriptions.tally(text, CUES, "video")
    assert found == {
        "supporting": 1,
        "displaced": 0,
        "spurious": 1,
        "hallucinated": 0,
        "wrong_modality": 0,
        "named": 2,
        "recalled": 1,
        "recallable": 2,
        "unparsed": 0,
    }


def test_words_without_a_known_fact_are_unparsed():
    assert descriptions.tally("The broad face smiles.", CUES, "video")["unparsed"] == 1
    assert descriptions.tally("", CUES, "video")["unparsed"] == 1


def test_part_of_a_word_is_no_wording():
    assert not descriptions.parse("sweaty foreheads, teatear drops").parsed
