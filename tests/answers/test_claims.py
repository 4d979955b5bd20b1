"""What a judge's claims are to a clip, claim by claim, and which replies cannot be read."""

import json

import pytest

from avere.answers import claims
from avere.answers.forms import Unparsed
from avere.records import Cue

TEXT = "The person smiles, her hands shake, and a poster shows tears; there is rain and no laughter."


def cue(name, modality="video", evidence="happiness", **more):
    return Cue(
        clip="c",
        modality=modality,
        name=name,
        text=f"the {name}",
        evidence_of=evidence,
        **{"present": True, **more},
    )


CUES = [
    cue("smile"),
    cue("tears", bearer="other", evidence="sadness"),
    cue("frown", present=False, evidence="sadness"),
    cue("shirt", evidence=None),
    cue("sob", "audio", evidence="sadness"),
]
PLACES = {each.name: number for number, each in enumerate(claims.listed(CUES), 1)}


def said(*given):
    return json.dumps({"claims": [claim(*each) for each in given]})


def claim(text, name=None, modality="video", *flags):
    present, evidence = flags or (True, True)
    cue = PLACES[name] if name else None
    return {"text": text, "modality": modality, "present": present, "evidence": evidence, "cue": cue}


def found(*given, target="video"):
    read = claims.parse(said(*given), TEXT, CUES)
    assert isinstance(read, claims.SaidClaims)
    return claims.classify(read, CUES, target)


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (("smiles", "smile"), "supporting"),
        (("tears", "tears"), "displaced"),
        (("person", "shirt"), "spurious"),
        (("hands shake", "frown"), "hallucinated"),
        (("hands shake",), "hallucinated"),
        (("rain", "sob"), "wrong_modality"),
        (("rain", None, "audio"), "wrong_modality"),
        (("smiles", "smile", "video", True, False), "mentioned"),
        (("no laughter", None, "audio", False, True), "denied"),
    ],
)
def test_a_claim_is_what_the_cues_make_of_it(given, verdict):
    (one,) = found(given)
    assert one.verdict == verdict


def test_what_is_claimed_twice_counts_once_and_what_is_only_mentioned_is_missed():
    twice = found(("smiles", "smile"), ("person smiles", "smile"), ("hands shake",), ("Hands  shake",))
    counts = claims.tally(twice, CUES, "video")
    assert (counts["named"], counts["supporting"], counts["hallucinated"]) == (2, 1, 1)
    assert claims.missed(twice, CUES, "video") == ()
    mentioned = found(("smiles", "smile", "video", True, False))
    assert claims.missed(mentioned, CUES, "video") == ("smile",)
    assert claims.tally(mentioned, CUES, "video")["unparsed"] == 0
    assert claims.tally((), CUES, "video") == {
        **dict.fromkeys(counts, 0.0),
        "recallable": 1.0,
        "unparsed": 1.0,
    }


def test_words_that_match_no_entry_are_never_taken_for_a_cue_of_that_name():
    (one,) = found(("tears",))
    assert (one.cue, one.verdict) == (None, "hallucinated")
    assert claims.tally([one], CUES, "video")["displaced"] == 0


def test_the_list_does_not_tell_what_is_there():
    shown = claims.numbered(CUES)
    assert shown.splitlines() == sorted(shown.splitlines())
    assert claims.numbered(CUES[::-1]) == shown
    assert "5. the tears (seen)" in shown


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ("It is all true.", "no JSON object"),
        ("{claims}", "Invalid JSON"),
        ('{"claims": [{"text": "smiles"}]}', "claims.0.modality: Field required"),
        ('{"claims": [], "note": "x"}', "note: Extra inputs"),
        (
            said(("smiles", "smile")).replace("true", '"yes"', 1),
            "claims.0.present: Input should be a valid bool",
        ),
        (said(("smiles",)).replace("null", "6"), "no number 6"),
        (said(("a broad grin",)), "'a broad grin' are not words of the description"),
        (said(("...",)), "are not words"),
    ],
)
def test_what_cannot_be_read_says_why(reply, fault):
    read = claims.parse(reply, TEXT, CUES)
    assert isinstance(read, Unparsed)
    assert fault in read.fault


def test_fences_and_greetings_do_not_matter():
    assert isinstance(
        claims.parse(f"Sure!\n```json\n{said(('smiles', 'smile'))}\n```", TEXT, CUES), claims.SaidClaims
    )
