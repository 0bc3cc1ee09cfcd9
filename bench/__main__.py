"""`make bench`: what pages and verbs cost, as ratios to two floors taken in the same run: a bare Flask hello, and the
same grid by raw sqlite3 and f-strings.

A figure alone says what machine it was; a ratio says what the code is. See README.md beside this file.
"""

import logging
import os
import platform
import tempfile
import time
from pathlib import Path

from bench.asking import CHILDREN, DAYS, many_days
from bench.load import CLIENTS, REQUESTS, mails_per_second, rates, wire
from bench.lots import REQUESTS as REQUESTS_OF_A_LOT
from bench.lots import lots
from bench.pages import CALLS, Stopwatch, menu, one_round, pages, profile, queries
from bench.rush import PARENTS, PLACES, rushes
from bench.towns import Town, build_town

SIZES = (100, 1_000, 10_000)
ROUNDS = 5


def main() -> None:
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, load {load}")
    with tempfile.TemporaryDirectory() as folder:
        towns = [_built(size, Path(folder) / str(size)) for size in SIZES]
        watch = Stopwatch()
        for turn in range(ROUNDS):
            one_round(watch, towns[turn % 3 :] + towns[: turn % 3])  # none is always the first
        largest = towns[-1]
        _print_times(watch, queries(largest))
        _print_asking(watch, many_days(largest, watch))
        _print_wire(wire(largest))
        found = rates(largest)
        _print_rates(found)
        for town in towns:
            print(f"mails, {town.families} families: {mails_per_second(town):.0f} a second")
        _print_lot(lots(towns[1]))
        for engine, rush in rushes(Path(folder)):
            _print_rush(engine, rush, found["hello"])
        for page in (next(page for page in pages(largest) if page.name == "month page"), menu(largest)):
            print(f"\nwhere the time of the {page.name} goes (own time, cProfile)")
            print("\n".join(profile(page, largest)))


def _built(families: int, folder: Path) -> Town:
    began = time.perf_counter()
    town = build_town(families, folder)
    logging.getLogger().setLevel(logging.WARNING)
    print(f"a town of {families} families built in {time.perf_counter() - began:.1f} s")
    return town


def _print_times(watch: Stopwatch, counted: dict[str, int]) -> None:
    """A line a call: its time at each size, the ratio of the last size to the first, and to the floors."""
    hello, raw = watch.ms("hello"), watch.ms("raw grid", SIZES[-1])
    print(f"\nms, median of {CALLS * ROUNDS}; hello (Flask alone) {hello:.2f} ms")
    print(f"{'':<26}" + "".join(f"{size:>9}" for size in SIZES) + "     flat  × hello  × raw  queries")
    for name in watch.names():
        times = [watch.ms(name, size) for size in SIZES]
        ratios = f"{times[-1] / times[0]:9.2f} {times[-1] / hello:8.1f} {times[-1] / raw:6.1f}"
        print(f"{name:<26}" + "".join(f"{ms:9.2f}" for ms in times) + f"{ratios} {counted[name] or '-':>8}")


def _print_asking(watch: Stopwatch, counted: dict[str, int]) -> None:
    hello, raw = watch.ms("hello"), watch.ms("raw grid", SIZES[-1])
    print(f"\na request of {DAYS} days × {CHILDREN} children, {SIZES[-1]} families   ms  × hello  × raw  queries")
    for name, sent in counted.items():
        ms = watch.ms(name, SIZES[-1])
        print(f"{name:<52}{ms:9.1f} {ms / hello:8.0f} {ms / raw:6.0f} {sent:8}")


def _print_rush(engine: str, found: dict[str, float], hello: float) -> None:
    """Each parent is two answers: the form, and what becomes of it."""
    rate = 2 * PARENTS / found["seconds"]
    print(f"\nthe opening, {engine}: {PARENTS} parents, {PLACES} places, {CLIENTS} clients: {found['seconds']:.1f} s")
    print(f"{rate:.0f} answers a second (hello / {hello / rate:.1f}), no error page, the order of submission kept")
    times = (f"{name} {found[name]:.0f}" for name in ("median", "p99", "slowest", "form p99"))
    print(f"ms: {', '.join(times)}; a place given back while the others wait: {found['freed']:.0f}")


def _print_wire(found: dict[str, list[int]]) -> None:
    print("\nkB on the wire, headers included (Accept-Encoding: br, gzip)")
    for kind, sizes in found.items():
        print(f"{kind:<26}{sum(sizes) / 1000:9.1f}   {len(sizes)} answers")
    first_load = sum(sum(sizes) for kind, sizes in found.items() if kind != "menu")
    print(f"{'first load':<26}{first_load / 1000:9.1f}")


def _print_lot(found: dict[str, float]) -> None:
    print(f"\na lot of {REQUESTS_OF_A_LOT} requests: {found['seconds']:.1f} s, {found['accepted']:.0f} accepted")
    print(f"a parent's month page meanwhile: {found['slowest']:.0f} ms at most, of {found['looks']:.0f}\n")


def _print_rates(found: dict[str, float]) -> None:
    print(f"\nrequests a second, {CLIENTS} clients, 2 workers, {REQUESTS} requests, {SIZES[-1]} families")
    for name, rate in found.items():
        against = f"hello / {found['hello'] / rate:.1f}   raw / {found['raw grid'] / rate:.1f}"
        print(f"{name:<26}{rate:9.0f}   {against}")


main()
