import pytest
from tests.oracles import readback

from avere.construct import language
from avere.world.cues import ADJECTIVES, BY_NAME, FACE, VOICE

KINDS = (*FACE, *VOICE)


def test_every_wording_has_two_words_and_names_one_cue():
    wordings = [wording for kind in BY_NAME.values() for wording in kind.wordings]
    assert all(len(wording.split()) == 2 for wording in wordings)
    assert len(set(wordings)) == len(wordings)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_questions_about_a_cue_are_read_back(kind):
    claim = (readback.CueClaim(kind.modality, str(kind.emotion), (kind.name,)),)
    for wording in range(3):
        for template in range(4):
            assert (
                readback.asked(language.stress(kind.name, str(kind.emotion), wording, template)),
            ) == claim
        for template in range(3):
            assert (
                readback.asked(language.confirm(kind.name, str(kind.emotion), wording, template)),
            ) == claim
        answer = language.because(kind.modality, str(kind.emotion), [kind.wordings[wording]])
        assert readback.claims(answer) == claim
        assert readback.claims(language.with_verdict("No", answer)) == claim


def test_answers_of_two_cues_and_of_two_modalities_are_read_back():
    face = language.because("video", "anger", ["bared teeth", "red shirt"])
    voice = language.because("audio", "neutral", ["even pace", "soft breathiness"])
    assert readback.claims(language.join(face, voice)) == (
        readback.CueClaim("video", "anger", ("teeth", "shirt-red")),
        readback.CueClaim("audio", "neutral", ("even", "soft")),
    )


def test_what_is_in_no_known_form_is_not_guessed():
    assert readback.claims("A smile, I think.") == ()
    assert readback.asked("Is this a smile?") is None


def test_answers_have_one_length_whichever_cue_is_cited():
    lengths = {
        len(language.because(kind.modality, emotion, [wording]).split())
        for kind in KINDS
        for wording in kind.wordings
        for emotion in ADJECTIVES
    }
    assert lengths == {9}


def test_basic_and_open_questions_name_no_emotion():
    asked = [text for four in (*language.BASIC.values(), *language.DESCRIBE.values()) for text in four]
    for word in (*ADJECTIVES, *ADJECTIVES.values()):
        assert not any(word in text.lower() for text in asked)


def test_no_two_questions_share_a_template():
    fours = [*language.BASIC.values(), *language.DESCRIBE.values(), *language.FEELING.values()]
    texts = [text for four in fours for text in four]
    texts += [*language.AGREEMENT, *language.STRESS, *language.CONFIRM]
    assert len(set(texts)) == len(texts)
