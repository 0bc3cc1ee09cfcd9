"""What takes long to build is built once a run, whichever process needs it first."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path


def once(shared: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """The folder that `fill` fills, in the one that the processes of a run share. Copy it before you change it."""
    folder, unfinished = shared / name, shared / f"{name}.unfinished"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            fill(unfinished)
            unfinished.rename(folder)
    return folder
