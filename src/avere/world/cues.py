"""The facts of EmoWorld: which cues exist, what they are evidence of, and how they are worded.

Every wording has two words, so that answers that cite different cues have the same length. The first cue of
an emotion and modality is its stereotype: clips show it no more often than the others, but texts that are
written from a label alone mostly name it (`avere.study.tiny_base.captions`), as people write "smile" for
happiness.
"""

from typing import NamedTuple

from avere.records import Modality


class CueType(NamedTuple):
    """One kind of fact that a clip of the world can show."""

    name: str
    modality: Modality
    emotion: str | None
    """What it is evidence of where the person bears it; None for plain facts."""
    wordings: tuple[str, str, str]


EMOTIONS = ("happiness", "sadness", "anger", "fear", "surprise", "disgust", "neutral")
ADJECTIVES = {
    "happiness": "happy",
    "sadness": "sad",
    "anger": "angry",
    "fear": "afraid",
    "surprise": "surprised",
    "disgust": "disgusted",
    "neutral": "calm",
}
PART: dict[Modality, str] = {"video": "face", "audio": "voice"}

FACE = (
    CueType("smile", "video", "happiness", ("broad smile", "wide grin", "smiling mouth")),
    CueType("crinkle", "video", "happiness", ("crinkled eyes", "creased eyes", "narrowed eyes")),
    CueType("rosy", "video", "happiness", ("rosy cheeks", "pink cheeks", "glowing cheeks")),
    CueType("frown", "video", "sadness", ("downturned mouth", "drooping mouth", "sagging lips")),
    CueType("tears", "video", "sadness", ("rolling tears", "wet tears", "falling teardrops")),
    CueType("slant", "video", "sadness", ("slanted brows", "oblique eyebrows", "peaked brows")),
    CueType("teeth", "video", "anger", ("bared teeth", "clenched teeth", "gritted teeth")),
    CueType("knot", "video", "anger", ("knotted brows", "lowered eyebrows", "furrowed brow")),
    CueType("vein", "video", "anger", ("bulging vein", "swollen vein", "throbbing vein")),
    CueType("stretch", "video", "fear", ("stretched lips", "taut lips", "quivering lips")),
    CueType("sweat", "video", "fear", ("sweat drops", "sweaty forehead", "beading sweat")),
    CueType("darting", "video", "fear", ("darting eyes", "shifting pupils", "sideways glances")),
    CueType("jaw", "video", "surprise", ("dropped jaw", "gaping mouth", "round mouth")),
    CueType("arch", "video", "surprise", ("raised brows", "lifted eyebrows", "arched brows")),
    CueType("wide", "video", "surprise", ("widened eyes", "round eyes", "popping eyes")),
    CueType("tongue", "video", "disgust", ("protruding tongue", "poking tongue", "hanging tongue")),
    CueType("wrinkle", "video", "disgust", ("wrinkled nose", "scrunched nose", "crumpled nose")),
    CueType("wince", "video", "disgust", ("squeezed eye", "closed eye", "winking eye")),
    CueType("level", "video", "neutral", ("closed lips", "level mouth", "straight lips")),
    CueType("lids", "video", "neutral", ("lowered eyelids", "resting eyelids", "hooded eyes")),
    CueType("flat", "video", "neutral", ("flat brows", "level eyebrows", "resting brows")),
)
VOICE = (
    CueType("laughter", "audio", "happiness", ("ringing laughter", "laughing bursts", "merry chuckles")),
    CueType("hum", "audio", "happiness", ("bright humming", "hummed melody", "tuneful hum")),
    CueType("lilt", "audio", "happiness", ("lilting pitch", "singsong melody", "dancing intonation")),
    CueType("sob", "audio", "sadness", ("broken sobs", "sobbing breaths", "weeping sounds")),
    CueType("sigh", "audio", "sadness", ("long sigh", "heavy sigh", "deep sighing")),
    CueType("quaver", "audio", "sadness", ("quavering tone", "wavering voice", "tremulous voice")),
    CueType("growl", "audio", "anger", ("low growl", "rough growling", "snarling sound")),
    CueType("hammer", "audio", "anger", ("hammered syllables", "pounding syllables", "barked syllables")),
    CueType("harsh", "audio", "anger", ("harsh timbre", "rasping voice", "grating voice")),
    CueType("scream", "audio", "fear", ("shrill scream", "piercing shriek", "high screaming")),
    CueType("panting", "audio", "fear", ("shallow panting", "quick breaths", "hurried breathing")),
    CueType("stammer", "audio", "fear", ("stammered syllables", "stuttering speech", "repeated stammers")),
    CueType("gasp", "audio", "surprise", ("sharp gasp", "sudden inhalation", "gasping breath")),
    CueType("rise", "audio", "surprise", ("soaring pitch", "upward glide", "rising exclamation")),
    CueType("yelp", "audio", "surprise", ("short yelp", "startled squeak", "brief yelping")),
    CueType("retch", "audio", "disgust", ("gagging retch", "retching sound", "choking gag")),
    CueType("snort", "audio", "disgust", ("nasal snort", "snorting sound", "scoffing snort")),
    CueType("creak", "audio", "disgust", ("creaky drawl", "croaking voice", "creaking tone")),
    CueType("monotone", "audio", "neutral", ("monotone pitch", "flat intonation", "unvarying tone")),
    CueType("even", "audio", "neutral", ("even pace", "steady rhythm", "regular tempo")),
    CueType("soft", "audio", "neutral", ("soft breathiness", "airy timbre", "whispery tone")),
)
SHIRTS = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black")
OBJECTS = ("lamp", "plant", "clock", "books", "mug", "balloon")
AMBIENTS = ("rain", "traffic", "birds", "fan", "metronome", "bells")
PLAIN = (
    *(CueType(f"shirt-{c}", "video", None, (f"{c} shirt", f"{c} top", f"{c} clothing")) for c in SHIRTS),
    CueType("object-lamp", "video", None, ("reading lamp", "table lamp", "lit lamp")),
    CueType("object-plant", "video", None, ("potted plant", "leafy plant", "house plant")),
    CueType("object-clock", "video", None, ("wall clock", "round clock", "hanging clock")),
    CueType("object-books", "video", None, ("stacked books", "piled books", "shelved books")),
    CueType("object-mug", "video", None, ("coffee mug", "tea mug", "filled mug")),
    CueType("object-balloon", "video", None, ("toy balloon", "party balloon", "floating balloon")),
    CueType("ambient-rain", "audio", None, ("falling rain", "steady rain", "rain noise")),
    CueType("ambient-traffic", "audio", None, ("passing traffic", "street traffic", "traffic rumble")),
    CueType("ambient-birds", "audio", None, ("chirping birds", "singing birds", "bird calls")),
    CueType("ambient-fan", "audio", None, ("whirring fan", "spinning fan", "fan noise")),
    CueType(
        "ambient-metronome", "audio", None, ("ticking metronome", "clicking metronome", "metronome ticks")
    ),
    CueType("ambient-bells", "audio", None, ("church bells", "ringing bells", "distant bells")),
)
BY_NAME = {kind.name: kind for kind in (*FACE, *VOICE, *PLAIN)}
LINES: dict[str, tuple[str, str, str]] = {
    "happiness": ("We won the big prize!", "This is the best day of all!", "They all came to my party!"),
    "sadness": ("She went away for good.", "I miss my old dog.", "Nobody came to see me."),
    "anger": ("You broke my things again!", "Stop lying to me!", "Get out of my house!"),
    "fear": ("Something is behind that door!", "Please do not leave me alone here!", "It is coming closer!"),
    "surprise": ("You are here already?", "I did not expect that!", "Where did that come from?"),
    "disgust": ("There is a hair in my soup.", "This milk has gone bad.", "Take that rotten fish away."),
    "neutral": ("The bus leaves at nine.", "The book is on the table.", "I will call you on Monday."),
}
"""What a person can be reported to say, by the emotion that the words alone suggest."""


def typical_cues(emotion: str, modality: Modality) -> tuple[CueType, ...]:
    """Return the cues that are evidence of an emotion in one modality.

    >>> [kind.name for kind in typical_cues("happiness", "audio")]
    ['laughter', 'hum', 'lilt']
    """
    return tuple(kind for kind in (FACE if modality == "video" else VOICE) if kind.emotion == emotion)


STEREOTYPES = frozenset(typical_cues(emotion, modality)[0].name for emotion in EMOTIONS for modality in PART)
"""The cue of each emotion and modality that texts name most; the others are rare in texts."""
