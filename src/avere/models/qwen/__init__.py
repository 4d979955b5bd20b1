"""The Qwen2.5-Omni family: its files, media, positions, template and thinker."""
