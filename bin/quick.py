"""`make quick`: the tests of what changed since the branch left main, on SQLite and without a browser."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALWAYS = "tests/test_conventions.py"


def main() -> int:
    tests = sorted({ALWAYS} | {test for path in changed() for test in tests_of(path)})
    print("Tests on SQLite:", *tests, sep="\n  ")
    command = [sys.executable, "-m", "pytest", "-n", "auto", "-k", "not postgresql", *sys.argv[1:], *tests]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def changed() -> list[str]:
    """Files that differ from where this branch left main, what is not committed included."""
    base = git("merge-base", "HEAD", "main") or ["HEAD"]
    return git("diff", "--name-only", *base) + git("ls-files", "--others", "--exclude-standard")


def git(*words: str) -> list[str]:
    """The lines that git says; none when it fails (no branch called main)."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()


def tests_of(path: str) -> list[str]:
    """The tests of the same noun: `app/blueprints/agent/requests/queue.py` → `tests/agent/requests/`."""
    place = Path(path)
    if place.name.startswith("test_") and place.parts[1] != "browser":
        return [path] if (ROOT / path).exists() else []
    if place.parts[0] != "app" or place.suffix not in (".py", ".html"):
        return []
    nouns = [noun for noun in place.with_suffix("").parts[1:] if noun not in ("blueprints", "templates", "__init__")]
    while nouns:
        *above, noun = nouns
        here = Path("tests", *above)
        if (ROOT / here / f"test_{noun}.py").exists():
            return [str(here / f"test_{noun}.py")]
        if above and (ROOT / here / noun).is_dir():  # never all of a side, nor all the models
            return [str(here / noun)]
        nouns = above
    return []


if __name__ == "__main__":
    sys.exit(main())
