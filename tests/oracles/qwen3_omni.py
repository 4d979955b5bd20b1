"""What a Qwen3-Omni thinker reads alone: the library's own forward, with positions and mask of its own."""

from tests.oracles.qwen2_5_omni import MODALITIES, alone

__all__ = ["MODALITIES", "alone"]
