"""Qwen3-Omni: what differs from Qwen2.5-Omni."""
