"""The facts of EmoWorld: which cues exist, what they are evidence of, and how they are worded.

Every wording has two words, so that answers that cite different cues have the same length.
"""

from typing import NamedTuple

from avere.records import Modality


class Kind(NamedTuple):
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
PART = {"video": "face", "audio": "voice"}

FACE = (
    Kind("smile", "video", "happiness", ("broad smile", "wide grin", "smiling mouth")),
    Kind("crinkle", "video", "happiness", ("crinkled eyes", "creased eyes", "narrowed eyes")),
    Kind("rosy", "video", "happiness", ("rosy cheeks", "pink cheeks", "glowing cheeks")),
    Kind("frown", "video", "sadness", ("downturned mouth", "drooping mouth", "sagging lips")),
    Kind("tears", "video", "sadness", ("rolling tears", "wet tears", "falling teardrops")),
    Kind("slant", "video", "sadness", ("slanted brows", "oblique eyebrows", "peaked brows")),
    Kind("teeth", "video", "anger", ("bared teeth", "clenched teeth", "gritted teeth")),
    Kind("knot", "video", "anger", ("knotted brows", "lowered eyebrows", "furrowed brow")),
    Kind("vein", "video", "anger", ("bulging vein", "swollen vein", "throbbing vein")),
    Kind("stretch", "video", "fear", ("stretched lips", "taut lips", "quivering lips")),
    Kind("sweat", "video", "fear", ("sweat drops", "sweaty forehead", "beading sweat")),
    Kind("darting", "video", "fear", ("darting eyes", "shifting pupils", "sideways glances")),
    Kind("jaw", "video", "surprise", ("dropped jaw", "gaping mouth", "round mouth")),
    Kind("arch", "video", "surprise", ("raised brows", "lifted eyebrows", "arched brows")),
    Kind("wide", "video", "surprise", ("widened eyes", "round eyes", "popping eyes")),
    Kind("tongue", "video", "disgust", ("protruding tongue", "poking tongue", "hanging tongue")),
    Kind("wrinkle", "video", "disgust", ("wrinkled nose", "scrunched nose", "crumpled nose")),
    Kind("wince", "video", "disgust", ("squeezed eye", "closed eye", "winking eye")),
    Kind("level", "video", "neutral", ("closed lips", "level mouth", "straight lips")),
    Kind("lids", "video", "neutral", ("lowered eyelids", "resting eyelids", "hooded eyes")),
    Kind("flat", "video", "neutral", ("flat brows", "level eyebrows", "resting brows")),
)
VOICE = (
    Kind("laughter", "audio", "happiness", ("ringing laughter", "laughing bursts", "merry chuckles")),
    Kind("hum", "audio", "happiness", ("bright humming", "hummed melody", "tuneful hum")),
    Kind("lilt", "audio", "happiness", ("lilting pitch", "singsong melody", "dancing intonation")),
    Kind("sob", "audio", "sadness", ("broken sobs", "sobbing breaths", "weeping sounds")),
    Kind("sigh", "audio", "sadness", ("long sigh", "heavy sigh", "deep sighing")),
    Kind("quaver", "audio", "sadness", ("quavering tone", "wavering voice", "tremulous voice")),
    Kind("growl", "audio", "anger", ("low growl", "rough growling", "snarling sound")),
    Kind("hammer", "audio", "anger", ("hammered syllables", "pounding syllables", "barked syllables")),
    Kind("harsh", "audio", "anger", ("harsh timbre", "rasping voice", "grating voice")),
    Kind("scream", "audio", "fear", ("shrill scream", "piercing shriek", "high screaming")),
    Kind("panting", "audio", "fear", ("shallow panting", "quick breaths", "hurried breathing")),
    Kind("stammer", "audio", "fear", ("stammered syllables", "stuttering speech", "repeated stammers")),
    Kind("gasp", "audio", "surprise", ("sharp gasp", "sudden inhalation", "gasping breath")),
    Kind("rise", "audio", "surprise", ("soaring pitch", "upward glide", "rising exclamation")),
    Kind("yelp", "audio", "surprise", ("short yelp", "startled squeak", "brief yelping")),
    Kind("retch", "audio", "disgust", ("gagging retch", "retching sound", "choking gag")),
    Kind("snort", "audio", "disgust", ("nasal snort", "snorting sound", "scoffing snort")),
    Kind("creak", "audio", "disgust", ("creaky drawl", "croaking voice", "creaking tone")),
    Kind("monotone", "audio", "neutral", ("monotone pitch", "flat intonation", "unvarying tone")),
    Kind("even", "audio", "neutral", ("even pace", "steady rhythm", "regular tempo")),
    Kind("soft", "audio", "neutral", ("soft breathiness", "airy timbre", "whispery tone")),
)
SHIRTS = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black")
OBJECTS = ("lamp", "plant", "clock", "books", "mug", "balloon")
AMBIENTS = ("rain", "traffic", "birds", "fan", "metronome", "bells")
PLAIN = (
    *(Kind(f"shirt-{c}", "video", None, (f"{c} shirt", f"{c} top", f"{c} clothing")) for c in SHIRTS),
    Kind("object-lamp", "video", None, ("reading lamp", "table lamp", "lit lamp")),
    Kind("object-plant", "video", None, ("potted plant", "leafy plant", "house plant")),
    Kind("object-clock", "video", None, ("wall clock", "round clock", "hanging clock")),
    Kind("object-books", "video", None, ("stacked books", "piled books", "shelved books")),
    Kind("object-mug", "video", None, ("coffee mug", "tea mug", "filled mug")),
    Kind("object-balloon", "video", None, ("toy balloon", "party balloon", "floating balloon")),
    Kind("ambient-rain", "audio", None, ("falling rain", "steady rain", "rain noise")),
    Kind("ambient-traffic", "audio", None, ("passing traffic", "street traffic", "traffic rumble")),
    Kind("ambient-birds", "audio", None, ("chirping birds", "singing birds", "bird calls")),
    Kind("ambient-fan", "audio", None, ("whirring fan", "spinning fan", "fan noise")),
    Kind("ambient-metronome", "audio", None, ("ticking metronome", "clicking metronome", "metronome ticks")),
    Kind("ambient-bells", "audio", None, ("church bells", "ringing bells", "distant bells")),
)
BY_NAME = {kind.name: kind for kind in (*FACE, *VOICE, *PLAIN)}


def typical(emotion: str, modality: Modality) -> tuple[Kind, ...]:
    """Return the cues that are evidence of an emotion in one modality.

    >>> [kind.name for kind in typical("happiness", "audio")]
    ['laughter', 'hum', 'lilt']
    """
    return tuple(kind for kind in (FACE if modality == "video" else VOICE) if kind.emotion == emotion)
