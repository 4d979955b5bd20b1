"""How questions and answers are put: of EmoWorld's face and voice, or of any person in any clip."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from avere.construct import language
from avere.construct.language import Templates
from avere.records import Modality, Target


class Wording(NamedTuple):
    """The words around cues; four templates of each question."""

    basic: Mapping[Modality, Templates]
    agreement: Templates
    describe: Mapping[Target, Templates]
    describe_named: Mapping[Target, Templates]
    """The same requests, each naming the emotion."""
    part: Mapping[Modality, str | None]
    """What shows the emotion; None = the face or the voice."""

    def stress(self, modality: Modality, emotion: str, cue: str, template: int) -> str:
        """Return the yes/no question whether a cue makes the person show an emotion."""
        return language.about(language.STRESS[template], modality, emotion, cue, self.part[modality])

    def confirm(self, modality: Modality, emotion: str, cue: str, template: int) -> str:
        """Return the same question in words that only preference pairs use."""
        return language.about(language.CONFIRM[template], modality, emotion, cue, self.part[modality])

    def ask_reason(self, target: Target, template: int, emotion: str | None) -> str:
        """Ask what shows how the person feels, or, with an emotion, what shows that one."""
        if emotion is None:
            return self.describe[target][template]
        return self.describe_named[target][template].format(emotion=language.adjective(emotion))

    def because(self, modality: Modality, emotion: str, cues: Sequence[str]) -> str:
        """Return an answer that gives cues as the reason for an emotion."""
        return language.because(modality, emotion, cues, self.part[modality])


WORLD = Wording(
    language.BASIC,
    language.AGREEMENT,
    language.DESCRIBE,
    language.DESCRIBE_NAMED,
    {"video": None, "audio": None},
)
PERSON = Wording(
    basic={
        "video": (
            "Which visible sign tells how the person feels?",
            "By what can one see how this person feels?",
            "Which of these can be seen and shows the person's feeling?",
            "Look at the person: which sign speaks for the feeling?",
        ),
        "audio": (
            "Which audible sign tells how the person feels?",
            "By what can one hear how this person feels?",
            "Which of these can be heard and shows the person's feeling?",
            "Listen to the person: which sign speaks for the feeling?",
        ),
    },
    agreement=(
        "Do the looks and the voice of the person express the same emotion?",
        "Is the emotion that can be seen also the emotion that can be heard?",
        "Do picture and sound agree on one feeling of the person?",
        "Are looks and voice of the person in emotional agreement?",
    ),
    describe={
        "video": (
            "What can be seen that shows how the person feels?",
            "Which visible sign reveals the feeling of the person?",
            "By what does the person visibly express an emotion?",
            "How can one see what this person feels?",
        ),
        "audio": (
            "What can be heard that shows how the person feels?",
            "Which audible sign reveals the feeling of the person?",
            "By what does the person audibly express an emotion?",
            "How can one hear what this person feels?",
        ),
        "audiovisual": (
            "What can be seen and heard that shows how the person feels?",
            "Which visible and audible signs reveal the feeling of the person?",
            "By what does the person visibly and audibly express an emotion?",
            "How can one see and hear what this person feels?",
        ),
    },
    describe_named={
        "video": (
            "What can be seen that shows that the person is {emotion}?",
            "Which visible sign reveals that the person is {emotion}?",
            "By what does the person visibly express being {emotion}?",
            "How can one see that this person is {emotion}?",
        ),
        "audio": (
            "What can be heard that shows that the person is {emotion}?",
            "Which audible sign reveals that the person is {emotion}?",
            "By what does the person audibly express being {emotion}?",
            "How can one hear that this person is {emotion}?",
        ),
        "audiovisual": (
            "What can be seen and heard that shows that the person is {emotion}?",
            "Which visible and audible signs reveal that the person is {emotion}?",
            "By what does the person visibly and audibly express being {emotion}?",
            "How can one see and hear that this person is {emotion}?",
        ),
    },
    part={"video": "person", "audio": "person"},
)
