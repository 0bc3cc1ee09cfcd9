"""The calendar that a town starts with: published dates, added once, never over what an agent wrote."""

import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete, func, select, update

from app import db
from app.integrations import school_calendar
from app.models.town import HolidayKind, PublicHoliday, SchoolHoliday, SchoolZone
from app.models.town.calendar import Calendar
from tests.servers import ROOT

A, B, C = SchoolZone


@pytest.fixture
def empty(app):
    """A town whose calendar holds nothing."""
    with app.app_context():
        with db.transaction() as writing:
            writing.execute(delete(SchoolHoliday))
            writing.execute(delete(PublicHoliday))
        yield


def seed(first_year: int, last_year: int) -> None:
    with db.transaction():
        school_calendar.seed(first_year, last_year)


def stored(zone: SchoolZone) -> dict[str, tuple[date, date]]:
    """Holidays by name and year of their first day: « Vacances de Noël 2026 »."""
    db.session.rollback()
    rows = db.session.scalars(select(SchoolHoliday).where(SchoolHoliday.zone == zone))
    return {f"{row.name} {row.first_day.year}": (row.first_day, row.last_day) for row in rows}


def counts() -> tuple[int, int]:
    db.session.rollback()
    return tuple(db.session.scalar(select(func.count()).select_from(t)) for t in (SchoolHoliday, PublicHoliday))


# What the packages say, before any database


@pytest.mark.parametrize(
    ("zone", "winter", "spring"),
    [
        (A, (date(2027, 2, 13), date(2027, 2, 28)), (date(2027, 4, 10), date(2027, 4, 25))),
        (B, (date(2027, 2, 20), date(2027, 3, 7)), (date(2027, 4, 17), date(2027, 5, 2))),
        (C, (date(2027, 2, 6), date(2027, 2, 21)), (date(2027, 4, 3), date(2027, 4, 18))),
    ],
)
def test_the_school_year_2026_27_is_the_published_one(zone, winter, spring):
    found = school_calendar.school_holidays(zone, 2026, 2027)
    year = [tuple(period) for period in found if date(2026, 9, 1) <= period.first < date(2027, 9, 1)]
    assert year == [
        ("Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
        ("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),
        ("Vacances d’hiver", *winter),
        ("Vacances de printemps", *spring),
        ("Pont de l’Ascension", date(2027, 5, 6), date(2027, 5, 9)),
        ("Vacances d’été", date(2027, 7, 3), date(2027, 9, 1)),
    ]


@pytest.mark.parametrize(
    ("zone", "winter", "spring"),
    [
        (A, (date(2015, 2, 7), date(2015, 2, 22)), (date(2015, 4, 11), date(2015, 4, 26))),
        (B, (date(2015, 2, 21), date(2015, 3, 8)), (date(2015, 4, 25), date(2015, 5, 10))),
        (C, (date(2015, 2, 14), date(2015, 3, 1)), (date(2015, 4, 18), date(2015, 5, 3))),
    ],
)
def test_the_guide_year_is_there(zone, winter, spring):
    found = {period.name: (period.first, period.last) for period in school_calendar.school_holidays(zone, 2015, 2015)}
    assert found["Vacances d’hiver"] == winter
    assert found["Vacances de printemps"] == spring
    assert found["Vacances d’été"] == (date(2015, 7, 4), date(2015, 8, 31))


@pytest.mark.parametrize("zone", SchoolZone)
@pytest.mark.parametrize(
    ("year", "thursday"),
    [(2023, date(2023, 5, 18)), (2026, date(2026, 5, 14)), (2027, date(2027, 5, 6)), (2028, date(2028, 5, 25))],
)
def test_the_ascension_bridge_goes_from_thursday_to_sunday(zone, year, thursday):
    bridges = [p for p in school_calendar.school_holidays(zone, year, year) if p.name == "Pont de l’Ascension"]
    assert [(p.first, p.last) for p in bridges] == [(thursday, thursday + timedelta(days=3))]


@pytest.mark.parametrize("zone", SchoolZone)
def test_each_school_year_is_whole_and_in_order(zone):
    """Since 1990: nothing overlaps, and each year has its five holidays, none of them absurd."""
    periods = school_calendar.school_holidays(zone, 1990, 2028)
    for one, following in pairwise(periods):
        assert one.first <= one.last < following.first
    for start in range(2000, 2028):
        year = [p for p in periods if date(start, 9, 15) <= p.first < date(start + 1, 9, 15)]
        assert [p.name for p in year if "Pont" not in p.name] == [
            "Vacances de la Toussaint",
            "Vacances de Noël",
            "Vacances d’hiver",
            "Vacances de printemps",
            "Vacances d’été",
        ], start
        for period in year:
            length = (period.last - period.first).days + 1
            low, high = (50, 70) if "été" in period.name else (4, 4) if "Pont" in period.name else (8, 18)
            assert low <= length <= high, period


def test_nothing_is_invented_for_years_that_are_not_published():
    """One of the packages works dates out for ever: they must not reach families as if they were decided."""
    assert school_calendar.school_holidays(A, 2035, 2040) == []
    assert len(school_calendar.public_holidays(2035, 2040)) == 6 * 11


def test_public_holidays_are_those_of_metropolitan_france():
    assert school_calendar.public_holidays(2026, 2026) == {
        date(2026, 1, 1): "Jour de l’an",
        date(2026, 4, 6): "Lundi de Pâques",
        date(2026, 5, 1): "Fête du Travail",
        date(2026, 5, 8): "Fête de la Victoire",
        date(2026, 5, 14): "Ascension",
        date(2026, 5, 25): "Lundi de Pentecôte",
        date(2026, 7, 14): "Fête nationale",
        date(2026, 8, 15): "Assomption",
        date(2026, 11, 1): "Toussaint",
        date(2026, 11, 11): "Armistice",
        date(2026, 12, 25): "Noël",
    }
    assert school_calendar.public_holidays(2008, 2008)[date(2008, 5, 1)] == "Ascension et Fête du Travail"


# In the tables


def test_seeding_fills_the_three_zones_and_the_public_holidays(empty):
    seed(2026, 2027)
    assert stored(A)["Vacances d’hiver 2027"] == (date(2027, 2, 13), date(2027, 2, 28))
    assert stored(B)["Vacances d’hiver 2027"] == (date(2027, 2, 20), date(2027, 3, 7))
    assert stored(C)["Vacances d’hiver 2027"] == (date(2027, 2, 6), date(2027, 2, 21))
    assert stored(A)["Vacances de Noël 2025"] == (date(2025, 12, 20), date(2026, 1, 4))
    assert stored(A)["Vacances de Noël 2027"] == (date(2027, 12, 18), date(2028, 1, 2))
    long = db.session.scalars(select(SchoolHoliday.name).where(SchoolHoliday.kind == HolidayKind.LONG))
    assert set(long) == {"Vacances d’été"}
    days = db.session.scalars(select(PublicHoliday.day))
    assert {day.year for day in days} == {2026, 2027}
    assert counts()[1] == 22


def test_the_guide_april_as_the_planning_will_read_it(empty):
    seed(2015, 2015)
    april = Calendar.between(date(2015, 4, 1), date(2015, 4, 30))
    assert [n for n in range(1, 31) if april.holiday(date(2015, 4, n))] == list(range(11, 27))
    assert april.public[date(2015, 4, 6)] == "Lundi de Pâques"


def test_seeding_twice_changes_nothing(empty):
    seed(2026, 2027)
    before = [stored(zone) for zone in SchoolZone], counts()
    seed(2026, 2027)
    seed(2025, 2026)
    seed(2026, 2026)
    assert before[0][0].items() <= stored(A).items()
    once = counts()
    seed(2025, 2027)
    assert counts() == once
    assert len(stored(A)) == once[0] / 3


def test_what_an_agent_edited_stays_and_is_not_doubled(empty):
    seed(2026, 2027)
    moved, renamed = (date(2027, 2, 12), date(2027, 3, 1)), (date(2026, 10, 17), date(2026, 11, 1))
    with db.transaction() as writing:
        winter = (SchoolHoliday.zone == A, SchoolHoliday.first_day == date(2027, 2, 13))
        writing.execute(update(SchoolHoliday).where(*winter).values(first_day=moved[0], last_day=moved[1]))
        autumn = (SchoolHoliday.zone == A, SchoolHoliday.first_day == renamed[0])
        writing.execute(update(SchoolHoliday).where(*autumn).values(name="Automne"))
        monday = PublicHoliday.day == date(2027, 5, 17)
        writing.execute(update(PublicHoliday).where(monday).values(name="Journée de solidarité"))
    before = counts()
    seed(2026, 2028)
    assert stored(A)["Vacances d’hiver 2027"] == moved
    assert stored(A)["Automne 2026"] == renamed
    assert "Vacances de la Toussaint 2026" not in stored(A)
    assert db.session.get(PublicHoliday, date(2027, 5, 17)).name == "Journée de solidarité"
    seed(2026, 2027)
    assert len([name for name in stored(A) if name.endswith((" 2026", " 2027"))]) == 12
    assert counts()[1] == before[1] + 11


def test_what_an_agent_wrote_first_is_kept(empty):
    own = SchoolHoliday(
        zone=A, name="Été d’ici", kind=HolidayKind.LONG, first_day=date(2026, 7, 1), last_day=date(2026, 8, 30)
    )
    with db.transaction() as writing:
        writing.add(own)
        writing.add(PublicHoliday(day=date(2026, 7, 14), name="Fête du village"))
    seed(2026, 2026)
    assert stored(A)["Été d’ici 2026"] == (date(2026, 7, 1), date(2026, 8, 30))
    assert "Vacances d’été 2026" not in stored(A)
    assert "Vacances d’été 2026" in stored(B)
    assert db.session.get(PublicHoliday, date(2026, 7, 14)).name == "Fête du village"
    assert counts()[1] == 11


def test_seeding_belongs_to_the_transaction_of_its_caller(empty):
    def seed_then_fail():
        with db.transaction():
            school_calendar.seed(2026, 2026)
            raise KeyError

    with pytest.raises(KeyError):
        seed_then_fail()
    assert counts() == (0, 0)


def test_seeding_outside_a_transaction_is_refused(empty):
    with pytest.raises(RuntimeError, match="outside"):
        school_calendar.seed(2026, 2026)


def test_the_packages_are_not_loaded_before_they_are_needed():
    code = "import sys, app.integrations.school_calendar; print([name for name in sys.modules if 'holiday' in name])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
