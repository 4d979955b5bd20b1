"""Other people's harnesses, one module each: ``read`` their records, and ``export`` a task for them."""

from avere import catalogue
from avere.exchange.harnesses._said import HarnessReply
from avere.exchange.harnesses._writing import Exported

PACKAGE = "avere.exchange.harnesses"

__all__ = ["PACKAGE", "Exported", "HarnessReply", "names"]


def names(able_to: type) -> dict[str, str]:
    """List the harnesses as people type them, with the modules that can read, or export for, them.

    >>> from avere.interfaces import HarnessExporter
    >>> "lmms-eval" in names(HarnessExporter), "published" in names(HarnessExporter)
    (True, False)
    """
    return {name.replace("_", "-"): name for name in catalogue.able(PACKAGE, able_to)}
