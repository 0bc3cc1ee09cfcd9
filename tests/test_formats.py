"""How French writes amounts, dates and durations."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import formats


@pytest.mark.parametrize(
    ("cents", "written"),
    [(12060, "120,60 €"), (-12060, "−120,60 €"), (0, "0,00 €"), (5, "0,05 €"), (-5, "−0,05 €")],
)
def test_amounts(cents, written):
    assert formats.euros(cents) == written.replace(" ", "\u00a0")


def test_thousands_are_parted_by_a_narrow_space():
    assert formats.euros(123450) == "1\u202f234,50\u00a0€"


@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_an_amount_can_be_read_back(cents):
    written = formats.euros(cents).replace("\u202f", "").replace("\u00a0€", "").replace("\u2212", "-")
    assert round(float(written.replace(",", ".")) * 100) == cents


@pytest.mark.parametrize(
    ("day", "long", "title"),
    [
        (date(2015, 5, 4), "lundi 4 mai 2015", "Lundi 4 Mai 2015"),
        (date(2026, 9, 1), "mardi 1er septembre 2026", "Mardi 1er Septembre 2026"),
        (date(2027, 8, 15), "dimanche 15 août 2027", "Dimanche 15 Août 2027"),
    ],
)
def test_dates_in_full(day, long, title):
    assert formats.long_date(day) == long
    assert formats.title_date(day) == title


def test_short_dates():
    assert formats.short_date(date(2015, 4, 8)) == "08/04/2015"


def test_hours_are_local():
    assert formats.clock_time(datetime(2026, 7, 1, 12, 5, tzinfo=UTC)) == "14\u00a0h\u00a005"
    assert formats.clock_time(datetime(2026, 12, 1, 12, 5, tzinfo=UTC)) == "13\u00a0h\u00a005"


@pytest.mark.parametrize(
    ("years", "written"), [(0, "moins d’un an"), (1, "1\u00a0an"), (2, "2\u00a0ans"), (7, "7\u00a0ans")]
)
def test_ages(years, written):
    assert formats.age(years) == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(0.2, "1 seconde"), (2, "2 secondes"), (90, "90 secondes"), (900, "15 minutes")]
)
def test_durations(seconds, written):
    assert formats.duration(seconds) == written.replace(" ", "\u00a0")


@given(st.floats(min_value=0.01, max_value=10**5))
def test_waiting_as_long_as_told_is_enough(seconds):
    count, unit = formats.duration(seconds).split("\u00a0")
    assert int(count) * (60 if unit.startswith("minute") else 1) >= seconds


def test_sizes():
    assert formats.filesize(120) == "1\u00a0ko"
    assert formats.filesize(28_400) == "28\u00a0ko"
    assert formats.filesize(1_440_000) == "1,4\u00a0Mo"
