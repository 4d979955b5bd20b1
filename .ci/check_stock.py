"""Check models that are read as they come, with the library's own processors of pictures and films.

Those need torchvision, whose package is made for another torch than the tests' own; so the tests that show
pictures to such models run here, in an environment of its own.
"""

import os
import sys
import tempfile
from pathlib import Path

from _environments import ROOT, lay_over, run_command

TESTS = ("tests/models/test_stock.py", "tests/conformance/test_models.py")


def main() -> int:
    """Make an environment with torchvision and run the tests of such models in it."""
    with tempfile.TemporaryDirectory() as name:
        python = lay_over(Path(name) / "env", ("--no-deps", "-c", ROOT / "constraints.txt", "torchvision"))
        places = (Path(__file__).parent, ROOT, ROOT / "performance")
        paths = os.pathsep.join(map(str, places))
        words = ("-m", "pytest", "-q", "-rs", "-p", "_torchvision_operators", "-k", "stock")
        run_command(python, *words, *TESTS, PYTHONPATH=paths, OMP_NUM_THREADS="1")
    return 0


if __name__ == "__main__":
    sys.exit(main())
