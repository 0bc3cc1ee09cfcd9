"""The pages of the register: their order, and what reading one costs."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app import clock, db
from app.models.enrolments import register
from app.models.enrolments.register import PERIODS, Register
from app.models.families import Child
from tests.builders import activity, clerk, dupont, durand, enrolment

LISTED = ("D’ANGELO", "D'ARC", "DA SILVA", "DEBRÉ", "DUPONT", "ÉLOI", "EMERY", "NOËL", "ŒUF", "OFFRET", "ZOLA")


pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture(params=["few", "many"])
def however_many(request, monkeypatch):
    """Read as a long list is, or a short one."""
    monkeypatch.setattr(register, "_MANY", 0 if request.param == "many" else 10**6)
    return request.param


def child(last_name, first_name="Zoé", school="") -> Child:
    made = Child(last_name=last_name, first_name=first_name, birth_date=date(2009, 1, 1), school=school)
    db.session.add(made)
    db.session.flush()
    return made


def of(agent="guichet", **asked) -> Register:
    return Register(clerk(agent).agent, **asked)


@pytest.mark.usefixtures("however_many")
def test_children_are_listed_in_french_order_then_by_day():
    with db.transaction():
        club = activity("Club")
        for name in reversed(LISTED):
            made = child(name)
            for month in (3, 1):
                enrolment(club, durand().family, made, first_day=date(2015, month, 1))
    found = of(activity="Club").page(1)
    assert [one.child.last_name for one in found][::2] == list(LISTED)
    assert [one.first_day.month for one in found[:4]] == [1, 3, 1, 3]


@pytest.mark.usefixtures("however_many")
def test_every_inscription_stands_on_one_page():
    with db.transaction():
        club = activity("Club")
        numbers = [enrolment(club, durand().family, child("DUPONT")).id for _ in range(60)]
    asked = of(activity="Club")
    assert [one.id for page in (1, 2, 3) for one in asked.page(page)] == numbers
    assert asked.page(4) == []


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("agent", ["guichet", "animation"])
def test_the_count_is_that_of_the_rows(period, agent):
    today = clock.today()
    with db.transaction():
        club = activity("Club")
        clerk("animation").agent.structures = [club.structure]
        for first, last in ((-9, -1), (-9, 0), (-9, None), (0, 0), (0, 9), (0, None), (1, 1), (1, None)):
            ends = None if last is None else today + timedelta(days=last)
            enrolment(club, dupont().family, first_day=today + timedelta(days=first), last_day=ends)
    asked = of(agent, period=period)
    assert asked.count == len(asked.page(1)) > 0


def test_the_filter_offers_the_schools_of_those_enrolled_alone():
    with db.transaction():
        club = activity("Club")
        for name, school in (("A", "Zola"), ("B", "Hugo"), ("C", "Hugo"), ("D", "")):
            enrolment(club, durand().family, child(name, school=school))
        child("E", school="Ferry")
    assert of().schools() == ["Hugo", "Zola", "École Jean-Moulin"]
    assert Child.schools() == ["Ferry", "Hugo", "Zola", "École Jean-Moulin"]


@pytest.mark.sqlite_only
def test_of_many_the_children_are_read_in_their_order_and_nothing_is_sorted(count_queries, monkeypatch):
    """The plan does not depend on the size: SQLite keeps no figures on a town."""
    monkeypatch.setattr(register, "_MANY", 0)
    asked = of()
    with count_queries() as sent:
        assert asked.page(1)
    (page,) = (one for one in sent if "ORDER BY child.sort_key" in one)
    plan = [row.detail for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {page.replace('?', '9')}"))]
    assert plan[0] == "SCAN child USING INDEX ix_child_sort_key"
    assert not [step for step in plan if "TEMP B-TREE" in step]
    (count,) = (one for one in sent if one.startswith("SELECT ((SELECT count"))
    plan = [row.detail for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {count.replace('?', '9')}"))]
    assert [step for step in plan if step.startswith("SEARCH")] == [
        "SEARCH enrolment USING COVERING INDEX ix_enrolment_first_day (first_day>?)",
        "SEARCH enrolment USING COVERING INDEX ix_enrolment_last_day (last_day<?)",
    ]
