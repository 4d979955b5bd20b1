from collections import Counter
from itertools import chain, combinations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.oracles import readback
from tests.oracles.truth import is_true, under, verdict_holds

from avere.construct import language
from avere.construct.facts import MODALITIES
from avere.construct.pairs import first_pairs, pairs
from avere.construct.recipe import Pairs
from avere.construct.summary import of_pairs
from avere.records import Corruption, Corruptions, PreferencePair, Provenance
from avere.world.cues import BY_NAME

ARMS = [
    Pairs(),
    Pairs(audiovisual_rejects="both", two_cues=1.0),
    Pairs(yes_no=0.5),
    Pairs(corruption="noise", yes_no=0.5),
]
FORBIDDEN = {kind.wordings[language.UNSEEN_WORDING] for kind in BY_NAME.values()}


@pytest.fixture(scope="module", params=["balanced", "biased"])
def world(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module", params=ARMS, ids=["open", "both", "yes-no", "noise"])
def made(request, world):
    return pairs(world.clips, world.cues, request.param, seed=1).pairs


def relevant(pair):
    return ("audio", "video") if pair.target == "audiovisual" else (pair.target,)


def test_same_seed_same_pairs_and_unique_ids(biased):
    once, again = (pairs(biased.clips, biased.cues, Pairs(), seed=1) for _ in range(2))
    assert once == again
    assert len({pair.id for pair in once.pairs}) == len(once.pairs)
    assert len(once.pairs) + once.skipped.total() == 3 * len(biased.clips)
    assert min(Counter(pair.target for pair in once.pairs).values()) > 0.65 * len(biased.clips)


def test_chosen_is_true_and_the_rejected_are_false_of_the_real_media(world, made):
    for pair in made:
        real = under(pair, (), world.facts)
        assert is_true(pair.prompt, pair.chosen, real)
        assert not is_true(pair.prompt, str(pair.spurious), real)
        assert not is_true(pair.prompt, str(pair.hallucinated), real)


def test_no_chosen_answer_is_true_of_its_corrupted_input(world, made):
    checked = 0
    for pair in made:
        given = [m for m in relevant(pair) if getattr(pair.corruption, m) is not None]
        for changed in chain.from_iterable(combinations(given, n) for n in range(1, len(given) + 1)):
            media = under(pair, changed, world.facts)
            assert not is_true(pair.prompt, pair.chosen, media)
            checked += 1
    assert checked >= len(made)


def test_what_a_prompt_is_not_about_may_be_corrupted_and_the_chosen_answer_stays_true(world, made):
    checked = 0
    for pair in made:
        others = [modality for modality in MODALITIES if modality not in relevant(pair)]
        assert is_true(pair.prompt, pair.chosen, under(pair, others, world.facts))
        checked += bool(others)
    assert checked > len(made) / 2


def test_both_media_corrupted_falsify_whatever_the_target(world, made):
    for pair in (pair for pair in made if pair.corruption.reason is None):
        assert not is_true(pair.prompt, pair.chosen, under(pair, ("audio", "video"), world.facts))


def test_a_corrupted_yes_or_no_is_wrong_in_itself(world):
    made = pairs(world.clips, world.cues, Pairs(yes_no=0.5), seed=1).pairs
    asked = [pair for pair in made if "yes_no" in pair.id]
    assert len(asked) == round(0.5 * (len(made) - len(asked)))
    assert sum(pair.chosen.startswith("Yes") for pair in asked) == (len(asked) + 1) // 2
    for pair in asked:
        assert verdict_holds(pair.prompt, pair.chosen, under(pair, (), world.facts)) is True
        assert verdict_holds(pair.prompt, str(pair.spurious), under(pair, (), world.facts)) is False
        if getattr(pair.corruption, pair.target) is not None:
            assert verdict_holds(pair.prompt, pair.chosen, under(pair, relevant(pair), world.facts)) is False


SHORT = Pairs(agreement=0.2, emotions=0.2, subtitled=0.5, named=0.5)


def test_pairs_about_agreement_say_what_face_and_voice_show(world):
    made = [p for p in pairs(world.clips, world.cues, SHORT, seed=1).pairs if p.id.endswith("/agreement")]
    assert len(made) > 150
    for pair in made:
        facts = world.facts[pair.clip]
        face, voice = facts.video.emotion, facts.audio.emotion
        assert pair.chosen == language.compare(face, voice, "Yes" if facts.agree else "No")
        for answer in (pair.spurious, pair.hallucinated):
            assert answer is not None
            assert answer.startswith("No" if facts.agree else "Yes")
            assert answer != pair.chosen
        corruption = pair.corruption
        assert (corruption.reason is None) == facts.agree
        if corruption.audio and corruption.video:
            other_face = world.facts[str(corruption.video.clip)].video.emotion
            other_voice = world.facts[str(corruption.audio.clip)].audio.emotion
            assert len({face, other_face, other_voice}) == 3  # each alone and both together make "yes" false


def test_pairs_about_agreement_say_yes_and_no_where_clips_allow_it(balanced):
    made = pairs(balanced.clips, balanced.cues, SHORT, seed=1).pairs
    verdicts = Counter(pair.chosen[:2] for pair in made if pair.id.endswith("/agreement"))
    assert abs(verdicts["Ye"] - verdicts["No"]) <= 1


def test_one_word_pairs_name_the_shown_emotion_and_what_something_else_suggests(world):
    made = [p for p in pairs(world.clips, world.cues, SHORT, seed=1).pairs if "/emotion_" in p.id]
    assert len(made) > 150
    for pair in made:
        facts = world.facts[pair.clip]
        side = facts.side(pair.target)
        assert pair.chosen == language.adjective(side.emotion)
        assert len({pair.chosen, pair.spurious, pair.hallucinated}) == 3
        beside = [BY_NAME[name].emotion for name in side.displaced]
        beside += [facts.across(pair.target).emotion, facts.clip.attributes["said"]]
        first = next((language.adjective(str(e)) for e in beside if e != side.emotion), None)
        assert pair.spurious == first or first is None
        replaced = getattr(pair.corruption, pair.target)
        assert world.facts[replaced.clip].side(pair.target).emotion != side.emotion


def test_prompts_name_the_emotion_and_begin_with_the_line_as_often_as_asked(world):
    made = pairs(world.clips, world.cues, SHORT, seed=1).pairs
    told = [p for p in made if p.prompt.startswith('The person says: "')]
    assert all(world.facts[p.clip].clip.transcript in p.prompt for p in told)
    assert not any("/agreement" in p.id for p in told)
    may = [p for p in made if "/agreement" not in p.id]
    assert 0.44 < len(told) / len(may) < 0.56
    opened = [p for p in may if "/emotion_" not in p.id and p.target != "audiovisual"]
    named = [p for p in opened if " that the person is " in p.prompt or " that this person is " in p.prompt]
    assert 0.44 < len(named) / len(opened) < 0.56
    for pair in named:
        adjective = language.adjective(world.facts[pair.clip].side(pair.target).emotion)
        assert pair.prompt.endswith(f" is {adjective}?")


def test_the_first_pairs_keep_the_shares_of_all_kinds(biased):
    options = Pairs(yes_no=1, agreement=0.3, emotions=0.2)
    kept = first_pairs(pairs(biased.clips, biased.cues, options, seed=1).pairs, 250, options)
    kinds = Counter(
        next((mark for mark in ("yes_no", "agreement", "emotion_") if mark in pair.id), "open")
        for pair in kept
    )
    assert kinds == {"open": 100, "yes_no": 100, "agreement": 30, "emotion_": 20}


def test_the_positive_control_holds_true_answers_in_the_tested_form_alone(biased):
    made = pairs(biased.clips[:60], biased.cues, Pairs(tested=3), seed=1).pairs
    assert len(made) == len({pair.id for pair in made}) == 3 * 2 * 60
    yes = 0
    for pair in made:
        question, _, choices = pair.prompt.partition(" (A) ")
        claim = readback.asked(question)
        side = biased.facts[pair.clip].side(pair.target)
        assert claim is not None
        assert claim.emotion == side.emotion
        says_yes = dict(zip("AB", choices.split(" (B) "), strict=True))[pair.chosen] == "Yes"
        assert says_yes == (claim.cues[0] in side.supporting)
        assert {pair.chosen, pair.spurious} == {"A", "B"}
        yes += says_yes
    assert 0.4 < yes / len(made) < 0.62


def test_any_replacement_will_do_where_falsifying_is_not_asked_for(biased):
    made = pairs(
        biased.clips, biased.cues, Pairs(yes_no=1.0, corruption="noise", falsifying=False), seed=1
    ).pairs
    no = [pair for pair in made if pair.chosen.startswith("No")]
    assert {getattr(pair.corruption, pair.target).kind for pair in no} == {"noise"}
    assert all(
        verdict_holds(pair.prompt, pair.chosen, under(pair, relevant(pair), biased.facts)) for pair in no
    )


def test_the_first_pairs_keep_the_share_of_yes_and_no(biased):
    options = Pairs(yes_no=0.5)
    kept = first_pairs(pairs(biased.clips, biased.cues, options, seed=1).pairs, 300, options)
    asked = [pair for pair in kept if pair.chosen.startswith(("Yes", "No"))]
    assert (len(kept), len(asked)) == (300, 100)
    assert sum(pair.chosen.startswith("Yes") for pair in asked) == 50


def test_replacements_are_of_the_same_split_and_mostly_of_the_same_person(biased):
    made = pairs(biased.clips, biased.cues, Pairs(), seed=1).pairs
    same = []
    for pair in made:
        for corruption in (pair.corruption.audio, pair.corruption.video):
            assert corruption is not None
            assert corruption.clip not in (None, pair.clip)
            other, own = biased.facts[str(corruption.clip)].clip, biased.facts[pair.clip].clip
            assert other.split == own.split
            same.append(other.attributes["identity"] == own.attributes["identity"])
    assert sum(same) > 0.95 * len(same)


def test_most_replacements_are_mutual_and_bear_no_cited_cue_anywhere(biased):
    made = pairs(biased.clips, biased.cues, Pairs(), seed=1).pairs
    counts = of_pairs(made)["replacements"]
    assert counts["mutual"] > 0.9 * len(made)
    assert sum(counts.values()) == len(made)
    for pair in made:
        for modality in relevant(pair):
            side = biased.facts[getattr(pair.corruption, modality).clip].side(modality)
            cited = {name for name, kind in BY_NAME.items() if kind.modality == modality
                     and any(wording in pair.chosen for wording in kind.wordings)}  # fmt: skip
            assert cited.isdisjoint({*side.supporting, *side.displaced})


def test_mutual_replacements_are_counted_by_the_media_that_an_answer_is_about():
    def pair(clip, target, audio, video=None):
        audio, video = (name and Corruption(kind="clip", clip=name) for name in (audio, video))
        return PreferencePair(
            id=f"{clip}/{target}", clip=clip, target=target, prompt="Why?", chosen="a", spurious="b",
            corruption=Corruptions(audio=audio, video=video), made_by=Provenance(recipe="x", version="0"),
        )  # fmt: skip

    there, back = pair("one", "video", "three", "two"), pair("two", "audio", "one")
    aside = pair("three", "video", "one", "four")
    assert of_pairs([there, back, aside])["replacements"] == {"mutual": 2, "one way": 1}


def test_without_a_valid_replacement_there_is_none_and_a_reason(biased):
    one = [biased.clips[0]]
    for pair in pairs(one, biased.cues, Pairs(), seed=1).pairs:
        assert (pair.corruption.audio, pair.corruption.video) == (None, None)
        assert "nothing at hand" in str(pair.corruption.reason)


def test_answers_of_a_record_match_in_length_and_style(made):
    for pair in made:
        answers = (pair.chosen, str(pair.spurious), str(pair.hallucinated))
        assert len({len(answer.split()) for answer in answers}) == 1
        letters = [len(answer) for answer in answers]
        assert max(letters) <= 1.35 * min(letters)
        forms = {tuple(claim.modality for claim in readback.claims(answer)) for answer in answers}
        assert len(forms) == 1


def test_rejected_answers_are_not_longer_than_chosen_ones(made):
    longer = sum(len(str(p.hallucinated)) - len(p.chosen) for p in made) / len(made)
    assert abs(longer) < 1


@pytest.mark.parametrize("role", ["spurious", "hallucinated"])
def test_length_and_style_do_not_tell_the_chosen_answer(world, role):
    """A classifier that sees everything but the words stays near chance on other clips."""
    made = pairs(world.clips, world.cues, Pairs(), seed=1).pairs
    texts = [text for pair in made for text in (pair.chosen, str(getattr(pair, role)))]
    features = np.array([style(text) for text in texts])
    chosen = np.arange(len(texts)) % 2 == 0
    groups = np.arange(len(texts)) // 2
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    right = cross_val_score(model, features, chosen, groups=groups, cv=GroupKFold(5))
    assert right.mean() < 0.55


def style(text):
    words = text.split()
    vowels = sum(letter in "aeiou" for letter in text)
    return [len(text), len(words), max(map(len, words)), len(words[-1]), vowels, text.count(" and ")]


def test_nothing_that_is_held_back_for_testing_is_used(made):
    templates = [four[language.UNSEEN_TEMPLATE] for four in language.DESCRIBE.values()]
    prompts = {pair.prompt for pair in made}
    assert not prompts & set(templates)
    for pair in made:
        text = f"{pair.prompt} {pair.chosen} {pair.spurious} {pair.hallucinated}"
        assert not any(wording in text for wording in FORBIDDEN)
        asked = readback.asked(pair.prompt)
        if asked is not None:
            adjectives = [
                language.stress(asked.cues[0], asked.emotion, w, t) for w in range(3) for t in range(4)
            ]
            assert pair.prompt not in adjectives


def test_open_pairs_hold_no_yes_no_and_no_letters(biased):
    for pair in pairs(biased.clips, biased.cues, Pairs(), seed=1).pairs:
        assert not pair.chosen.startswith(("Yes", "No"))
        assert "(A)" not in pair.prompt


def test_rejected_answers_cite_what_their_names_say(world):
    for pair in pairs(world.clips, world.cues, Pairs(two_cues=0.0), seed=1).pairs:
        if pair.target == "audiovisual":
            continue
        side = world.facts[pair.clip].side(pair.target)
        (spurious,), (hallucinated,) = (
            readback.claims(str(pair.spurious)),
            readback.claims(str(pair.hallucinated)),
        )
        assert spurious.cues[0] in (side.displaced or side.plain)
        assert hallucinated.cues[0] in side.absent(side.emotion)
        assert hallucinated.emotion == side.emotion


def test_an_audiovisual_reject_names_the_emotions_of_the_chosen_answer(balanced):
    """Else words alone would tell it: face and voice of a clip mostly agree."""
    for pair in pairs(balanced.clips, balanced.cues, Pairs(), seed=1).pairs:
        if pair.target == "audiovisual":
            answers = (pair.chosen, str(pair.spurious), str(pair.hallucinated))
            assert len({tuple(claim.emotion for claim in readback.claims(answer)) for answer in answers}) == 1


@pytest.mark.parametrize(("rejects", "wrong"), [("one", {1}), ("both", {1, 2})])
def test_an_audiovisual_reject_is_wrong_about_one_or_both(balanced, rejects, wrong):
    options = Pairs(audiovisual_rejects=rejects)
    counts: Counter[int] = Counter()
    for pair in pairs(balanced.clips, balanced.cues, options, seed=1).pairs:
        if pair.target == "audiovisual":
            right = readback.claims(pair.chosen)
            counts[
                sum(a != b for a, b in zip(right, readback.claims(str(pair.hallucinated)), strict=True))
            ] += 1
    assert set(counts) == wrong
