"""Two states of the code beside each other: the folder that you work in, and a commit laid out in a temporary one."""

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Checkout:
    """One state of the code, and a folder for what it makes."""

    root: Path
    data: Path

    def environ(self, **changes: str) -> dict[str, str]:
        """The variables of a process that runs this code: none of the portal's but these, and kept bytecode."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PREAU_") and name not in ("PORT", "PYTHONDONTWRITEBYTECODE")
        }
        return {**inherited, "PYTHONPATH": str(self.root), **changes}

    def start(self, *command: str | Path, **options: Any) -> subprocess.Popen[str]:
        """Run Python with this code. `-P`: what stands beside a script is not imported instead of it."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        options = {"cwd": self.root, "env": self.environ(), "text": True, **quiet, **options}
        return subprocess.Popen([sys.executable, "-P", *command], **options)


@contextmanager
def laid_out(commit: str, folder: Path) -> Iterator[tuple[Checkout, Checkout]]:
    """That commit, then this folder as it stands."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    for name in ("then", "then-data", "now-data"):
        (folder / name).mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder / "then", filter="data")
    yield Checkout(folder / "then", folder / "then-data"), Checkout(ROOT, folder / "now-data")


@contextmanager
def talking(checkout: Checkout, script: Path, *arguments: str) -> Iterator["Talk"]:
    """A script that answers each line by a line of JSON."""
    log = checkout.data / f"{script.stem}.log"
    with log.open("w") as errors:
        child = checkout.start(
            script, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, bufsize=1
        )
        try:
            yield Talk(child, log)
        finally:
            child.stdin.close()
            child.wait(timeout=60)


@dataclass(frozen=True)
class Talk:
    child: subprocess.Popen[str]
    log: Path

    def hear(self) -> Any:
        line = self.child.stdout.readline()
        if not line:
            told = [one for one in self.log.read_text().splitlines() if not one.startswith("{")]
            raise RuntimeError("\n".join(told[-15:]))
        return json.loads(line)

    def ask(self, question: str) -> Any:
        print(question, file=self.child.stdin, flush=True)
        return self.hear()
