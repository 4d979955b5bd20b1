"""Many candidates in one forward: the forest and its attention; nothing here knows a family of models."""
