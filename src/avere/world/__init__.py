"""EmoWorld: seeded clips, real mp4 and wav, in which the truth about every cue is known."""
