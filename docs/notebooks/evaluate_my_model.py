# %% [markdown]
# # Evaluate my model
#
# Which cues does a model name, and are they there? This notebook makes clips of EmoWorld, whose every cue is known, turns
# them into questions, puts these to a model and to one that always says yes, and writes a page that compares them.
# Run it as a script, or open it in an editor that knows cells (`# %%`). With your own clips begin at the third cell.

# %%
MODEL = "tiny"  # a folder, a hub repository such as "Qwen/Qwen2.5-Omni-7B", or "openai:MODEL@URL"
CLIPS = 40
OUT = "my-evaluation"

# %%
from pathlib import Path

from avere import api
from avere.world.make import make_world

out = Path(OUT)
make_world(CLIPS, "balanced", 1, out / "world", 8, workers=1)

# %% [markdown]
# Questions from known cues. Your own clips need `clips.jsonl` and `cues.jsonl` in a folder (`avere corpora import`).

# %%
made = api.construct(out / "world", out / "data")
print(made.to_pandas().to_string())

# %% [markdown]
# One clip, one question, in words and as log-probabilities.

# %%
clip = next((out / "world" / "media").glob("*.mp4"))
print(api.ask(MODEL, [clip], "Which emotion does the face show?").to_pandas()[["clip", "reply", "status"]].to_string())
print(api.score(MODEL, [clip], "Which emotion does the face show?", ["happy", "sad", "angry"]).to_pandas().to_string())

# %% [markdown]
# The whole benchmark. A run that was stopped goes on where it was: call the same line again.

# %%
mine = api.evaluate(MODEL, out / "data", out / "runs" / "mine", changes={"conditions": ["av", "text"]})
yes = api.evaluate("scripted:always-yes", out / "data", out / "runs" / "always-yes")
print(mine.to_pandas().query("condition == 'av'")[["measure", "value", "low", "high", "n"]].to_string())

# %%
print(api.compare(yes, mine).to_pandas().to_string())
print(api.report([yes, mine], out / "report.html"))
