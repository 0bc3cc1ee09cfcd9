"""Journal: who did what, when, from where."""

from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, csv_file
from app.blueprints.agent import bp
from app.clock import PARIS
from app.converters import YEARS, row_id
from app.formats import short_date
from app.models.accounts import Permission
from app.models.journal.journal import MOST_EXPORTED, PAGE, UNREADABLE, Entry, Filter
from app.models.journal.words import GROUPS

MENU = "agent.journal"

COLUMNS = (
    "Date", "Heure", "Qui", "Identifiant", "Adresse", "Action", "Dossier famille", "Concerne", "Avant", "Après",
)  # fmt: skip
ASKED = ("du", "au", "type", "qui", "famille")


@bp.get("/journal")
@access.needs(Permission.JOURNAL)
def journal() -> Answer:
    asked = _asked()
    count = asked.count()
    pages = max(1, -(-count // PAGE))
    number = min(max(1, request.args.get("page", 1, type=row_id)), pages)
    told: dict[str, Any] = {name: request.args[name] for name in ASKED if request.args.get(name)}
    return render_template(
        "agent/journal/index.html",
        asked=asked,
        groups=GROUPS,
        entries=asked.page(number),
        count=count,
        page=number,
        pages=pages,
        most=MOST_EXPORTED,
        link_to=lambda wanted: url_for(".journal", **told, page=wanted),
        csv_url=url_for(".journal_csv", **told),
    )


@bp.get("/journal.csv")
@access.needs(Permission.JOURNAL)
def journal_csv() -> Answer:
    return csv_file.answer("journal.csv", COLUMNS, (_cells(entry) for entry in _asked().export()))


def _asked() -> Filter:
    """What the address asks for; what it says wrongly is as if it said nothing."""
    told = request.args
    return Filter(
        first=told.get("du", type=_day),
        last=told.get("au", type=_day),
        group=told.get("type", ""),
        who=told.get("qui", "")[:100].strip(),
        family="".join(letter for letter in told.get("famille", "") if letter.isdecimal())[:13],
    )


def _day(typed: str) -> date:
    day = date.fromisoformat(typed)
    if day.year not in YEARS:
        raise ValueError(typed)
    return day


def _cells(entry: Entry) -> tuple[str, ...]:
    local = entry.at.astimezone(PARIS)
    before, after = ("\n".join(f"{one[0]} : {one[side]}" for one in entry.changes if one[side]) for side in (1, 2))
    return (
        short_date(local),
        f"{local:%H:%M:%S}",
        entry.who,
        entry.identifiant,
        entry.address,
        entry.what,
        entry.family,
        entry.about,
        before,
        UNREADABLE if entry.unreadable else after,
    )
