"""The demonstration town of a checkout: what making it costs, and how soon the second `make run` shows a page."""

import http.client
import os
import shutil
import signal
import time
from pathlib import Path

from bench.checkout import Checkout
from tests import servers

LONGEST = 120
"""Seconds."""
TICK = os.sysconf("SC_CLK_TCK")


def made(checkout: Checkout) -> dict[str, float]:
    """CPU seconds of `flask demo`, then CPU seconds and seconds of `make run` until its first page."""
    folder = checkout.data / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    settings = {"PREAU_ENV": "demo", "PREAU_DATA_DIR": str(folder)}
    making = checkout.start("-m", "flask", "demo", env=checkout.environ(**settings))
    _, status, used = os.wait4(making.pid, 0)
    assert status == 0, f"flask demo ended with {status}"
    making.returncode = 0
    cpu, seconds = _served(checkout, settings)
    return {"flask demo, CPU s": used.ru_utime + used.ru_stime, "run, CPU s": cpu, "run, first page s": seconds}


def _served(checkout: Checkout, settings: dict[str, str]) -> tuple[float, float]:
    port = servers.free_port()
    began = time.monotonic()
    serving = checkout.start("-m", "app.demo.serve", env=checkout.environ(**settings, PORT=str(port)))
    try:
        while not _shows_a_page(port):
            assert serving.poll() is None, f"make run ended with {serving.returncode}"
            assert time.monotonic() < began + LONGEST, "no page came"
            time.sleep(0.02)
        return _cpu(serving.pid), time.monotonic() - began
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(timeout=60)


def _shows_a_page(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/connexion")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _cpu(first: int) -> float:
    """Seconds used so far by this process, those it started, and so on."""
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        number = int(stat.parent.name)
        parents[number], used[number] = int(told[1]), sum(map(int, told[11:15]))
    family, grown = {first}, True
    while grown:
        more = {number for number, parent in parents.items() if parent in family} - family
        family, grown = family | more, bool(more)
    return sum(used.get(number, 0) for number in family) / TICK
