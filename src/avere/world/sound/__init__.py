"""Sounding EmoWorld's clips: voice, events, ambience."""
