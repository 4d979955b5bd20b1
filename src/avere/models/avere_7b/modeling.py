"""AVERE-7B for transformers: `from_pretrained`, `generate` with a cache, batches of mixed media."""

from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from transformers import Cache, GenerationMixin, LlamaModel, PreTrainedModel
from transformers import initialization as init
from transformers.modeling_outputs import BaseModelOutputWithPast, CausalLMOutputWithPast
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from avere.models.avere_7b.configuration import AvereConfig
from avere.models.avere_7b.speech import SpeechProjector
from avere.models.avere_7b.vision import VideoTransformer


class AverePreTrainedModel(PreTrainedModel):
    """What the library asks of a model: how weights begin, and which attention works."""

    config: AvereConfig
    base_model_prefix: str = "model"
    input_modalities: str | list[str] = ["video", "audio", "text"]
    supports_gradient_checkpointing: bool = True
    _no_split_modules: set[str] | list[str] | None = [
        "LlamaDecoderLayer",
        "TemporalLayer",
        "WhisperEncoderLayer",
    ]
    _skip_keys_device_placement: list[str] = ["past_key_values"]
    _supports_sdpa: bool = True
    _supports_flash_attn: bool = True
    _supports_attention_backend: bool = True

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, SpeechProjector):
            init.normal_(module.query, std=self.config.text_config.initializer_range)


class VideoEncoder(AverePreTrainedModel):
    """Videos to features of the language model."""

    main_input_name: str = "pixels"

    def __init__(self, config: AvereConfig) -> None:
        super().__init__(config)
        width, language = config.vision_config.hidden_size, config.text_config.hidden_size
        self.vision = VideoTransformer(config.vision_config, config.vision_feature_layer)
        self.projector = nn.Sequential(nn.Linear(width, language), nn.GELU(), nn.Linear(language, language))
        self.post_init()

    def forward(
        self, pixels: Float[Tensor, "videos frames colours high wide"]
    ) -> Float[Tensor, "videos features width"]:
        """Encode and project: the tokens of the first frame, then of the next."""
        features: Tensor = self.projector(self.vision(pixels)).flatten(1, 2)
        return features


class SpeechEncoder(AverePreTrainedModel):
    """Sounds, padded to 30 s, to features of the language model."""

    main_input_name: str = "mels"

    def __init__(self, config: AvereConfig) -> None:
        super().__init__(config)
        self.whisper = WhisperEncoder(config.audio_config)
        self.projector = SpeechProjector(config)
        self.post_init()

    def forward(self, mels: Float[Tensor, "sounds bins frames"]) -> Float[Tensor, "sounds features width"]:
        """Encode and project; every sound has the same number of features."""
        features: Tensor = self.projector(self.whisper(mels, return_dict=True).last_hidden_state)
        return features


class AvereModel(AverePreTrainedModel):
    """Encoders and the language model without its head."""

    def __init__(self, config: AvereConfig) -> None:
        super().__init__(config)
        self.video_encoder = VideoEncoder(config)
        self.speech_encoder = SpeechEncoder(config)
        self.language_model = LlamaModel(config.text_config)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """The language model's table of tokens."""
        table: nn.Module = self.language_model.embed_tokens
        return table

    def set_input_embeddings(self, value: Any) -> None:
        """Replace the table of tokens."""
        self.language_model.embed_tokens = value

    def embed(
        self,
        input_ids: Int64[Tensor, "rows length"],
        pixel_values_videos: Tensor | None = None,
        input_features: Tensor | None = None,
    ) -> Float[Tensor, "rows length width"]:
        """Embed tokens and put the features of media in their places, row by row.

        Raises:
            ValueError: the places of a medium are not as many as its features.
        """
        places = {
            "video": input_ids == self.config.video_token_id,
            "audio": input_ids == self.config.audio_token_id,
        }
        words: Tensor = self.get_input_embeddings()(
            input_ids.masked_fill(places["video"] | places["audio"], 0)
        )
        for kind, given, encode in (
            ("video", pixel_values_videos, self.video_encoder),
            ("audio", input_features, self.speech_encoder),
        ):
            features = words.new_empty(0, words.shape[-1]) if given is None else encode(given).flatten(0, 1)
            if int(places[kind].sum()) != len(features):
                raise ValueError(
                    f"{int(places[kind].sum())} {kind} tokens stand in the prompts, but the media give "
                    f"{len(features)}; make both with AvereProcessor, and cut no row inside a medium"
                )
            words = words.masked_scatter(places[kind].unsqueeze(-1), features.to(words.dtype))
        return words

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: Tensor | None = None,
        pixel_values_videos: Tensor | None = None,
        input_features: Tensor | None = None,
        **options: Any,
    ) -> BaseModelOutputWithPast:
        """Compute the last hidden states of prompts with media.

        Raises:
            ValueError: neither or both of ids and embeddings are given, or places and features differ.
        """
        if (input_ids is None) == (inputs_embeds is None):
            raise ValueError("give input_ids or inputs_embeds, and not both")
        if input_ids is not None:
            inputs_embeds = self.embed(input_ids, pixel_values_videos, input_features)
        found: BaseModelOutputWithPast = self.language_model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            **options,
        )
        return found


class AvereForConditionalGeneration(AverePreTrainedModel, GenerationMixin):
    """The whole model, with a head over the words of its vocabulary."""

    def __init__(self, config: AvereConfig) -> None:
        super().__init__(config)
        self.model = AvereModel(config)
        self.lm_head = nn.Linear(config.text_config.hidden_size, config.text_config.vocab_size, bias=False)
        self.post_init()

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: Tensor | None = None,
        pixel_values_videos: Tensor | None = None,
        input_features: Tensor | None = None,
        labels: Int64[Tensor, "rows length"] | None = None,
        logits_to_keep: int = 0,
        **options: Any,
    ) -> CausalLMOutputWithPast:
        """Compute logits, of the last ``logits_to_keep`` places or all (0), and the loss of labels.

        ``labels`` are -100 where nothing is to be learnt, as at all media.
        """
        outputs = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            pixel_values_videos=pixel_values_videos,
            input_features=input_features,
            **options,
        )
        logits = self.lm_head(outputs.last_hidden_state[:, -logits_to_keep:])
        vocabulary = self.config.text_config.vocab_size
        loss = None if labels is None else self.loss_function(logits, labels, vocab_size=vocabulary)
        return CausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
        )
