"""School and public holidays of metropolitan France, from two packages into the calendar that agents edit.

`holidays` has the right dates since the school year 2017-18, bridges and returns to school included, but works them
out by rule and goes on beyond what the ministry has published. `vacances-scolaires-france` is the ministry's open
data since 1990: it gives the older years and says how far the published ones go; its bridges of 2023 to 2026 are
missing and some ends are a day off.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import select

from app import db
from app.models.town import HolidayKind, PublicHoliday, SchoolHoliday, SchoolZone

_DAY = timedelta(days=1)
# From this school year on the dates come from `holidays`.
_WORKED_OUT_SINCE = date(2017, 9, 1)
# Winter 2015 begins in the open data on the Friday, which had school.
_A_DAY_EARLY = (date(2015, 2, 6), date(2015, 2, 13), date(2015, 2, 20))


class Period(NamedTuple):
    """Days without school, both ends included."""

    name: str
    first: date
    last: date

    def meets(self, first: date, last: date) -> bool:
        return self.first <= last and first <= self.last


def seed(first_year: int, last_year: int) -> None:
    """Add what the calendar lacks for these years (civil, both included), inside the caller's transaction.

    Rows that are there stay as they are, whoever wrote them: holidays that share a day with a row of their zone are
    not added. Years that the ministry has not published yet get their public holidays only.
    """
    for zone in SchoolZone:
        _add_school_holidays(zone, school_holidays(zone, first_year, last_year))
    named = [{"day": day, "name": name} for day, name in public_holidays(first_year, last_year).items()]
    db.session.execute(db.insert(PublicHoliday).on_conflict_do_nothing(), named)


def school_holidays(zone: SchoolZone, first_year: int, last_year: int) -> list[Period]:
    """The published holidays of a zone that have a day in these years, each whole."""
    import holidays  # noqa: PLC0415 - the web server never needs it

    open_data = _open_data()
    years = range(first_year - 1, last_year + 2)  # Christmas and its neighbours, whole
    older = {
        day: row["nom_vacances"]
        for year in years
        if open_data.min_year <= year <= open_data.max_year
        for day, row in open_data.holidays_for_year_and_zone(year, zone.value).items()
    }
    worked_out = holidays.country_holidays(
        "FR", subdiv=f"Zone {zone.value}", years=years, categories=("school",), language="fr"
    )
    published_until = max(open_data.data)
    found = [
        *(_mended(period) for period in _periods(older) if period.first < _WORKED_OUT_SINCE),
        *(p for p in _periods(worked_out) if _WORKED_OUT_SINCE <= p.first <= published_until),
    ]
    return [period for period in found if period.meets(date(first_year, 1, 1), date(last_year, 12, 31))]


@cache
def _open_data() -> Any:
    """The ministry's dates: thirty years of days, read once for the three zones."""
    from vacances_scolaires_france import SchoolHolidayDates  # noqa: PLC0415

    return SchoolHolidayDates()


def public_holidays(first_year: int, last_year: int) -> dict[date, str]:
    """The days of these years. Alsace and Moselle have two more, which their agents add."""
    import holidays  # noqa: PLC0415

    found = holidays.country_holidays("FR", years=range(first_year, last_year + 1), language="fr")
    return {day: _in_french(name) for day, name in sorted(found.items())}


def _add_school_holidays(zone: SchoolZone, periods: Iterable[Period]) -> None:
    known = db.session.execute(
        select(SchoolHoliday.first_day, SchoolHoliday.last_day).where(SchoolHoliday.zone == zone)
    ).all()
    rows = [
        {
            "zone": zone,
            "name": period.name,
            "kind": HolidayKind.LONG if "été" in period.name else HolidayKind.SHORT,
            "first_day": period.first,
            "last_day": period.last,
        }
        for period in periods
        if not any(period.meets(first, last) for first, last in known)
    ]
    if rows:
        db.session.execute(db.insert(SchoolHoliday).on_conflict_do_nothing(), rows)


def _periods(names: Mapping[date, str]) -> Iterator[Period]:
    """Days in a row that bear one name, as one period."""
    current: Period | None = None
    for day in sorted(names):
        name = _in_french(names[day])
        if current is not None and current.name == name and current.last + _DAY == day:
            current = current._replace(last=day)
            continue
        if current is not None:
            yield current
        current = Period(name, day, day)
    if current is not None:
        yield current


def _mended(period: Period) -> Period:
    return period._replace(first=period.first + _DAY) if period.first in _A_DAY_EARLY else period


def _in_french(name: str) -> str:
    """The packages write « Vacances d'été », and « Ascension; Fête du Travail » for two on one day."""
    return name.replace("'", "’").replace("; ", " et ")
