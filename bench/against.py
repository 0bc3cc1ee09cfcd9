"""`make bench AGAINST=<commit>`: what the rows of the table below cost this checkout and that commit, side by side.

Both are run by the same interpreter, each in processes of its own and in towns that it built itself, and measured in
turn: A B, B A, A B… What counts is CPU time, which a busy machine blurs less than the clock; a ratio compares the two
measures of a turn, and the median of the ratios is what is told. `ROWS="home,static"` measures the rows whose names
hold one of these; « demo » is the demonstration.
"""

import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench import checkout, demos
from bench.answers import SIZES
from bench.checkout import Checkout, Talk

TURNS = 10
SMALL, LARGE = SIZES
GROWS = ("month page", "« Inscriptions »", "family search", "family list")
"""What is also measured in the largest town."""
Pair = tuple[Checkout, Checkout]
Times = dict[tuple[str, int], list[float]]
"""Milliseconds of each turn, by row and size of town."""


def main() -> None:
    commit, wanted = sys.argv[1], [one for one in " ".join(sys.argv[2:]).split(",") if one]
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{commit} → this folder; {os.cpu_count()} cores, load {load}", flush=True)
    with tempfile.TemporaryDirectory() as folder, checkout.laid_out(commit, Path(folder)) as pair:
        if not wanted or not set(wanted) <= {"demo"}:
            answers(pair, wanted)
        if _is_wanted("demo", wanted):
            print_in_turn("the demonstration", in_turn(pair, demos.made, 3))


def _is_wanted(name: str, wanted: list[str]) -> bool:
    return not wanted or any(word in name for word in wanted)


def in_turn(pair: Pair, measure: Callable[[Checkout], dict[str, float]], turns: int) -> list[dict[str, list[float]]]:
    """So many figures of each name, for both: one turn to make ready, then measured A B, B A…"""
    found: list[dict[str, list[float]]] = [defaultdict(list), defaultdict(list)]
    for turn in range(-1, turns):
        for side in (0, 1) if turn % 2 else (1, 0):
            for name, figure in measure(pair[side]).items():
                if turn >= 0:
                    found[side][name].append(figure)
    return found


def answers(pair: Pair, wanted: list[str]) -> None:
    """The pages and verbs, in process."""
    script = Path(__file__).with_name("answers.py")
    with ExitStack() as stack:
        talks = [stack.enter_context(checkout.talking(one, script, str(one.data))) for one in pair]
        names, _ = (talk.hear() for talk in talks)
        rows = [name for name in names if _is_wanted(name, wanted)]
        floors = [name for name in ("hello", "raw grid") if name not in rows]
        measures = [(name, SMALL) for name in floors + rows] + [(name, LARGE) for name in rows if name in GROWS]
        _warm(talks, measures)
        times: tuple[Times, Times] = (defaultdict(list), defaultdict(list))
        for turn in range(TURNS):
            for name, size in measures:
                for side in (0, 1) if turn % 2 else (1, 0):
                    spent = talks[side].ask(f"{size} cpu {name}")
                    if spent:
                        times[side][name, size].append(statistics.median(spent))
        queries = {name: [talk.ask(f"{SMALL} queries {name}") for talk in talks] for name in rows}
    _print_rows(rows, times, queries)
    _print_growth([name for name in rows if name in GROWS], times)


def _warm(talks: list[Talk], measures: list[tuple[str, int]]) -> None:
    for name, size in measures:
        for talk in talks:
            talk.ask(f"{size} cpu {name}")


def ratio(above: list[float], below: list[float]) -> float:
    """The median of the ratios, pair by pair."""
    return statistics.median(one / other for one, other in zip(above, below, strict=True))


def _print_rows(rows: list[str], times: tuple[Times, Times], queries: dict[str, list[int]]) -> None:
    head = ("ms then", "now", "now/then", "× hello", "now", "× raw", "now", "queries", "now")
    print(f"\n{'':<26}" + "".join(f"{one:>9}" for one in head))
    for name in rows:
        then, now = (side[name, SMALL] for side in times)
        if not then:
            print(f"{name:<26}{'':63}" + "".join(f"{sent:>9}" for sent in queries[name]))
            continue
        against = [ratio(side[name, SMALL], side[floor, SMALL]) for floor in ("hello", "raw grid") for side in times]
        numbers = [statistics.median(then), statistics.median(now), ratio(now, then)]
        written = [f"{one:9.2f}" for one in numbers] + [f"{one:9.1f}" for one in against]
        print(f"{name:<26}" + "".join(written) + "".join(f"{sent or '-':>9}" for sent in queries[name]))


def _print_growth(rows: list[str], times: tuple[Times, Times]) -> None:
    print(f"\nfrom {SMALL} to {LARGE} families        × then      now")
    for name in rows:
        grown = [ratio(side[name, LARGE], side[name, SMALL]) for side in times]
        print(f"{name:<26}" + "".join(f"{one:9.2f}" for one in grown))


def print_in_turn(title: str, found: list[dict[str, list[float]]]) -> None:
    print(f"\n{title:<26}     then      now now/then")
    for name, then in found[0].items():
        now = found[1][name]
        numbers = [statistics.median(then), statistics.median(now), ratio(now, then)]
        print(f"{name:<26}" + "".join(f"{one:9.2f}" for one in numbers), flush=True)


if __name__ == "__main__":
    main()
