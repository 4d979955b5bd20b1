"""The nouns of the project: frozen, strict records, JSONL in and out."""

from avere.records._base import MediaPath, Record
from avere.records.clips import Clip, Corruption, Cue, Medium, Modality, Shown, Target
from avere.records.judgements import Claim, ClaimVerdict, Judgement
from avere.records.questions import Corruptions, PreferencePair, Provenance, Question
from avere.records.results import MediaTokens, Prediction, Rating, Score, Skipped, Status, Verdict

__all__ = [
    "Claim",
    "ClaimVerdict",
    "Clip",
    "Corruption",
    "Corruptions",
    "Cue",
    "Judgement",
    "MediaPath",
    "MediaTokens",
    "Medium",
    "Modality",
    "Prediction",
    "PreferencePair",
    "Provenance",
    "Question",
    "Rating",
    "Record",
    "Score",
    "Shown",
    "Skipped",
    "Status",
    "Target",
    "Verdict",
]
