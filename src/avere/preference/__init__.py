"""Preference optimisation: what a loss reads, the losses, the recipe and the trainer."""

import os

# Training tells nobody; the library reads this once, when it is first imported.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
