"""Reading what models said: pure functions from a reply to an answer, or to None and the reason."""
