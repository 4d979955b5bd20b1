"""Drawing EmoWorld's clips: face, person, room."""
