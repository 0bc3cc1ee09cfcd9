"""What is asked of an enrolment: the terms that it makes of those that stand."""

from datetime import date

import pytest

from app.models.enrolments.terms import Terms
from app.models.planning.terms_change import Creation, Ending, LeaveRemoval, NewLeave, NewTerms
from app.models.town.calendar import Span

pytestmark = pytest.mark.sqlite_only

FIRST, LAST, TODAY = date(2014, 9, 1), date(2015, 7, 3), date(2015, 5, 4)
SPRING = Span(date(2015, 4, 27), date(2015, 5, 8), "")
SUMMER = Span(date(2015, 6, 1), date(2015, 6, 5), "")
NOW = Terms(FIRST, LAST, 1, 2, (SPRING,))


@pytest.mark.parametrize(
    ("change", "terms"),
    [
        (Creation(), NOW),
        (NewTerms(date(2014, 9, 8), None, 4, 8), Terms(date(2014, 9, 8), None, 4, 8, (SPRING,))),
        (NewTerms(None, LAST, 4, 8), Terms(FIRST, LAST, 4, 8, (SPRING,))),
        (Ending(date(2015, 5, 29)), Terms(FIRST, date(2015, 5, 29), 1, 2, (SPRING,))),
        (NewLeave(SUMMER), Terms(FIRST, LAST, 1, 2, (SPRING, SUMMER))),
        (NewLeave(SPRING), NOW),
        (LeaveRemoval(SPRING, TODAY), Terms(FIRST, LAST, 1, 2, (Span(SPRING.first, date(2015, 5, 3), ""),))),
        (LeaveRemoval(SUMMER, TODAY), NOW),
    ],
)
def test_what_a_change_leaves_as_it_is_stays(change, terms):
    assert change.applied_to(NOW) == terms
