"""The losses, one module each: ``Config``, ``views(config)`` and ``loss(logps, config)``."""
