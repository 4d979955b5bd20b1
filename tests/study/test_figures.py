"""The plots of a study: every gain at its value, with its interval, under its name to the letter."""
