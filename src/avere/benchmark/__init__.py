"""Benchmarks, one module each: ``questions``, ``ask``, ``options`` and ``read``."""
