"""AVERE-7B as classes of transformers: importing this package registers them with the Auto classes."""

from transformers import AutoConfig, AutoModelForMultimodalLM, AutoProcessor

from avere.models.avere_7b.configuration import AvereConfig
from avere.models.avere_7b.modeling import AvereForConditionalGeneration
from avere.models.avere_7b.processing import AvereProcessor

AutoConfig.register(AvereConfig.model_type, AvereConfig, exist_ok=True)
AutoModelForMultimodalLM.register(AvereConfig, AvereForConditionalGeneration, exist_ok=True)
AutoProcessor.register(AvereConfig, AvereProcessor, exist_ok=True)

__all__ = ["AvereConfig", "AvereForConditionalGeneration", "AvereProcessor"]
