"""The month: the guide's April 2015 to the letter, and few queries whatever it holds."""

from datetime import date

import pytest

from app import db
from app.models.enrolments import Attendance, Enrolment
from app.models.families import Child
from app.models.families.author import Author
from app.models.planning.cell import CellState
from app.models.planning.many_days import Asking
from app.models.planning.month import Month
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine
from app.models.requests.code import new_code
from app.models.town import Approval
from tests.builders import DAY, activity, cell_of, dupont, durand, enrolment

APRIL = date(2015, 4, 1)


pytestmark = pytest.mark.usefixtures("inside")


def load(first=APRIL, adult=None, **how) -> Month:
    family = (adult or dupont()).family_id
    return Month.load(family, first, **how)


def days_in(row, *states) -> list[int]:
    return [cell.day.day for cell in row.cells if cell.state in states]


def test_the_guide_s_april_2015():
    month = load()
    assert month.title == "Avril 2015"
    (lea,) = month.children
    rows = {row.activity: row for row in lea.rows}
    assert list(rows) == [
        "ALSH Mercredi après-midi",
        "ALSH Mercredi journée",
        "ALSH Vacances après-midi",
        "ALSH Vacances journée",
        "ALSH Vacances matin",
        "Garderie matin",
        "Restauration scolaire",
    ]
    assert {row.responsible for row in lea.rows} == {"DUPONT JEAN"}
    for row in lea.rows:
        assert days_in(row, CellState.PUBLIC_HOLIDAY) == [6]
        holidays = list(range(11, 27)) if "Vacances" not in row.activity else []
        assert days_in(row, CellState.SHORT_HOLIDAY) == holidays, row.activity
    booked = {
        "ALSH Mercredi après-midi": [8],
        "ALSH Mercredi journée": [29],
        "ALSH Vacances journée": [13, 14, 15, 16],
        "Restauration scolaire": [9, 28, 30],
    }
    for name, row in rows.items():
        assert days_in(row, CellState.BOOKED) == booked.get(name, []), name
        attended = [2, 3, 7] if name in ("Garderie matin", "Restauration scolaire") else []
        assert days_in(row, CellState.ATTENDED) == attended, name


@pytest.mark.parametrize("rows", [1, 3, 10])
def test_at_most_six_queries_whatever_the_number_of_rows(rows, count_queries):
    with db.transaction() as writing:
        one = activity(places=0)
        child = writing.query(Child).first()
        for number in range(rows):
            row = enrolment(
                activity(f"Prestation {number}", pool=one.pool, uses_morning=True), dupont().family, child
            )
        waits(row)
    with count_queries() as queries:
        month = load(date(2015, 5, 1))
    assert sum(len(child.rows) for child in month.children) == 7 + rows
    assert len(queries) <= 6 + 1, queries  # one is Town.current(), which every page asks for once


def waits(row, day=DAY) -> None:
    from app.models.request_kind import RequestKind  # noqa: PLC0415
    from app.models.requests import Request  # noqa: PLC0415

    request = Request(
        code=new_code(),
        kind=RequestKind.BOOKING,
        family_id=row.family_id,
        submitted_by=dupont().id,
        submission=f"{row.id}-{day}",
    )
    line = RequestLine(enrolment_id=row.id, day=day, kind=RequestKind.BOOKING, state=LineState.WAITING_LIST)
    request.lines.append(line)
    db.session.add(request)
    db.session.flush()


def test_the_waiting_list_shows_the_rank():
    with db.transaction():
        one = activity(places=0)
        first, second = enrolment(one, durand().family), enrolment(one, dupont().family)
        waits(first)
        waits(second)
        number = second.id
    cell = cell_of(load(date(2015, 5, 1)), number, DAY)
    assert (cell.state, cell.rank) == (CellState.WAITING_LIST, 2)


def test_a_full_day_a_late_day_and_a_free_one():
    with db.transaction():
        crowded, roomy = activity("Complète", places=0), activity("Libre", places=5)
        full, free = (enrolment(one, dupont().family).id for one in (crowded, roomy))
    month = load(date(2015, 5, 1))
    assert cell_of(month, full, DAY).state is CellState.FULL
    assert cell_of(month, free, DAY).state is CellState.FREE
    assert cell_of(month, free, date(2015, 5, 4)).state is CellState.TOO_LATE  # the eve has passed
    assert cell_of(month, free, date(2015, 5, 2)).state is CellState.NOT_OPEN


def test_pointed_where_nobody_should_be_is_an_error():
    with db.transaction() as writing:
        number = enrolment(activity(), dupont().family).id
        writing.add(Attendance(enrolment_id=number, day=date(2015, 5, 3), present=True))
    assert cell_of(load(date(2015, 5, 1)), number, date(2015, 5, 3)).state is CellState.ERROR


def test_the_other_household_s_row_is_seen_and_told_from_the_family_s_own():
    with db.transaction() as writing:
        child = writing.query(Child).first()
        theirs = enrolment(activity(), durand().family, child).id
    from_here, from_there = (
        next(row for row in load(date(2015, 5, 1), who).rows if row.enrolment_id == theirs)
        for who in (dupont(), durand())
    )
    assert (from_here.mine, from_here.responsible) == (False, "DURAND SOPHIE")
    assert from_there.mine


def test_a_stranger_sees_no_child():
    assert load(adult=durand()).children == []


def test_one_child_alone():
    with db.transaction():
        enrolment(activity(), dupont().family)
    assert len(load(date(2015, 5, 1)).children) == 2
    (child,) = load(date(2015, 5, 1)).children[:1]
    assert [c.id for c in load(date(2015, 5, 1), child_id=child.id).children] == [child.id]


@pytest.fixture
def brothers():
    """Three rows of the Duponts: two of one room with one place, and one elsewhere."""
    with db.transaction():
        room = activity("Salle", places=1)
        other = activity("Même salle", pool=room.pool, uses_morning=True)
        return [enrolment(one, dupont().family).id for one in (room, other, activity("Ailleurs"))]


def touched(number: int, **how) -> set[int]:
    with db.transaction() as writing:
        for name, value in how.items():
            setattr(writing.get_one(Enrolment, number).activity, name, value)
        wanted = [(writing.get_one(Enrolment, number), DAY)]
        request = Asking(RequestKind.BOOKING, wanted, Author(dupont()), f"ask {number}").send()
    return {row.enrolment_id for row in load(date(2015, 5, 1)).touched_by(request)}


def test_a_place_taken_touches_the_rows_of_its_room_alone(brothers):
    here, same_room, elsewhere = brothers
    assert touched(here) == {here, same_room}
    assert touched(elsewhere) == {elsewhere}


def test_what_waits_for_an_agent_touches_its_own_row_alone(brothers):
    here, _, _ = brothers
    assert touched(here, approval=Approval.MANUAL) == {here}


def test_who_joins_the_waiting_list_touches_those_who_wait_there_too(brothers):
    here, same_room, _ = brothers
    touched(here)
    assert touched(same_room) == {here, same_room}


def test_a_few_cells_are_those_of_the_whole_row():
    month = load()
    for row in month.rows:
        few = month.days[7:20:3]
        assert row.on(few) == [cell for cell in row.cells if cell.day in few]


def test_the_count_is_that_of_the_cells():
    month = load()
    states = (CellState.BOOKED, CellState.ATTENDED)
    assert month.count(*states) == sum(cell.state in states for row in month.rows for cell in row.cells) == 15
