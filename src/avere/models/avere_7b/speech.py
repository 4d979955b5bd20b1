"""A Q-Former over windows of speech: a few queries ask each third of a second of Whisper's states.

Source: Tang et al., ICLR 2024 (SALMONN), arXiv:2310.13289. The Q-Former itself is the library's.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers import Blip2QFormerModel

from avere.models.avere_7b.configuration import AvereConfig


def cut_into_windows(
    states: Float[Tensor, "sounds frames width"], window: int, stride: int
) -> Float[Tensor, "windows window width"]:
    """Cut windows out of each sound, in order; frames that fill no whole window are left out.

    >>> frames = torch.arange(7.0).view(1, 7, 1)
    >>> cut_into_windows(frames, window=3, stride=2).squeeze(2).tolist()
    [[0.0, 1.0, 2.0], [2.0, 3.0, 4.0], [4.0, 5.0, 6.0]]
    """
    return states.unfold(1, window, stride).flatten(0, 1).transpose(1, 2)


class SpeechProjector(nn.Module):
    """States of the speech encoder to features of the language model, the same number for every sound."""

    def __init__(self, config: AvereConfig) -> None:
        super().__init__()
        asked = config.qformer_config
        self.window, self.stride = config.window, config.stride
        self.layer_norm = nn.LayerNorm(config.audio_config.d_model)
        self.query = nn.Parameter(torch.zeros(1, config.queries_per_window, asked.hidden_size))
        self.qformer = Blip2QFormerModel(asked)
        self.linear = nn.Linear(asked.hidden_size, config.text_config.hidden_size)

    def forward(
        self, states: Float[Tensor, "sounds frames width"]
    ) -> Float[Tensor, "sounds features language"]:
        """Ask every window by itself; its frames are normalised first."""
        features: Tensor = self.linear(self.ask(states)).reshape(len(states), -1, self.linear.out_features)
        return features

    def ask(self, states: Float[Tensor, "sounds frames width"]) -> Float[Tensor, "windows queries own"]:
        """Compute what the queries find in each window."""
        windows = cut_into_windows(self.layer_norm(states), self.window, self.stride)
        found: Tensor = self.qformer(
            self.query.expand(len(windows), -1, -1), encoder_hidden_states=windows
        ).last_hidden_state
        return found
