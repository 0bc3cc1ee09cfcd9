"""Serve a town of this checkout to a browser: the first line says where, and with whose cookie. `bench/screen.py`
starts it in the folder of a checkout, and ends it by closing its input.
"""

import json
import sys
from pathlib import Path

from bench import load, towns


def main(folder: str) -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # a print of the checkout's own is no answer
    town = towns.build_town(100, Path(folder))
    with load.gunicorn("wsgi:app", town.folder) as host:
        print(json.dumps({"host": host, "cookie": town.cookie}), file=answers, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
