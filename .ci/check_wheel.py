"""Check the wheel as a stranger gets it: built, complete, installed alone and importable."""

import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

from _environments import ROOT, install_packages, make_environment, run_command

PACKAGE = ROOT / "src" / "avere"
ALWAYS = {"avere/py.typed", "avere/recipes/train/avem_dpo_tiny.yaml", "avere/prompts/emorealm.md"}
"""One file of each kind that is no source, so that an empty folder cannot pass."""
IMPORT = "import avere, avere.catalogue, avere.errors, sys; sys.exit(not avere.__version__)"


def wanted() -> set[str]:
    """Return the names that the wheel must hold: every source and data file of the package."""
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(PACKAGE.parent).as_posix() for path in files}


def main() -> int:
    """Build, compare, install, import; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = make_environment(folder / "env")
        run_command(python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ".")
        (wheel,) = folder.glob("*.whl")
        held = set(zipfile.ZipFile(wheel).namelist())
        missing = (wanted() | ALWAYS) - held
        if missing:
            print(f"the wheel lacks: {', '.join(sorted(missing))}", file=sys.stderr)
            return 1
        install_packages(python, "--no-deps", wheel)
        run_command(python, "-I", "-c", IMPORT)
        kinds = Counter(Path(name).suffix or Path(name).name for name in wanted())
        print(
            f"{wheel.name} holds all files: {', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
