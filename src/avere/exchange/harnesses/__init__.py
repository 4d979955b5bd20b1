"""Other people's harnesses, one module each: ``read`` their records, and ``export`` a task for them."""

from avere import catalogue

PACKAGE = "avere.exchange.harnesses"


def names(able_to: str = "read") -> dict[str, str]:
    """Return the harnesses as people type them and the modules that can read, or export for, them.

    >>> "lmms-eval" in names("export"), "published" in names("export")
    (True, False)
    """
    return {
        name.replace("_", "-"): name
        for name in catalogue.names(PACKAGE)
        if hasattr(catalogue.find(PACKAGE, name), able_to)
    }
