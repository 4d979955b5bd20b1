"""Asking a model why: its attention, its answers with other media, and with parts of the media covered."""

from avere.evaluate.why.attention import measure_attention
from avere.evaluate.why.grids import SHAPLEY, SWAP, grids_of_run, score_grids
from avere.evaluate.why.occlusion import Windows, map_occlusion
from avere.evaluate.why.samples import RunSample, check_model, draw_sample

__all__ = [
    "SHAPLEY",
    "SWAP",
    "RunSample",
    "Windows",
    "check_model",
    "draw_sample",
    "grids_of_run",
    "map_occlusion",
    "measure_attention",
    "score_grids",
]
