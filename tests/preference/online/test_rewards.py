"""Laws that every reward of the folder obeys, hand-worked values, and what becomes of a reward that fails."""

import math
import random
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avere import catalogue, settings
from avere.errors import AvereError, SettingsError
from avere.interfaces import RewardModule
from avere.preference.online.rewarding import REWARDS, RewardRecipe, reward_answer
from avere.preference.online.truth import PolicyAnswer, Truth, know_prompt
from avere.records import Claim, Clip, Cue, PreferencePair, Provenance, Shown
from avere.world.cues import BY_NAME

MADE = Provenance(version="test")
CLIP = Clip(id="c", source="emoworld", shown=Shown(audio="sadness", video="happiness"))


def cue(name: str, bearer: Any = "person") -> Cue:
    kind = BY_NAME[name]
    return Cue(
        clip="c", modality=kind.modality, name=name, text=kind.wordings[0], present=True,
        evidence_of=kind.emotion, bearer=bearer,
    )  # fmt: skip


CUES = (cue("smile"), cue("rosy"), cue("tears", "other"), cue("shirt-red"), cue("sob"), cue("ambient-rain"))
"""The face shows a smile and rosy cheeks, a poster tears; the voice sobs."""


def know(target: Any, prompt: str, chosen: str, **changes: Any) -> Truth:
    pair = PreferencePair(id="p", clip="c", target=target, prompt=prompt, chosen=chosen, made_by=MADE)
    return know_prompt(pair, CLIP, CUES).model_copy(update=changes)


FACE = know("video", "What in the face shows it?", "The face looks happy because of the broad smile.")
VOICE = know("audio", "What in the voice shows it?", "The voice sounds sad because of the broken sobs.")
BOTH = know(
    "audiovisual",
    "What shows it?",
    "The face looks happy because of the broad smile and the voice sounds sad because of the broken sobs.",
)
ASKED = know(
    "video",
    "Does the face look happy because of the crinkled eyes?",
    "No, the face looks happy because of the broad smile.",
)
WORDS = FACE.model_copy(update={"words": ("happy", "proud"), "asks_cues": False})
TRUTHS = {"face": FACE, "voice": VOICE, "both": BOTH, "asked": ASKED, "words": WORDS}
EVERYTHING = ", ".join(f"the {kind.wordings[0]}" for kind in BY_NAME.values())
GOOD = {
    "face": "The face looks happy because of the wide grin and the pink cheeks.",
    "voice": "The voice sounds sad because of the broken sobs.",
    "both": BOTH.reference,
    "asked": ASKED.reference,
    "words": "happy, proud",
}
SUM = {
    "cue_precision": {"weight": 1},
    "cue_recall": {"weight": 1},
    "bearer": {"weight": 1},
    "yes_no": {"weight": 1},
    "denial": {"weight": 1},
    "emotion_label": {"weight": 0.5},
    "form": {"weight": 0.25},
}
WHEELS = """
wheels:
  - happy: {joyful: [ecstatic], proud: [confident]}
    sad: {lonely: [abandoned]}
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tables") / "wheels.yaml"
    file.write_text(WHEELS)
    return file


def prepare(name: str, wheels: Path) -> tuple[RewardModule, Any]:
    module = catalogue.find(REWARDS, name, RewardModule)
    return module, settings.check({"wheels": wheels} if name == "wheel_f1" else {}, module.Config, "test")


every_reward = pytest.mark.parametrize("name", catalogue.names(REWARDS))
every_truth = pytest.mark.parametrize("what", TRUTHS)


@every_reward
@every_truth
def test_an_empty_answer_and_a_list_of_every_cue_score_low(name: str, what: str, wheels: Path) -> None:
    module, config = prepare(name, wheels)
    for text in ("", "  \n", EVERYTHING):
        value = module.reward(PolicyAnswer(text), TRUTHS[what], config)
        assert value is None or value <= 0.15, text[:20]


@every_reward
@every_truth
def test_a_good_answer_earns_all(name: str, what: str, wheels: Path) -> None:
    module, config = prepare(name, wheels)
    value = module.reward(PolicyAnswer(GOOD[what]), TRUTHS[what], config)
    halved = name == "cue_recall" and what in {"both", "asked"}  # of the face's two cues they name one
    assert value in ({1.0, None} if not halved else {1 / 2, 2 / 3})


PHRASES = [*(kind.wordings[0] for kind in BY_NAME.values()), "happy", "sad", "no", "yes", "<think>", "¿", ""]


@every_reward
@hypothesis.settings(max_examples=12)
@given(said=st.lists(st.sampled_from(PHRASES), max_size=12), seed=st.integers(0, 9))
def test_values_are_bounded_and_free_of_order(name: str, said: list[str], seed: int, wheels: Path) -> None:
    module, config = prepare(name, wheels)
    words = [one for one in dict.fromkeys(said) if one not in {"no", "yes", "<think>"}]
    moved = random.Random(seed).sample(words, len(words))
    for truth in TRUTHS.values():
        value = module.reward(PolicyAnswer(", ".join(said)), truth, config)
        assert value is None or 0 <= value <= 1
        orders = [module.reward(PolicyAnswer("; the ".join(each)), truth, config) for each in (words, moved)]
        assert orders[0] == orders[1]


@every_reward
@every_truth
def test_whether_a_reward_applies_does_not_depend_on_the_answer(name: str, what: str, wheels: Path) -> None:
    module, config = prepare(name, wheels)
    texts = ("", "Yes.", EVERYTHING, GOOD[what], "joyful")
    values = [module.reward(PolicyAnswer(text), TRUTHS[what], config) for text in texts]
    assert len({value is None for value in values}) == 1


def test_values_are_the_ones_worked_by_hand(wheels: Path) -> None:
    def value(name: str, text: str, truth: Truth, **options: Any) -> float | None:
        module, config = prepare(name, wheels)
        return module.reward(PolicyAnswer(text), truth, config.model_copy(update=options))

    # Named: smile (supporting), tears (displaced), red shirt (plain), sob (of the other modality): 1 of 4.
    mixed = "The broad smile, the wet tears, the red shirt and the broken sobs."
    assert value("cue_precision", mixed, FACE) == 1 / 4
    assert value("cue_precision", mixed, VOICE) == 1 / 4
    assert value("cue_precision", mixed, BOTH) == 2 / 4
    assert value("cue_precision", mixed, BOTH, of="audio") == 1
    assert value("cue_precision", mixed, FACE, of="audio") is None
    # One of two shown cues; four facts are at most three for each of two.
    assert value("cue_recall", mixed, FACE) == 1 / 2
    # One cue is shown, four facts are named: 1 / max(1, 4 / 2).
    assert value("cue_recall", mixed, VOICE, most=2.0) == 1 / 2
    assert (value("bearer", mixed, FACE), value("bearer", "The pink cheeks.", FACE)) == (0, 1)
    assert value("bearer", mixed, VOICE) is None  # no sound there is somebody else's
    assert value("yes_no", "Yes, because of the broad smile.", ASKED) == 0
    assert value("denial", "No, it is the crinkled eyes.", ASKED) == 0
    assert value("denial", "No, it is the broad smile, no crinkled eyes.", ASKED) == 1
    assert value("emotion_label", "She is happy and sad.", FACE) == 0
    assert value("emotion_label", "Anything.", BOTH) is None  # face and voice show two emotions
    assert value("form", "It is it is it is it is the broad smile.", FACE) == 0
    # Level 1: {happy} is {happy}, F1 1; level 2: {joyful} against {happy, proud}, 0; 1 word of 2 costs
    # nothing.
    assert value("wheel_f1", "joyful", WORDS) == 1 / 2
    # Both levels right, six words for two: times 1.5 * 2 / 6.
    assert value("wheel_f1", "happy, proud, a, b, c, d", WORDS) == pytest.approx(1 / 2)


def test_tags_are_asked_for_where_a_recipe_says_so() -> None:
    module = catalogue.find(REWARDS, "form", RewardModule)
    told = settings.check({"tags": True}, module.Config, "test")
    good = "<think>A smile is there.</think> <answer>The broad smile.</answer>"
    assert module.reward(PolicyAnswer(good), FACE, told) == 1
    for bad in (
        "The broad smile.",
        "<answer>The broad smile.</answer>",
        good + " More.",
        good.replace("</t", "<t"),
    ):
        assert module.reward(PolicyAnswer(bad), FACE, told) == 0


def test_claims_of_a_judge_stand_in_for_the_parser() -> None:
    said = (
        Claim(text="grinning", modality="video", cue="smile", verdict="supporting"),
        Claim(text="winking", modality="video", verdict="hallucinated"),
        Claim(text="no tears", modality="video", cue="tears", verdict="denied"),
    )
    module = catalogue.find(REWARDS, "cue_precision", RewardModule)
    assert module.reward(PolicyAnswer("words that no parser knows", said), FACE, module.Config()) == 1 / 2


def test_the_sum_of_a_recipe_is_the_weighted_mean_of_what_applies() -> None:
    recipe = RewardRecipe(
        sum={"cue_precision": {"weight": 3}, "cue_recall": {"weight": 1}, "yes_no": {"weight": 9}}
    )
    found = reward_answer(PolicyAnswer("The broad smile."), FACE, recipe)
    assert found.parts == {"cue_precision": 1, "cue_recall": 1 / 2}
    assert found.value == pytest.approx((3 * 1 + 1 * 0.5) / 4)


def test_an_answer_that_evades_a_question_earns_nothing() -> None:
    """Echoes of the question and bare descriptions were the best of eight where no answer had the verdict."""
    recipe = RewardRecipe(sum=SUM)
    evasions = (
        "The face looks happy because of the broad smile.",
        "Would you name the broad smile as a reason why the face looks happy?",
        "Yes, the broad smile. No.",
        "<think>No.</think><answer>The broad smile.</answer>",
    )
    for text in evasions:
        found = reward_answer(PolicyAnswer(text), ASKED, recipe)
        assert found.value == 0.0
        assert set(found.parts.values()) == {0.0}
        assert found.parts.keys() == reward_answer(PolicyAnswer("No."), ASKED, recipe).parts.keys()
    wrong = reward_answer(
        PolicyAnswer("Yes, the face looks happy because of the broad smile."), ASKED, recipe
    )
    assert (wrong.value or 0.0) > 0.0
    for said in ("<answer>No, the broad smile.</answer>", " No, the broad smile."):
        thought = f"<think>A broad smile is there.</think>{said}"
        assert reward_answer(PolicyAnswer(thought), ASKED, recipe).parts["yes_no"] == 1.0


@every_truth
def test_no_way_to_game_single_rewards_pays_in_the_sum(what: str) -> None:
    recipe = RewardRecipe(sum=SUM)
    good = reward_answer(PolicyAnswer(GOOD[what]), TRUTHS[what], recipe).value
    tricks = ("", EVERYTHING, "Yes.", "No.", TRUTHS[what].prompt, "No, no smile and no sob.")
    assert good is not None
    for text in tricks:
        value = reward_answer(PolicyAnswer(text), TRUTHS[what], recipe).value
        assert value is not None
        assert value < good - 0.2, text[:20]


@pytest.mark.parametrize("gives", [math.nan, 2.0, -0.1, "high", None])
def test_a_reward_that_fails_is_told_or_skipped(gives: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from avere.preference.online.rewards import yes_no

    def failing(answer: object, truth: object, config: object) -> Any:
        if gives is None:
            raise KeyError("no such cue")
        return gives

    monkeypatch.setattr(yes_no, "reward", failing)
    recipe = RewardRecipe(sum={"yes_no": {"weight": 1}})
    with pytest.raises(AvereError, match=r"reward 'yes_no' (raised KeyError|gave).*on_fault=skip"):
        reward_answer(PolicyAnswer("Yes."), ASKED, recipe)
    skipped = reward_answer(PolicyAnswer("Yes."), ASKED, recipe.model_copy(update={"on_fault": "skip"}))
    assert skipped.value is None
    assert "yes_no" in str(skipped.reason)


def test_a_prompt_to_which_nothing_applies_has_no_value() -> None:
    recipe = RewardRecipe(sum={"yes_no": {"weight": 1}})
    assert reward_answer(PolicyAnswer("The broad smile."), FACE, recipe).reason == (
        "no reward of the recipe applies to this prompt"
    )


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({}, "at least 1"),
        ({"cue_precison": {"weight": 1}}, "did you mean 'cue_precision'"),
        ({"yes_no": {}}, "yes_no.weight: a number above 0 was expected, not None"),
        ({"yes_no": {"weight": math.nan}}, "a number above 0"),
        ({"yes_no": {"weight": 1, "strict": True}}, "yes_no.strict: Extra inputs"),
        ({"wheel_f1": {"weight": 1}}, "wheel_f1.wheels: Field required"),
    ],
)
def test_a_wrong_sum_is_refused_whole(given_: Any, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        settings.check({"sum": given_}, RewardRecipe, "test")
