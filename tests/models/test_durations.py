"""How long: the first day on which something is no longer kept, and the cut-off that a day gives. Pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.durations import CHILD, EXPORTS, HEALTH, JOURNAL, MONEY, PUBLISHED, Duration

DAYS = st.dates(date(1995, 1, 1), date(2095, 1, 1))
SPANS = st.builds(
    Duration,
    years=st.integers(0, 10),
    months=st.integers(0, 36),
    days=st.integers(0, 40),
    after_school_year=st.booleans(),
)


@pytest.mark.parametrize(
    ("keeping", "used", "first_day_without"),
    [
        (HEALTH, date(2026, 7, 3), date(2026, 10, 1)),  # a month after 31 August
        (HEALTH, date(2026, 8, 31), date(2026, 10, 1)),
        (HEALTH, date(2026, 9, 1), date(2027, 10, 1)),  # the next school year
        (CHILD, date(2026, 7, 3), date(2029, 9, 1)),
        (JOURNAL, date(2025, 11, 23), date(2026, 11, 24)),
        (JOURNAL, date(2024, 2, 29), date(2025, 3, 1)),
        (MONEY, date(2015, 4, 8), date(2025, 4, 9)),
        (EXPORTS, date(2026, 1, 1), date(2026, 1, 9)),
    ],
)
def test_the_first_day_on_which_it_is_no_longer_kept(keeping, used, first_day_without):
    span = keeping.span
    assert span.over_on(used) == first_day_without
    assert span.cutoff(first_day_without) >= used
    assert span.cutoff(first_day_without - timedelta(days=1)) < used


@given(SPANS, DAYS, DAYS)
def test_what_was_used_by_the_cutoff_is_over_and_nothing_else(span, used, today):
    assert (span.over_on(used) <= today) == (used <= span.cutoff(today))


@given(SPANS, DAYS)
def test_nothing_is_over_on_the_day_of_its_use(span, day):
    assert span.over_on(day) > day


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (Duration(years=1), "1\u00a0an"),
        (Duration(years=3), "3\u00a0ans"),
        (Duration(months=1), "1\u00a0mois"),
        (Duration(months=12), "12\u00a0mois"),
        (Duration(days=7), "7\u00a0jours"),
    ],
)
def test_a_span_in_words(span, said):
    assert str(span) == said


def test_each_sentence_bears_its_duration():
    for one in PUBLISHED:
        assert "{" not in one.how_long
        assert str(one.span) in one.how_long or one.what.startswith("Coordonnées")
