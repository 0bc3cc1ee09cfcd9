"""The days of a town: what kind of day each is, and reading them from the database."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert

from app import db
from app.models.town import Closure, HolidayKind, PublicHoliday, SchoolHoliday, SchoolZone, Structure, Town
from app.models.town.calendar import LONGEST_SEARCH, Calendar, Span

ALSH, GARDERIE = 1, 2
SPRING = Span(date(2015, 4, 11), date(2015, 4, 26), HolidayKind.SHORT)
SUMMER = Span(date(2015, 7, 4), date(2015, 8, 31), HolidayKind.LONG)
CALENDAR = Calendar(
    holidays=(SPRING, SUMMER),
    public={date(2015, 4, 6): "Lundi de Pâques", date(2015, 5, 1): "Fête du Travail"},
    closures=(
        Span(date(2015, 5, 14), date(2015, 5, 15), "Pont de l’Ascension"),
        Span(date(2015, 6, 1), date(2015, 6, 5), "Travaux", ALSH),
    ),
)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2015, 4, 10), None),
        (date(2015, 4, 11), HolidayKind.SHORT),
        (date(2015, 4, 19), HolidayKind.SHORT),
        (date(2015, 4, 26), HolidayKind.SHORT),
        (date(2015, 4, 27), None),
        (date(2015, 7, 3), None),
        (date(2015, 7, 4), HolidayKind.LONG),
        (date(2015, 8, 31), HolidayKind.LONG),
        (date(2015, 9, 1), None),
    ],
)
def test_holidays_go_from_the_first_day_without_school_to_the_last(day, kind):
    assert CALENDAR.holiday(day) is kind


@pytest.mark.parametrize(
    ("day", "working", "school"),
    [
        (date(2015, 5, 4), True, True),  # Monday
        (date(2015, 5, 5), True, True),
        (date(2015, 5, 6), True, False),  # Wednesday
        (date(2015, 5, 7), True, True),
        (date(2015, 5, 8), True, True),  # a Friday: this calendar does not know it as a public holiday
        (date(2015, 5, 9), False, False),
        (date(2015, 5, 10), False, False),
        (date(2015, 5, 1), False, False),  # public holiday
        (date(2015, 4, 6), False, False),
        (date(2015, 4, 13), True, False),  # in the holidays, offices work
        (date(2015, 7, 7), True, False),
        (date(2015, 5, 14), True, True),  # a closure of a structure is neither
    ],
)
def test_working_days_and_days_with_school(day, working, school):
    assert CALENDAR.is_working_day(day) is working
    assert CALENDAR.is_school_day(day) is school


@pytest.mark.parametrize(
    ("day", "at_alsh", "at_garderie"),
    [
        (date(2015, 5, 13), None, None),
        (date(2015, 5, 14), "Pont de l’Ascension", "Pont de l’Ascension"),
        (date(2015, 5, 15), "Pont de l’Ascension", "Pont de l’Ascension"),
        (date(2015, 5, 16), None, None),
        (date(2015, 6, 1), "Travaux", None),
        (date(2015, 6, 5), "Travaux", None),
        (date(2015, 6, 6), None, None),
    ],
)
def test_a_closure_is_of_one_structure_or_of_all(day, at_alsh, at_garderie):
    assert CALENDAR.closure(day, ALSH) == at_alsh
    assert CALENDAR.closure(day, GARDERIE) == at_garderie


def test_an_empty_calendar_knows_the_week_alone():
    monday, wednesday, sunday = date(2026, 7, 13), date(2026, 7, 15), date(2026, 7, 19)
    assert [Calendar().is_working_day(day) for day in (monday, wednesday, sunday)] == [True, True, False]
    assert [Calendar().is_school_day(day) for day in (monday, wednesday, sunday)] == [True, False, False]
    assert Calendar().holiday(monday) is None
    assert Calendar().closure(monday, ALSH) is None


# From the database


@pytest.fixture
def structures(app):
    """Two structures' ids, in a town whose calendar is empty."""
    with app.app_context():
        with db.transaction() as writing:
            for table in (SchoolHoliday, PublicHoliday, Closure):
                writing.execute(delete(table))
            made = [Structure(name=name) for name in ("Ici, pour ce test", "Là, pour ce test")]
            writing.add_all(made)
            writing.flush()
            numbers = [structure.id for structure in made]
        yield numbers


def write(*rows) -> None:
    with db.transaction() as writing:
        writing.add_all(rows)


def spring(zone: SchoolZone, first: date) -> SchoolHoliday:
    last = first + timedelta(days=15)
    return SchoolHoliday(zone=zone, name="Printemps", kind=HolidayKind.SHORT, first_day=first, last_day=last)


MAY = (date(2015, 5, 1), date(2015, 5, 31))


def test_it_reads_what_the_tables_hold(structures):
    here, there = structures
    write(
        SchoolHoliday(
            zone=SchoolZone.A,
            name="Vacances d’été",
            kind=HolidayKind.LONG,
            first_day=date(2015, 5, 30),
            last_day=date(2015, 8, 31),
        ),
        PublicHoliday(day=date(2015, 5, 8), name="Fête de la Victoire"),
        Closure(structure_id=None, first_day=date(2015, 5, 15), last_day=date(2015, 5, 15), reason="Pont"),
        Closure(structure_id=here, first_day=date(2015, 4, 20), last_day=date(2015, 5, 4), reason="Travaux"),
    )
    calendar = Calendar.between(*MAY)
    assert calendar.holiday(date(2015, 5, 29)) is None
    assert calendar.holiday(date(2015, 5, 30)) is HolidayKind.LONG
    assert calendar.public == {date(2015, 5, 8): "Fête de la Victoire"}
    assert [calendar.closure(date(2015, 5, 15), number) for number in structures] == ["Pont", "Pont"]
    assert [calendar.closure(date(2015, 5, 4), number) for number in structures] == ["Travaux", None]
    assert calendar.closure(date(2015, 5, 5), here) is None
    assert there != here


def test_it_keeps_to_the_zone_of_the_town(structures):
    write(
        spring(SchoolZone.A, date(2015, 4, 11)),
        spring(SchoolZone.B, date(2015, 4, 25)),
        spring(SchoolZone.C, date(2015, 4, 18)),
    )
    april = (date(2015, 4, 1), date(2015, 4, 30))
    seen = {}
    for zone in SchoolZone:
        with db.transaction():
            Town.current().school_zone = zone
        calendar = Calendar.between(*april)
        seen[zone] = [day for day in range(1, 31) if calendar.holiday(date(2015, 4, day))]
    assert seen == {
        SchoolZone.A: list(range(11, 27)),
        SchoolZone.B: list(range(25, 31)),
        SchoolZone.C: list(range(18, 31)),
    }


def test_it_takes_what_touches_either_end_and_nothing_after(structures):
    here, _ = structures
    write(
        Closure(structure_id=here, first_day=date(2015, 4, 30), last_day=date(2015, 5, 1), reason="first"),
        Closure(structure_id=here, first_day=date(2015, 5, 31), last_day=date(2015, 6, 9), reason="last"),
        Closure(structure_id=here, first_day=date(2015, 6, 1), last_day=date(2015, 6, 9), reason="after"),
        Closure(structure_id=here, first_day=date(2015, 4, 1), last_day=date(2015, 4, 30), reason="before"),
        PublicHoliday(day=MAY[0], name="first"),
        PublicHoliday(day=MAY[1], name="last"),
        PublicHoliday(day=MAY[1] + timedelta(days=1), name="after"),
        spring(SchoolZone.A, MAY[1]),
        spring(SchoolZone.A, MAY[1] + timedelta(days=20)),
    )
    calendar = Calendar.between(*MAY)
    assert {span.what for span in calendar.closures} == {"first", "last"}
    assert set(calendar.public.values()) == {"first", "last"}
    assert [span.first for span in calendar.holidays] == [MAY[1]]


def test_it_reaches_back_as_far_as_deadlines_search(structures):
    since = MAY[0] - timedelta(days=LONGEST_SEARCH)
    write(
        spring(SchoolZone.A, since - timedelta(days=15)),
        spring(SchoolZone.A, since - timedelta(days=16)),
        PublicHoliday(day=since, name="reached"),
        PublicHoliday(day=since - timedelta(days=1), name="too far"),
    )
    calendar = Calendar.between(*MAY)
    assert [span.last for span in calendar.holidays] == [since]
    assert list(calendar.public.values()) == ["reached"]


@pytest.mark.parametrize("rows", [1, 3, 10])
def test_it_takes_one_query(structures, count_queries, rows):
    for number in range(rows):
        day = date(2015, 5, 1 + number)
        write(
            spring(SchoolZone.A, day),
            PublicHoliday(day=day, name=f"férié {number}"),
            Closure(structure_id=structures[number % 2], first_day=day, last_day=day, reason=f"raison {number}"),
        )
    with count_queries() as sent:
        calendar = Calendar.between(*MAY)
        assert len(calendar.holidays) == len(calendar.public) == len(calendar.closures) == rows
        assert calendar.closure(date(2015, 5, 1), structures[0]) == "raison 0"
    assert len(sent) == 1


def test_while_reading_it_is_asked_once_for_days_that_are_known(structures, count_queries):
    with count_queries() as sent:
        calendar = Calendar.between(*MAY)
        assert Calendar.between(date(2015, 5, 4), date(2015, 5, 10)) is calendar
        assert Calendar.between(*MAY) is calendar
    assert len(sent) == 1
    assert Calendar.between(date(2015, 4, 30), date(2015, 5, 1)) is not calendar


def test_what_changes_is_seen_at_once_by_who_changes_it_and_by_who_reads_after(structures):
    day = date(2015, 5, 8)

    def closed() -> bool:
        return Calendar.between(*MAY).closure(day, structures[0]) is not None

    assert not closed()
    with db.transaction() as writing:
        assert not closed()
        writing.add(Closure(first_day=day, last_day=day, reason="Travaux"))
        assert closed()
        writing.execute(delete(Closure))
        assert not closed()
        writing.add(Closure(first_day=day, last_day=day, reason="Travaux"))
    assert closed()


def test_what_was_not_committed_is_not_kept(structures):
    day = date(2015, 5, 8)

    def add_and_fail() -> None:
        with db.transaction() as writing:
            writing.add(PublicHoliday(day=day, name="Fête de la Victoire"))
            assert day in Calendar.between(*MAY).public
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    assert day not in Calendar.between(*MAY).public


def test_a_new_transaction_reads_what_others_wrote(structures):
    day = date(2015, 5, 8)
    assert day not in Calendar.between(*MAY).public
    with db.engine().begin() as elsewhere:
        elsewhere.execute(insert(PublicHoliday).values(day=day, name="Fête de la Victoire"))
    db.session.rollback()
    assert day in Calendar.between(*MAY).public
