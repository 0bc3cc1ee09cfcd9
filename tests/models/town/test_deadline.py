"""Deadlines: each kind on the days where calendars are unkind, their sentences, and the laws they keep."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.clock import PARIS
from app.models.town import DeadlineKind, HolidayKind
from app.models.town.calendar import Calendar, Span
from app.models.town.deadline import DeadlineRule

DAYS, WORKING, SCHOOL = DeadlineKind.DAYS, DeadlineKind.WORKING_DAYS, DeadlineKind.SCHOOL_DAYS
WEEK, MONTH = DeadlineKind.WEEK, DeadlineKind.MONTH
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
LATE_EVENING, NOON = time(23, 59), time(12)
SECOND = timedelta(seconds=1)

# Zone A, 2025-26 and the beginning of 2026-27.
CALENDAR = Calendar(
    holidays=(
        Span(date(2025, 12, 20), date(2026, 1, 4), HolidayKind.SHORT),
        Span(date(2026, 4, 4), date(2026, 4, 19), HolidayKind.SHORT),
        Span(date(2026, 5, 14), date(2026, 5, 17), HolidayKind.SHORT),
        Span(date(2026, 7, 4), date(2026, 8, 31), HolidayKind.LONG),
        Span(date(2026, 10, 17), date(2026, 11, 1), HolidayKind.SHORT),
        Span(date(2026, 12, 19), date(2027, 1, 3), HolidayKind.SHORT),
    ),
    public={
        date(2025, 12, 25): "Noël",
        date(2026, 1, 1): "Jour de l’an",
        date(2026, 4, 6): "Lundi de Pâques",
        date(2026, 5, 1): "Fête du Travail",
        date(2026, 5, 8): "Fête de la Victoire",
        date(2026, 5, 14): "Ascension",
        date(2026, 5, 25): "Lundi de Pentecôte",
        date(2026, 7, 14): "Fête nationale",
        date(2026, 8, 15): "Assomption",
        date(2026, 11, 11): "Armistice",
        date(2026, 12, 25): "Noël",
        date(2027, 1, 1): "Jour de l’an",
    },
)


def last_day(rule: DeadlineRule, day: date, calendar: Calendar = CALENDAR) -> date:
    """The local day of the last second that is in time."""
    return (rule.deadline(day, calendar) - SECOND).date()


@pytest.mark.parametrize(
    ("kind", "count", "day", "expected"),
    [
        # Days of the calendar, whatever they are.
        (DAYS, 0, date(2026, 5, 4), date(2026, 5, 4)),
        (DAYS, 1, date(2026, 5, 4), date(2026, 5, 3)),
        (DAYS, 3, date(2026, 5, 4), date(2026, 5, 1)),
        (DAYS, 1, date(2026, 1, 1), date(2025, 12, 31)),
        (DAYS, 1, date(2028, 3, 1), date(2028, 2, 29)),
        # Working days: a Monday goes back to Friday, over public holidays, school holidays or not.
        (WORKING, 0, date(2026, 5, 4), date(2026, 5, 4)),
        (WORKING, 0, date(2026, 5, 3), date(2026, 5, 3)),
        (WORKING, 1, date(2026, 6, 8), date(2026, 6, 5)),
        (WORKING, 1, date(2026, 6, 7), date(2026, 6, 5)),
        (WORKING, 2, date(2026, 6, 8), date(2026, 6, 4)),
        (WORKING, 1, date(2026, 5, 4), date(2026, 4, 30)),
        (WORKING, 1, date(2026, 5, 11), date(2026, 5, 7)),
        (WORKING, 5, date(2026, 5, 11), date(2026, 4, 30)),
        (WORKING, 1, date(2026, 5, 15), date(2026, 5, 13)),
        (WORKING, 1, date(2026, 5, 18), date(2026, 5, 15)),
        (WORKING, 1, date(2026, 5, 26), date(2026, 5, 22)),
        (WORKING, 1, date(2026, 4, 20), date(2026, 4, 17)),
        (WORKING, 1, date(2027, 1, 4), date(2026, 12, 31)),
        (WORKING, 2, date(2026, 1, 2), date(2025, 12, 30)),
        # Days with school: Monday, Tuesday, Thursday, Friday, outside holidays.
        (SCHOOL, 0, date(2026, 7, 20), date(2026, 7, 20)),
        (SCHOOL, 1, date(2026, 6, 8), date(2026, 6, 5)),
        (SCHOOL, 1, date(2026, 6, 11), date(2026, 6, 9)),
        (SCHOOL, 1, date(2026, 6, 10), date(2026, 6, 9)),
        (SCHOOL, 2, date(2026, 6, 11), date(2026, 6, 8)),
        (SCHOOL, 1, date(2026, 5, 11), date(2026, 5, 7)),
        (SCHOOL, 1, date(2026, 5, 18), date(2026, 5, 12)),
        (SCHOOL, 1, date(2026, 4, 20), date(2026, 4, 3)),
        (SCHOOL, 2, date(2026, 4, 21), date(2026, 4, 3)),
        (SCHOOL, 1, date(2026, 9, 1), date(2026, 7, 3)),
        (SCHOOL, 1, date(2026, 7, 20), date(2026, 7, 3)),
        (SCHOOL, 1, date(2026, 1, 5), date(2025, 12, 19)),
        # Day n of the previous month, or its last one.
        (MONTH, 20, date(2026, 5, 1), date(2026, 4, 20)),
        (MONTH, 20, date(2026, 5, 31), date(2026, 4, 20)),
        (MONTH, 31, date(2026, 5, 15), date(2026, 4, 30)),
        (MONTH, 31, date(2026, 3, 15), date(2026, 2, 28)),
        (MONTH, 30, date(2028, 3, 15), date(2028, 2, 29)),
        (MONTH, 15, date(2026, 1, 10), date(2025, 12, 15)),
        (MONTH, 1, date(2026, 12, 31), date(2026, 11, 1)),
    ],
)
def test_the_last_day(kind, count, day, expected):
    assert last_day(DeadlineRule(kind, count, LATE_EVENING), day) == expected


@pytest.mark.parametrize(
    ("count", "weekday", "day", "expected"),
    [
        (1, THU, date(2026, 5, 4), date(2026, 4, 30)),
        (1, THU, date(2026, 5, 10), date(2026, 4, 30)),
        (1, THU, date(2026, 5, 11), date(2026, 5, 7)),
        (2, THU, date(2026, 5, 11), date(2026, 4, 30)),
        (1, FRI, date(2026, 5, 15), date(2026, 5, 8)),
        (1, SUN, date(2026, 5, 11), date(2026, 5, 10)),
        (1, MON, date(2026, 5, 17), date(2026, 5, 4)),
        (0, MON, date(2026, 5, 13), date(2026, 5, 11)),
        (0, FRI, date(2026, 5, 11), date(2026, 5, 15)),
        (1, THU, date(2026, 1, 5), date(2026, 1, 1)),
        # 2026 has a week 53, from 28 December to 3 January; 2027 begins on the Monday after.
        (1, WED, date(2027, 1, 4), date(2026, 12, 30)),
        (1, WED, date(2027, 1, 1), date(2026, 12, 23)),
        (2, WED, date(2027, 1, 4), date(2026, 12, 23)),
        (1, WED, date(2021, 1, 3), date(2020, 12, 23)),
    ],
)
def test_a_weekday_of_an_earlier_week(count, weekday, day, expected):
    assert last_day(DeadlineRule(WEEK, count, LATE_EVENING, weekday), day) == expected


def test_a_calendar_without_any_counted_day_still_answers():
    endless = Calendar(holidays=(Span(date(2020, 1, 1), date(2030, 1, 1), HolidayKind.LONG),))
    assert last_day(DeadlineRule(SCHOOL, 2, NOON), date(2026, 5, 4), endless) == date(2026, 5, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": DAYS, "count": -1},
        {"kind": MONTH, "count": 0},
        {"kind": MONTH, "count": 32},
        {"kind": WEEK, "count": 1, "weekday": 7},
        {"kind": WEEK, "count": 1, "weekday": -1},
    ],
)
def test_a_rule_that_names_no_day_cannot_be_written(wrong):
    with pytest.raises(ValueError, match="day"):
        DeadlineRule(**wrong, at=NOON)


# In time or late


@pytest.mark.parametrize(
    ("submitted", "in_time"),
    [
        (datetime(2026, 5, 5, 12, 0, tzinfo=PARIS), True),
        (datetime(2026, 5, 5, 12, 0, 59, 999_999, tzinfo=PARIS), True),
        (datetime(2026, 5, 5, 12, 1, tzinfo=PARIS), False),
        (datetime(2026, 5, 5, 10, 0, 59, tzinfo=UTC), True),
        (datetime(2026, 5, 5, 10, 1, tzinfo=UTC), False),
        (datetime(2026, 5, 4, 23, 0, tzinfo=PARIS), True),
        (datetime(2026, 5, 6, 0, 0, tzinfo=PARIS), False),
    ],
)
def test_the_minute_of_the_rule_is_in_time_and_the_next_second_is_not(submitted, in_time):
    assert DeadlineRule(DAYS, 1, NOON).is_met(date(2026, 5, 6), CALENDAR, submitted) is in_time


def test_the_last_minute_of_a_day_ends_at_midnight():
    rule = DeadlineRule(DAYS, 1, LATE_EVENING)
    assert rule.deadline(date(2026, 5, 6), CALENDAR) == datetime(2026, 5, 6, tzinfo=PARIS)
    assert rule.is_met(date(2026, 5, 6), CALENDAR, datetime(2026, 5, 5, 21, 59, 59, tzinfo=UTC))
    assert not rule.is_met(date(2026, 5, 6), CALENDAR, datetime(2026, 5, 5, 22, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("day", "count", "at", "until"),
    [
        # In the night to 25 October 2026 it is 2 h to 3 h twice, first in UTC+2 and then in UTC+1.
        (date(2026, 10, 26), 1, time(1, 59), datetime(2026, 10, 25, 0, 0, tzinfo=UTC)),
        (date(2026, 10, 26), 1, time(2, 30), datetime(2026, 10, 25, 1, 31, tzinfo=UTC)),
        (date(2026, 10, 26), 1, time(3, 0), datetime(2026, 10, 25, 2, 1, tzinfo=UTC)),
        (date(2026, 10, 26), 1, NOON, datetime(2026, 10, 25, 11, 1, tzinfo=UTC)),
        (date(2026, 10, 26), 2, NOON, datetime(2026, 10, 24, 10, 1, tzinfo=UTC)),
        (date(2026, 10, 25), 0, LATE_EVENING, datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
        # In the night to 29 March 2026 it is never 2 h to 3 h.
        (date(2026, 3, 30), 1, time(1, 59), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (date(2026, 3, 30), 1, time(2, 30), datetime(2026, 3, 29, 1, 31, tzinfo=UTC)),
        (date(2026, 3, 30), 1, time(3, 0), datetime(2026, 3, 29, 1, 1, tzinfo=UTC)),
        (date(2026, 3, 30), 1, NOON, datetime(2026, 3, 29, 10, 1, tzinfo=UTC)),
        (date(2026, 3, 30), 2, NOON, datetime(2026, 3, 28, 11, 1, tzinfo=UTC)),
        (date(2026, 3, 29), 0, LATE_EVENING, datetime(2026, 3, 29, 22, 0, tzinfo=UTC)),
    ],
)
def test_when_the_clocks_change(day, count, at, until):
    rule = DeadlineRule(DAYS, count, at)
    assert rule.is_met(day, CALENDAR, until - SECOND)
    assert not rule.is_met(day, CALENDAR, until)
    assert rule.deadline(day, CALENDAR).astimezone(UTC) == until


def test_an_hour_that_comes_twice_is_in_time_both_times():
    rule = DeadlineRule(DAYS, 1, time(2, 30))
    for fold in (0, 1):
        assert rule.is_met(date(2026, 10, 26), CALENDAR, datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=PARIS))
    before_the_second_time = datetime(2026, 10, 25, 2, 45, fold=0, tzinfo=PARIS)
    assert rule.is_met(date(2026, 10, 26), CALENDAR, before_the_second_time)
    assert not rule.is_met(date(2026, 10, 26), CALENDAR, before_the_second_time.replace(fold=1))
    assert rule.sentence(date(2026, 10, 26), CALENDAR) == "jusqu’au dimanche 25 octobre 2026 à 2\u00a0h\u00a030"


def test_an_hour_that_does_not_exist_is_said_as_the_clocks_show_it():
    sentence = DeadlineRule(DAYS, 1, time(2, 30)).sentence(date(2026, 3, 30), CALENDAR)
    assert sentence == "jusqu’au dimanche 29 mars 2026 à 3\u00a0h\u00a030"


# In French


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        (DeadlineRule(SCHOOL, 1, NOON), date(2026, 9, 3), "jusqu’au mardi 1er septembre 2026 à 12\u00a0h\u00a000"),
        (DeadlineRule(DAYS, 1, LATE_EVENING), date(2015, 5, 27), "jusqu’au mardi 26 mai 2015 à 23\u00a0h\u00a059"),
        (
            DeadlineRule(WEEK, 1, LATE_EVENING, THU),
            date(2027, 1, 5),
            "jusqu’au jeudi 31 décembre 2026 à 23\u00a0h\u00a059",
        ),
        (DeadlineRule(MONTH, 31, time(8, 5)), date(2026, 3, 2), "jusqu’au samedi 28 février 2026 à 8\u00a0h\u00a005"),
        (DeadlineRule(DAYS, 0, time(0, 0)), date(2026, 8, 1), "jusqu’au samedi 1er août 2026 à 0\u00a0h\u00a000"),
    ],
)
def test_the_sentence_has_the_real_date(rule, day, expected):
    assert rule.sentence(day, CALENDAR) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (DeadlineRule(DAYS, 0, time(9)), "au plus tard le jour même, à 9 h 00"),
        (DeadlineRule(WORKING, 0, time(9)), "au plus tard le jour même, à 9 h 00"),
        (DeadlineRule(SCHOOL, 0, time(9)), "au plus tard le jour même, à 9 h 00"),
        (DeadlineRule(DAYS, 1, LATE_EVENING), "au plus tard 1 jour avant, à 23 h 59"),
        (DeadlineRule(DAYS, 3, LATE_EVENING), "au plus tard 3 jours avant, à 23 h 59"),
        (DeadlineRule(WORKING, 1, NOON), "au plus tard 1 jour ouvré avant, à 12 h 00"),
        (DeadlineRule(WORKING, 2, NOON), "au plus tard 2 jours ouvrés avant, à 12 h 00"),
        (DeadlineRule(SCHOOL, 1, NOON), "au plus tard 1 jour d’école avant, à 12 h 00"),
        (DeadlineRule(SCHOOL, 2, NOON), "au plus tard 2 jours d’école avant, à 12 h 00"),
        (DeadlineRule(WEEK, 0, NOON, MON), "au plus tard le lundi de la même semaine, à 12 h 00"),
        (DeadlineRule(WEEK, 1, LATE_EVENING, THU), "au plus tard le jeudi de la semaine précédente, à 23 h 59"),
        (DeadlineRule(WEEK, 2, LATE_EVENING, SUN), "au plus tard le dimanche 2 semaines avant, à 23 h 59"),
        (DeadlineRule(MONTH, 1, NOON), "au plus tard le 1er du mois précédent, à 12 h 00"),
        (DeadlineRule(MONTH, 20, NOON), "au plus tard le 20 du mois précédent, à 12 h 00"),
        (DeadlineRule(MONTH, 31, NOON), "au plus tard le dernier jour du mois précédent, à 12 h 00"),
    ],
)
def test_the_rule_says_itself(rule, expected):
    assert rule.rule().replace("\u00a0", " ") == expected


def test_figures_are_not_parted_from_their_units():
    assert "2\u00a0jours" in DeadlineRule(WORKING, 2, NOON).rule()
    assert "12\u00a0h\u00a000" in DeadlineRule(WORKING, 2, NOON).rule()
    assert "2\u00a0semaines" in DeadlineRule(WEEK, 2, NOON).rule()


# Laws

days = st.dates(date(2025, 9, 1), date(2027, 8, 31))
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@st.composite
def rules(draw, kinds=tuple(DeadlineKind)):
    kind = draw(st.sampled_from(kinds))
    count = draw(st.integers(1, 31) if kind is MONTH else st.integers(0, 12))
    return DeadlineRule(kind, count, draw(times), draw(st.integers(0, 6)) if kind is WEEK else 0)


@st.composite
def calendars(draw):
    spans = draw(st.lists(st.tuples(days, st.integers(0, 65)), max_size=5))
    return Calendar(
        holidays=tuple(Span(first, first + timedelta(days=more), HolidayKind.SHORT) for first, more in spans),
        public=dict.fromkeys(draw(st.lists(days, max_size=10)), "férié"),
    )


@given(rules(), days, st.integers(0, 90), calendars())
def test_a_later_day_never_has_an_earlier_deadline(rule, day, more, calendar):
    assert rule.deadline(day, calendar) <= rule.deadline(day + timedelta(days=more), calendar)


@given(rules(kinds=(DAYS, WORKING, SCHOOL)), days, calendars())
def test_days_before_are_never_after_the_day(rule, day, calendar):
    """And strictly before it as soon as one day is counted."""
    found = last_day(rule, day, calendar)
    assert found == day if rule.count == 0 else found < day


@given(rules(kinds=(MONTH,)), days, calendars())
def test_a_day_of_the_previous_month_is_in_that_month(rule, day, calendar):
    found = last_day(rule, day, calendar)
    assert (found.year * 12 + found.month) == (day.year * 12 + day.month) - 1


@given(rules(), days)
@example(DeadlineRule(MONTH, 1, NOON), date(2026, 8, 31))
@example(DeadlineRule(SCHOOL, 1, NOON), date(2026, 8, 31))
@example(DeadlineRule(WORKING, 1, NOON), date(2026, 4, 7))
def test_no_day_lies_further_after_its_deadline_than_the_rule_reaches(rule, day):
    assert day - last_day(rule, day) <= rule.reach


@given(rules(kinds=(WEEK,)), days, calendars())
def test_a_weekday_of_a_week_is_in_that_week(rule, day, calendar):
    """So it is before the day from one week on; « de la même semaine » may lie after it, on its Sunday at most."""
    found = last_day(rule, day, calendar)
    assert found.weekday() == rule.weekday
    monday = day - timedelta(days=day.weekday())
    assert found - timedelta(days=found.weekday()) == monday - timedelta(weeks=rule.count)
    assert found < day or rule.count == 0


@given(rules(kinds=(WORKING, SCHOOL)), days, days, calendars())
def test_one_more_public_holiday_never_gives_more_time(rule, day, holiday, calendar):
    more = replace(calendar, public={**calendar.public, holiday: "férié"})
    assert rule.deadline(day, more) <= rule.deadline(day, calendar)


@given(rules(kinds=(WORKING, SCHOOL)), days, days, calendars())
def test_only_counted_days_before_the_day_count(rule, day, holiday, calendar):
    assume(holiday >= day or not calendar.is_working_day(holiday))
    more = replace(calendar, public={**calendar.public, holiday: "férié"})
    assert rule.deadline(day, more) == rule.deadline(day, calendar)


@given(rules(kinds=(DAYS, WEEK, MONTH)), days, calendars())
def test_the_other_rules_do_not_look_at_the_calendar(rule, day, calendar):
    assert rule.deadline(day, calendar) == rule.deadline(day, Calendar())


@given(rules(kinds=(DAYS, WORKING, SCHOOL, WEEK)), days, calendars())
def test_asking_for_more_never_gives_more_time(rule, day, calendar):
    assert replace(rule, count=rule.count + 1).deadline(day, calendar) < rule.deadline(day, calendar)


@given(rules(kinds=(MONTH,)), days, calendars())
def test_a_later_day_of_the_month_never_gives_less_time(rule, day, calendar):
    assume(rule.count < 31)
    assert replace(rule, count=rule.count + 1).deadline(day, calendar) >= rule.deadline(day, calendar)


@given(rules(kinds=(WORKING, SCHOOL)), days, calendars())
def test_the_last_day_is_itself_a_counted_day(rule, day, calendar):
    assume(rule.count > 0)
    counts = calendar.is_working_day if rule.kind is WORKING else calendar.is_school_day
    found = last_day(rule, day, calendar)
    assert counts(found)
    between = (found + timedelta(days=n) for n in range((day - found).days))
    assert sum(map(counts, between)) == rule.count


@given(rules(), days, st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_in_time_means_before_the_deadline_in_any_zone(rule, day, submitted):
    expected = submitted < rule.deadline(day, CALENDAR).astimezone(UTC)
    assert rule.is_met(day, CALENDAR, submitted) is expected
    assert rule.is_met(day, CALENDAR, submitted.astimezone(PARIS)) is expected


@given(rules(), days, calendars())
def test_the_sentence_and_the_deadline_agree(rule, day, calendar):
    last_minute = rule.deadline(day, calendar).astimezone(UTC) - timedelta(minutes=1)
    shown = f"{last_minute.astimezone(PARIS):%H:%M}".lstrip("0").replace(":", "\u00a0h\u00a0")
    assert rule.sentence(day, calendar).endswith(f" à {shown}" if not shown.startswith("\u00a0") else f" à 0{shown}")
