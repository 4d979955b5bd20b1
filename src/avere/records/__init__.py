"""The nouns of the project: frozen, strict records, JSONL in and out."""

from avere.records._base import MediaPath, Record
from avere.records.clips import Clip, Corruption, Cue, Medium, Modality, Shown, Target
from avere.records.judgements import Claim, ClaimVerdict, Judgement
from avere.records.questions import Corruptions, GroupReward, PreferencePair, Provenance, Question
from avere.records.reasons import AttentionShares, MediaGrid, OcclusionMap
from avere.records.results import PASSING, MediaTokens, Prediction, Rating, Score, Skipped, Status, Verdict
from avere.records.runs import ModelInfo, RunInfo
from avere.records.samples import MinedPair, MinedReject, PolicySample

__all__ = [
    "PASSING",
    "AttentionShares",
    "Claim",
    "ClaimVerdict",
    "Clip",
    "Corruption",
    "Corruptions",
    "Cue",
    "GroupReward",
    "Judgement",
    "MediaGrid",
    "MediaPath",
    "MediaTokens",
    "Medium",
    "MinedPair",
    "MinedReject",
    "Modality",
    "ModelInfo",
    "OcclusionMap",
    "PolicySample",
    "Prediction",
    "PreferencePair",
    "Provenance",
    "Question",
    "Rating",
    "Record",
    "RunInfo",
    "Score",
    "Shown",
    "Skipped",
    "Status",
    "Target",
    "Verdict",
]
