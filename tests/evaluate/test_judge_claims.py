"""Judges of free descriptions: what they read, what becomes of prose, and that nothing is asked twice."""

import json

import pytest

from avere import __version__, prompts
from avere.analyse import read_run
from avere.analyse.judged import ALL, EXACT, measure_judged
from avere.answers import descriptions
from avere.errors import AvereError
from avere.evaluate import rescore_run
from avere.evaluate.judge_claims import FOLDER, judge_claims
from avere.interfaces import Reply
from avere.records import Clip, Cue, Judgement, Modality, Prediction, Provenance, Question, jsonl, runs
from avere.world.cues import BY_NAME

MADE = Provenance(version="0", recipe="emorealm closed=log-prob")
ANSWERS = {
    "c0": "The face looks happy because of the wide grin and the red top, no wet tears.",
    "c1": "The voice sounds happy because of the ringing laughter and the broad smile.",
    "c2": "Hard to say.",
    "c3": "The face looks afraid because of the darting eyes and the rosy cheeks.",
}


def cue(clip, modality, name, text, evidence="happiness", **more):
    return Cue(
        clip=clip,
        modality=modality,
        name=name,
        text=text,
        **{"present": True, "evidence_of": evidence, **more},
    )


@pytest.fixture
def run(tmp_path):
    """Return a run of four descriptions in EmoWorld's words."""
    cues = [
        each
        for clip in ANSWERS
        for each in (
            cue(clip, "video", "smile", "broad smile"),
            cue(clip, "video", "rosy", "rosy cheeks", bearer="other"),
            cue(clip, "video", "crinkle", "crinkled eyes"),
            cue(clip, "audio", "laughter", "ringing laughter", present=clip != "c1"),
            cue(clip, "video", "shirt-red", "red shirt", evidence=None),
        )
    ]
    targets: dict[str, Modality] = {"c1": "audio"}
    questions = [
        Question(
            id=clip,
            clip=clip,
            task=f"description_{targets.get(clip, 'video')}",
            text="What shows it?",
            target=targets.get(clip, "video"),
            made_by=MADE,
        )
        for clip in ANSWERS
    ]
    answers = [
        Prediction(
            key=f"key-{clip}", question=clip, condition="av", model="m", reply=text, status="ok", made_by=MADE
        )
        for clip, text in ANSWERS.items()
    ]
    out = tmp_path / "run"
    jsonl.write(out / "clips.jsonl", [Clip(id=clip, source="emoworld") for clip in ANSWERS])
    jsonl.write(out / "cues.jsonl", cues)
    jsonl.write(out / "questions.jsonl", questions)
    jsonl.write(out / "journal.jsonl", answers)
    rescore_run(out)
    return out


def claims_of(text):
    """Answer as a perfect judge: the exact parser's facts, found again in the numbered list."""
    said = text.partition("<description>\n")[2].partition("\n</description>")[0]
    places = {
        fact.name: int(line.partition(".")[0])
        for line in text.splitlines()
        if line[:1].isdecimal()
        for fact in descriptions.parse(line).named
    }
    found = descriptions.parse(said)
    return [
        {
            "text": next(words for words in BY_NAME[fact.name].wordings if words in said.casefold()),
            "modality": fact.modality,
            "present": fact in found.named,
            "evidence": True,
            "cue": places.get(fact.name),
        }
        for fact in (*found.named, *found.denied)
    ]


class Judge:
    """A judge that answers by a rule of the ask and counts what it is asked."""

    def __init__(self, name, rule):
        self.name, self.fingerprint, self.rule = name, name, rule
        self.asked = []

    def respond(self, prompts, *, max_tokens, seed, schema=None):
        del max_tokens, schema
        for index, prompt in enumerate(prompts):
            self.asked.append(prompt)
            yield Reply(index=index, text=self.rule(prompt, seed))


def perfect(prompt, seed=0):
    text = prompt.history[0].text if prompt.history else prompt.text
    return json.dumps({"claims": claims_of(text)})


def results(path):
    return {(one.judge, one.repeat, one.question): one for one in jsonl.read(path, Judgement)}


def test_a_perfect_judge_finds_the_exact_parsers_shares(run):
    one = Judge("one", perfect)
    path = judge_claims(run, [one])
    found = results(path)
    verdicts = {clip: [claim.verdict for claim in found["one", 0, clip].claims] for clip in ANSWERS}
    assert verdicts == {
        "c0": ["supporting", "spurious", "denied"],
        "c1": ["hallucinated", "wrong_modality"],
        "c2": [],
        "c3": ["hallucinated", "displaced"],
    }
    assert found["one", 0, "c0"].missed == ("crinkle",)
    numbers = measure_judged(read_run(run), list(found.values()))
    assert set(numbers.readers) == {"one", EXACT}
    mine, exact = (numbers.readers[name].measures for name in ("one", EXACT))
    assert mine == exact
    # Of 6 named cues 1 supports; of 2 cues a clip asked about its face (3 clips), 1 is named.
    assert mine["description/supporting"].value == pytest.approx(100 / 6, abs=1e-4)
    assert mine["description/missed"].value == pytest.approx(100 * 5 / 6, abs=1e-4)
    assert mine["description/unparsed"].value == 25.0
    assert len(one.asked) == 4


def test_nothing_is_asked_twice(run):
    path = judge_claims(run, [Judge("one", perfect)], repeats=2)
    before = path.read_bytes()
    again = Judge("one", perfect)
    assert judge_claims(run, [again], repeats=2).read_bytes() == before
    assert again.asked == []
    third = Judge("one", perfect)
    judge_claims(run, [third], repeats=3)
    assert len(third.asked) == 4


def test_run_json_says_who_judged_what(run):
    judge_claims(run, [Judge("one", perfect), Judge("two", perfect)], repeats=2)
    found = runs.read_info(run / FOLDER)
    assert found is not None
    assert (found.verb, found.benchmark, found.version) == ("judge", "emorealm", __version__)
    assert [(one.name, one.fingerprint, one.role) for one in found.models] == [
        ("one", "one", "judge"),
        ("two", "two", "judge"),
    ]
    assert found.recipe == {
        **{"condition": "av", "repeats": 2, "prompt": "judge_description", "max_tokens": 1024},
        "prompt_digest": prompts.digest("judge_description"),
    }
    answers = list(jsonl.read(run / "journal.jsonl", Prediction))
    assert found.data == {"answers": runs.digest_records(answers)}
    assert found.ended is not None


@pytest.mark.parametrize(
    ("names", "how", "told"),
    [
        (["two"], {"repeats": 2}, "judge is one there and two here"),
        (["one", "two"], {"repeats": 2}, "judge is one there and one, two here"),
        (["one"], {"repeats": 1}, "recipe repeats is 2 there and 1 here"),
        (["one"], {"repeats": 2, "condition": "v"}, "recipe condition is av there and v here"),
    ],
    ids=lambda each: "+".join(each) if isinstance(each, list) else None,
)
def test_another_judging_is_refused_and_changes_nothing(run, names, how, told):
    answers = list(jsonl.read(run / "journal.jsonl", Prediction))
    other = [one.model_copy(update={"key": f"v-{one.key}", "condition": "v"}) for one in answers]
    jsonl.write(run / "journal.jsonl", [*answers, *other])
    judge_claims(run, [Judge("one", perfect)], repeats=2)
    before = {file.name: file.read_bytes() for file in (run / FOLDER).iterdir()}
    judges = [Judge(name, perfect) for name in names]
    with pytest.raises(AvereError, match=rf"'.*judged' holds another judging: {told}; judge as before, or"):
        judge_claims(run, judges, **how)
    assert {file.name: file.read_bytes() for file in (run / FOLDER).iterdir()} == before
    assert not any(one.asked for one in judges)


def test_a_model_of_the_same_name_is_another_judge(run):
    judge_claims(run, [Judge("one", perfect)])
    other = Judge("one", perfect)
    other.fingerprint = "1" * 64
    with pytest.raises(AvereError, match="judge one has fingerprint one there and 11111111 here"):
        judge_claims(run, [other])


def test_a_judge_that_gave_nothing_makes_way(run):
    def dead(prompt, seed):
        raise ConnectionError("no line")

    with pytest.raises(AvereError, match="cannot be reached"):
        judge_claims(run, [Judge("one", dead)])
    (run / FOLDER / "journal.jsonl").unlink()
    assert results(judge_claims(run, [Judge("two", perfect)]))["two", 0, "c0"].claims


def test_a_run_that_grew_is_judged_on(run):
    answers = list(jsonl.read(run / "journal.jsonl", Prediction))
    jsonl.write(run / "journal.jsonl", answers[:2])
    judge_claims(run, [Judge("one", perfect)])
    jsonl.write(run / "journal.jsonl", answers)
    rest = Judge("one", perfect)
    assert len(results(judge_claims(run, [rest]))) == 4
    assert len(rest.asked) == 2


def test_a_stopped_judge_goes_on(run):
    def stop(prompt, seed):
        if "Hard to say" in prompt.text:
            raise KeyboardInterrupt
        return perfect(prompt)

    first, second = Judge("one", stop), Judge("one", perfect)
    with pytest.raises(KeyboardInterrupt):
        judge_claims(run, [first])
    judge_claims(run, [second])
    assert (len(first.asked), len(second.asked)) == (3, 2)


def test_prose_is_repaired_once_and_then_a_record_with_the_reason(run):
    def mends(prompt, seed):
        return perfect(prompt) if prompt.history else "It is all true."

    def never(prompt, seed):
        return '{"claims": [{"text": "x"}]}' if prompt.history else "It is all true."

    good, bad = Judge("good", mends), Judge("bad", never)
    found = results(judge_claims(run, [good, bad]))
    assert len(found["good", 0, "c0"].claims) == 3
    assert found["bad", 0, "c0"].claims is None
    assert found["bad", 0, "c0"].reason.startswith("also after one repair: claims.0.modality")
    assert (len(good.asked), len(bad.asked)) == (8, 8)
    assert "no JSON object" in good.asked[4].text
    numbers = measure_judged(read_run(run), list(found.values()))
    assert sum(numbers.readers["bad"].unread.values()) == 4
    assert numbers.readers["bad"].measures == {}
    assert numbers.readers[ALL].read == 4


def test_only_cues_of_the_list_can_be_matched(run):
    wrong = {"text": "the", "modality": "video", "present": True, "evidence": True, "cue": 9}
    text = json.dumps({"claims": [wrong]})
    found = results(judge_claims(run, [Judge("one", lambda *_: text)]))
    assert found["one", 0, "c0"].reason == "also after one repair: the list of cues has no number 9"


def test_what_was_not_answered_is_not_judged(run):
    empty = {"c0": {"status": "refused"}, "c1": {"reply": " "}}
    lines = [
        one.model_copy(update={"reply": "", **empty.get(one.question, {})}) if one.question in empty else one
        for one in jsonl.read(run / "journal.jsonl", Prediction)
    ]
    jsonl.write(run / "journal.jsonl", lines)
    one = Judge("one", perfect)
    found = results(judge_claims(run, [one]))
    assert found["one", 0, "c0"].reason == "the model gave no answer: refused"
    assert found["one", 0, "c1"].claims == ()
    assert len(one.asked) == 2


def test_a_judge_that_knows_no_schema_is_asked_without(run):
    class Local(Judge):
        def respond(self, prompts, *, max_tokens, seed, schema=None):
            if schema is not None:
                raise AvereError("no schema, please")
            yield from super().respond(prompts, max_tokens=max_tokens, seed=seed)

    assert results(judge_claims(run, [Local("one", perfect)]))["one", 0, "c0"].claims


def test_mistakes_are_told(run):
    one = Judge("one", perfect)
    with pytest.raises(AvereError, match="given twice"):
        judge_claims(run, [one, one])
    with pytest.raises(AvereError, match="no free description under 'v'"):
        judge_claims(run, [one], condition="v")
    assert not (run / FOLDER).exists()


def test_a_judge_that_disagrees(run):
    """Two judges agree but on the smile of c0.

    Cues: 5 of each of 4 clips, so 40 values: 5 + 4 named, 31 not. Observed disagreement 2/40, expected
    2·9·31/(40·39). Faithfulness: c0 1/2 and 0, c1 and c3 0 and 0: observed 2·0.25/6 = expected 2·5·0.25/30.
    """
    pytest.importorskip("krippendorff")

    def blind(prompt, seed):
        claims = [
            one
            for one in claims_of(prompt.text)
            if one["text"] != "wide grin" or "red top" not in prompt.text
        ]
        return json.dumps({"claims": claims})

    path = judge_claims(run, [Judge("one", perfect), Judge("two", blind)], repeats=2)
    numbers = measure_judged(read_run(run), list(jsonl.read(path, Judgement)))
    assert set(numbers.agreement) == {
        "repeats of one",
        "repeats of two",
        "judges, first readings",
        "all readings",
    }
    assert numbers.agreement["repeats of one"].cues == 1.0
    between = numbers.agreement["judges, first readings"]
    assert between.cues == pytest.approx(1 - (2 / 40) / (2 * 9 * 31 / (40 * 39)), abs=1e-4)
    assert between.faithfulness == pytest.approx(0.0, abs=1e-4)
    assert numbers.agreement["all readings"].coders == 4
    # Of 2·(6 + 5) named cues, 2·1 support.
    assert numbers.readers[ALL].measures["description/supporting"].value == pytest.approx(200 / 22, abs=1e-4)


def test_the_command_line(run, command):
    said = command("judge", run, "--judge", "scripted:always-yes")
    assert said.code == 0
    assert "scripted:always-yes: 4 not read: also after one repair: it holds no JSON object" in said.out
    assert "judgements.jsonl" in said.out
    assert (run / FOLDER / "summary.json").is_file()
    assert "takes --repeats" in command("judge", run, "--judge", "scripted:always-yes", "--seed", "1").err
    again = command("judge", run, *["--judge", "scripted:always-yes"] * 2)
    assert again.code == 2
