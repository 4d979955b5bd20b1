"""Check the wheel as a stranger gets it: built, complete, installed alone and importable."""

import subprocess
import sys
import tempfile
import venv
import zipfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "avere"
ALWAYS = {"avere/py.typed", "avere/recipes/train/avem_dpo_tiny.yaml", "avere/prompts/emorealm.md"}
"""One file of each kind that is no source, so that an empty folder cannot pass."""
IMPORT = "import avere, avere.catalogue, avere.errors, sys; sys.exit(not avere.__version__)"


def run(*command: str | Path) -> None:
    """Run a command and stop everything where it fails."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def wanted() -> set[str]:
    """Return the names that the wheel must hold: every source and data file of the package."""
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(PACKAGE.parent).as_posix() for path in files}


def main() -> int:
    """Build, compare, install, import; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "env", with_pip=True)
        pip = folder / "env" / "bin" / "pip"
        run(pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ".")
        (wheel,) = folder.glob("*.whl")
        held = set(zipfile.ZipFile(wheel).namelist())
        missing = (wanted() | ALWAYS) - held
        if missing:
            print(f"the wheel lacks: {', '.join(sorted(missing))}", file=sys.stderr)
            return 1
        run(pip, "install", "--quiet", "--no-deps", wheel)
        run(folder / "env" / "bin" / "python", "-I", "-c", IMPORT)
        kinds = Counter(Path(name).suffix or Path(name).name for name in wanted())
        print(
            f"{wheel.name} holds all files: {', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
