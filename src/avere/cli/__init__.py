"""The command line: one file a verb, found by its name."""
