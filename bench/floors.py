"""The two floors: what Flask itself costs, and what the same grid costs when it is written by hand.

The raw grid reads the rows that the planning reads, with plain SQL over one open connection, and writes the same
cells with one f-string each. It leaves out what makes a planning right: deadlines, half-days, ranks, escaping.
"""

import sqlite3
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

from flask import Flask

from app.formats import MONTHS, day_header, long_date
from app.models.planning.cell import LEGEND, CellState

LABELS = {str(state): (sign.label, sign.letter) for state, sign in LEGEND.items()}

ROWS = """
SELECT e.id, e.first_day, e.last_day, c.id, c.first_name, a.last_name || ' ' || a.first_name, s.name, y.name,
       y.id, y.weekdays, y.in_school_time, y.in_short_holidays, y.pool_id, s.id
FROM enrolment e
JOIN custody k ON k.child_id = e.child_id AND k.family_id = ?
JOIN child c ON c.id = e.child_id
JOIN adult a ON a.family_id = e.family_id AND a.rank = 1
JOIN activity y ON y.id = e.activity_id
JOIN structure s ON s.id = y.structure_id
WHERE e.first_day <= ? AND (e.last_day IS NULL OR e.last_day >= ?)
ORDER BY c.birth_date, c.id, s.name, y.position, y.name, e.id
"""
HOLIDAYS = "SELECT first_day, last_day FROM school_holiday WHERE zone = 'A' AND last_day >= ? AND first_day <= ?"
PUBLIC = "SELECT day FROM public_holiday WHERE day BETWEEN ? AND ?"
CLOSURES = "SELECT structure_id, first_day, last_day FROM closure WHERE last_day >= ? AND first_day <= ?"
FULL = "SELECT pool_id, day FROM pool_day WHERE day BETWEEN ? AND ? AND taken >= capacity + forced"
# What is known of a cell; of two, the one read last has the last word.
MARKS = """
SELECT enrolment_id, day, 'booked' FROM booking WHERE enrolment_id IN ({0}) AND day BETWEEN ?1 AND ?2
UNION ALL SELECT enrolment_id, day, iif(present, 'attended', 'absent_billed') FROM attendance
WHERE enrolment_id IN ({0}) AND day BETWEEN ?1 AND ?2
UNION ALL SELECT enrolment_id, day, CASE state WHEN 'submitted' THEN 'request_waiting' ELSE state END
FROM request_line WHERE enrolment_id IN ({0}) AND day BETWEEN ?1 AND ?2 AND state IN ('submitted', 'waiting_list')
UNION ALL SELECT enrolment_id, first_day, 'leave' FROM leave
WHERE enrolment_id IN ({0}) AND last_day >= ?1 AND first_day <= ?2
"""


def hello() -> Flask:
    bare = Flask("hello")
    bare.add_url_rule("/", view_func=lambda: "hello")
    return bare


def served(database: str, family_id: int, first: str, today: str) -> Flask:
    """Both floors for gunicorn: hello, and the raw grid as a page."""
    bare, days = hello(), (date.fromisoformat(first), date.fromisoformat(today))
    bare.add_url_rule("/grid", "grid", view_func=lambda: raw_grid(opened(Path(database)), family_id, *days))
    return bare


def opened(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(database)


def raw_grid(connection: sqlite3.Connection, family_id: int, first: date, today: date) -> str:
    """The table of the planning page."""
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    days = [first + timedelta(days=n) for n in range(last.day)]
    names = [day.isoformat() for day in days]
    span = (names[0], names[-1])
    rows = connection.execute(ROWS, (family_id, span[1], span[0])).fetchall()
    marks: dict[int, dict[str, str]] = defaultdict(dict)
    for enrolment, day, state in connection.execute(MARKS.format(",".join(str(row[0]) for row in rows)), span):
        marks[enrolment][day] = state
    held = connection.execute(HOLIDAYS, span).fetchall()
    holidays = {name for name in names if any(start <= name <= end for start, end in held)}
    public = {day for (day,) in connection.execute(PUBLIC, span)}
    closures = connection.execute(CLOSURES, span).fetchall()
    full = set(connection.execute(FULL, span))
    columns = {
        name: f"w{(day.day - 1 + first.weekday()) // 7}{' weekend' if day.weekday() > 4 else ''}"
        f"{' today' if day == today else ''}"
        for name, day in zip(names, days, strict=True)
    }
    empty: dict[int, dict[str, str]] = {}
    for row in rows:
        activity, weekdays, in_school, in_holidays, pool, structure = row[8:]
        if activity in empty:
            continue
        empty[activity] = {}
        for name, day in zip(names, days, strict=True):
            if any(where in (None, structure) and start <= name <= end for where, start, end in closures):
                state = "closed"
            elif name in public:
                state = "public_holiday"
            elif name in holidays and not in_holidays:
                state = "short_holiday"
            elif day < today or not weekdays >> day.weekday() & 1 or not (in_school or name in holidays):
                state = "not_open"
            else:
                state = "full" if (pool, name) in full else "free"
            empty[activity][name] = state
    heads = "".join(
        f'<th scope="col" class="{columns[name]}" title="{long_date(day)}">{day_header(day)}</th>\n'
        for name, day in zip(names, days, strict=True)
    )
    made = [f'<table class="planning" id="planning"><caption>Planning, {MONTHS[first.month - 1]}</caption>']
    made.append(f'<thead><tr><th scope="col">Structure</th><th scope="col">Responsable</th>{heads}</tr></thead>')
    child = None
    for row in rows:
        enrolment, since, until, child_id, child_name, responsible, structure, activity = row[:8]
        if child_id != child:
            made.append(f'<tbody><tr class="child"><th colspan="{len(days) + 2}">{child_name}</th></tr>')
            child = child_id
        made.append(f'<tr><th scope="row" class="row-head">{activity} <small>{structure}</small></th>')
        made.append(f'<td class="responsible">{responsible}</td>')
        known, otherwise = marks[enrolment], empty[row[8]]
        for name in names:
            covered = since <= name and (until is None or name <= until)
            state = known.get(name) or (otherwise[name] if covered else "not_open")
            label, letter = LABELS[state]
            said = f"{label}, {letter}" if letter[:1].isalnum() else label
            made.append(
                f'<td id="c-{enrolment}-{name}" class="{columns[name]}" data-enrolment="{enrolment}" '
                f'data-day="{name}" data-state="{state}"><a href="/inscriptions/{enrolment}/{name}" '
                f'aria-label="{said}">{letter}</a></td>\n'
            )
        made.append("</tr>")
    return "".join([*made, "</table>"])


assert set(LABELS) == {str(state) for state in CellState}
