"""Build the wheel and prove that it holds every file of the packages and runs elsewhere."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("langnghe", "collectors", "nlp", "api", "alerts", "dashboards")


def main() -> None:
    """Exit with a sentence when something is missing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clean = folder / "source"
        run("git", "clone", "-q", str(ROOT), str(clean))
        run(sys.executable, "-m", "build", "--wheel", "-o", str(folder), str(clean))
        wheel = next(folder.glob("*.whl"))
        check_files(clean, wheel)
        check_command(folder, wheel)
    print("wheel: complete, and «langnghe» runs from another folder")


def check_files(source: Path, wheel: Path) -> None:
    """Compare the files git keeps with the files in the wheel."""
    listed = run("git", "-C", str(source), "ls-files", *PACKAGES).split()
    packed = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    missing, extra = set(listed) - packed, packed - set(listed)
    if missing or extra:
        sys.exit(f"wheel differs from source: missing {sorted(missing)}, extra {sorted(extra)}")


def check_command(folder: Path, wheel: Path) -> None:
    """Install the wheel beside this environment's libraries and run it from another folder."""
    site = folder / "site"
    run(
        sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(wheel)
    )
    program = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import langnghe, nlp;"
        "assert langnghe.__file__.startswith(sys.path[0]), langnghe.__file__;"
        "from langnghe.cli import main; main()"
    )
    for arguments in (["--help"], ["policy", "check"], ["init", "--home", str(folder / "home")]):
        run(sys.executable, "-c", program, str(site), *arguments, cwd=folder)


def run(*command: str, cwd: Path | None = None) -> str:
    """Run a command; stop with its output when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[:6])} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
