# %% [markdown]
# # Train on my pairs
#
# A preference pair is a prompt about a clip, an answer to prefer, and one or two that rest on a cue that is no evidence or
# not there. This notebook makes pairs from clips of EmoWorld, trains a model on them, and asks it before and after about
# clips of other people.

# %%
MODEL = "tiny"  # what the recipe below is for; "Qwen/Qwen2.5-Omni-7B" goes with the recipe avem_dpo_7b_lora
RECIPE = "avem_dpo_tiny"
CHANGES = {}  # any key of the recipe: {"loss.beta": 0.2, "optimiser.epochs": 1}
CLIPS = 40
OUT = "my-training"

# %%
from pathlib import Path

from avere import api
from avere.world.make import make_world

out = Path(OUT)
make_world(CLIPS, "biased", 1, out / "worlds" / "train", 8, workers=1)
make_world(CLIPS, "balanced", 2, out / "worlds" / "test", 8, workers=1)

# %% [markdown]
# Pairs to learn from, questions to ask. Yours: `pairs.jsonl` and `clips.jsonl` in a folder (`avere data import` reads the
# rows of other trainers, `avere data check` names every row that cannot be used).

# %%
pairs = api.construct(out / "worlds" / "train", out / "data" / "train")
test = api.construct(out / "worlds" / "test", out / "data" / "test")
print(pairs.to_pandas().to_string())

# %%
trained = api.train(
    RECIPE,
    out / "runs" / "trained",
    pairs=pairs.folder / "pairs.jsonl",
    changes={"model.source": MODEL, **CHANGES},
)
print(trained.to_pandas()[["step", "loss"]].to_string())

# %%
before = api.evaluate(MODEL, test.folder, out / "runs" / "before")
after = api.evaluate(trained.folder, test.folder, out / "runs" / "after")
print(api.compare(before, after).to_pandas()[["measure", "first", "second", "p"]].to_string())
print(api.report([before, after], out / "report.html"))
