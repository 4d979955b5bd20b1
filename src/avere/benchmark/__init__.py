"""Benchmarks, one module each (``questions``, ``ask``, ``options``, ``read``), and the readers of replies."""

from avere.benchmark._readers import READERS, Mark, check_reader, file_name, mark, published_row

__all__ = ["READERS", "Mark", "check_reader", "file_name", "mark", "published_row"]
