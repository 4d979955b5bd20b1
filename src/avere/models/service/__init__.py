"""Models behind an API: calls, prices, budget and kept answers."""
