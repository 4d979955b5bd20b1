"""``python -m avere``: the command line, for launchers that start modules."""

import sys

from avere.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
