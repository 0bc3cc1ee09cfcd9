"""The state of a cell: each state, each « wins over », the guide's April 2015, and the words of the legend."""

from datetime import date
from itertools import combinations

import pytest

from app.models.enrolments import BookingState
from app.models.planning.cell import LEGEND, CellState, Facts, state_of
from app.models.request_kind import RequestKind
from app.models.requests import LineState
from app.models.requests.line_state import OPEN_STATES
from app.models.town import HolidayKind
from app.models.town.activity import Opening, weekday_bits
from app.models.town.calendar import Calendar, Span

S = CellState
SHORT, LONG = HolidayKind.SHORT, HolidayKind.LONG
COMES = {
    "covered": True,
    "weekday_open": True,
    "opens_in_period": True,
    "closed": False,
    "public_holiday": False,
}
BOOKED = {"booking": BookingState.BOOKED}
ASKS_BOOKING = {"line_kind": RequestKind.BOOKING}
ASKS_ABSENCE = {"line_kind": RequestKind.ABSENCE}

# Design §4, in its order: what is enough for each state, unless an earlier line is true as well.
TABLE = [
    (S.ERROR, {"present": True, "covered": False}),
    (S.ERROR, {"present": True, "weekday_open": False}),
    (S.ERROR, {"present": True, "opens_in_period": False}),
    (S.ERROR, {"present": True, "closed": True}),
    (S.ERROR, {"present": True, "public_holiday": True}),
    (S.ATTENDED, {"present": True, **BOOKED, **COMES}),
    (S.ATTENDED_UNBOOKED, {"present": True, "booking": None, **COMES}),
    (S.ATTENDED_UNBOOKED, {"present": True, "booking": BookingState.ABSENT_EXCUSED, **COMES}),
    (S.CLOSED, {"closed": True}),
    (S.PUBLIC_HOLIDAY, {"public_holiday": True}),
    (S.ABSENT_EXCUSED, {"booking": BookingState.ABSENT_EXCUSED}),
    (S.ABSENT_BILLED, {"booking": BookingState.ABSENT_BILLED}),
    (S.ABSENT_BILLED, {**BOOKED, "present": False, "line": None}),
    (S.LEAVE, {"on_leave": True, "covered": True}),
    (S.ABSENCE_IN_REVIEW, {**BOOKED, "line": LineState.IN_REVIEW, **ASKS_ABSENCE}),
    (S.REQUEST_WAITING, {"line": LineState.SUBMITTED, **ASKS_BOOKING}),
    (S.REQUEST_WAITING, {**BOOKED, "line": LineState.SUBMITTED, **ASKS_ABSENCE}),
    (S.BOOKED, BOOKED),
    (S.OFFERED, {"line": LineState.OFFERED, **ASKS_BOOKING}),
    (S.COUNTERED, {"line": LineState.COUNTERED, **ASKS_BOOKING}),
    (S.BOOKING_IN_REVIEW, {"line": LineState.IN_REVIEW, **ASKS_BOOKING}),
    (S.WAITING_LIST, {"line": LineState.WAITING_LIST, **ASKS_BOOKING}),
    (S.SHORT_HOLIDAY, {"holiday": SHORT, "opens_in_period": False}),
    (S.LONG_HOLIDAY, {"holiday": LONG, "opens_in_period": False}),
    (S.NOT_OPEN, {"weekday_open": False}),
    (S.NOT_OPEN, {"covered": False}),
    (S.NOT_OPEN, {"opens_in_period": False}),
    (S.NOT_OPEN, {"past": True}),
    (S.BOOKING_REFUSED, {"line": LineState.REFUSED, **ASKS_BOOKING}),
    (S.FULL, {"full": True}),
    (S.TOO_LATE, {"too_late": True}),
    (S.FREE, {}),
]
ORDER = list(dict.fromkeys(state for state, _ in TABLE))


def first_match(facts: Facts) -> CellState:
    """The contract: the first line whose facts are all there."""
    return next(state for state, needs in TABLE if all(getattr(facts, name) == need for name, need in needs.items()))


def together(one: dict, other: dict) -> dict | None:
    """The facts of both, or None when they contradict each other."""
    if any(one[name] != other[name] for name in one.keys() & other.keys()):
        return None
    return {**one, **other}


PAIRS = [
    (higher, lower, both)
    for (higher, needs), (lower, others) in combinations(TABLE, 2)
    if higher is not lower and (both := together(needs, others)) is not None
]


def test_the_table_has_every_state_in_the_order_of_the_design():
    assert list(CellState) == ORDER


@pytest.mark.parametrize(("state", "facts"), TABLE)
def test_each_state(state, facts):
    assert state_of(Facts(**facts)) is state


@pytest.mark.parametrize(("higher", "lower", "facts"), PAIRS)
def test_the_first_that_matches_wins(higher, lower, facts):
    """The higher state keeps winning when the facts of a lower one come on top of its own."""
    assert state_of(Facts(**facts)) is first_match(Facts(**facts))
    assert ORDER.index(state_of(Facts(**facts))) <= ORDER.index(higher)


def test_every_state_was_put_to_the_proof():
    """Each beats another and is beaten by another; a pointed presence yields to an error alone, and is then one."""
    winners = [(higher, lower) for higher, lower, facts in PAIRS if state_of(Facts(**facts)) is higher]
    assert {lower for _, lower in winners} == set(ORDER[1:]) - {S.ATTENDED, S.ATTENDED_UNBOOKED}
    assert {higher for higher, _ in winners} == set(ORDER[:-1])
    assert len(set(winners)) > 100


def test_three_at_once_follow_the_same_order():
    for (_, one), (_, two), (_, three) in combinations(TABLE, 3):
        both = together(one, two)
        facts = together(both, three) if both is not None else None
        if facts is not None:
            assert state_of(Facts(**facts)) is first_match(Facts(**facts)), facts


# What the table cannot say


def test_a_past_day_without_booking_is_empty():
    assert state_of(Facts(past=True)) is S.NOT_OPEN
    assert state_of(Facts(past=True, full=True, too_late=True)) is S.NOT_OPEN
    assert state_of(Facts(past=True, line=LineState.REFUSED, line_kind=RequestKind.BOOKING)) is S.NOT_OPEN
    assert state_of(Facts(past=True, **BOOKED)) is S.BOOKED


def test_a_refused_booking_is_said_and_a_refused_absence_stays_booked():
    assert state_of(Facts(line=LineState.REFUSED, line_kind=RequestKind.BOOKING)) is S.BOOKING_REFUSED
    assert state_of(Facts(line=LineState.REFUSED, line_kind=RequestKind.ABSENCE, **BOOKED)) is S.BOOKED
    assert state_of(Facts(line=LineState.REFUSED, line_kind=RequestKind.ABSENCE)) is S.FREE


@pytest.mark.parametrize("line", [state for state in LineState if state not in OPEN_STATES])
def test_a_decided_request_leaves_the_day_free_or_booked(line):
    if line is not LineState.REFUSED:
        assert state_of(Facts(line=line, line_kind=RequestKind.BOOKING)) is S.FREE
    assert state_of(Facts(line=line, line_kind=RequestKind.BOOKING, **BOOKED)) is S.BOOKED


@pytest.mark.parametrize("line", [None, LineState.REFUSED, LineState.WITHDRAWN])
def test_pointed_absent_with_nothing_declared_is_billed(line):
    kind = RequestKind.ABSENCE if line else None
    assert state_of(Facts(present=False, line=line, line_kind=kind, **BOOKED)) is S.ABSENT_BILLED


def test_pointed_absent_while_the_absence_is_examined_is_not_billed_yet():
    declared = {"present": False, "past": True, "line_kind": RequestKind.ABSENCE, **BOOKED}
    assert state_of(Facts(line=LineState.SUBMITTED, **declared)) is S.REQUEST_WAITING
    assert state_of(Facts(line=LineState.IN_REVIEW, **declared)) is S.ABSENCE_IN_REVIEW


@pytest.mark.parametrize("line", OPEN_STATES)
def test_a_proof_under_examination_leaves_the_absence_billed(line):
    proof = {"line": line, "line_kind": RequestKind.PROOF, "past": True}
    assert state_of(Facts(booking=BookingState.ABSENT_BILLED, **proof)) is S.ABSENT_BILLED
    assert state_of(Facts(present=False, **BOOKED, **proof)) is S.ABSENT_BILLED


def test_a_proof_never_looks_like_a_booking():
    assert state_of(Facts(line=LineState.IN_REVIEW, line_kind=RequestKind.PROOF)) is S.FREE


def test_pointed_absent_without_booking_changes_nothing():
    assert state_of(Facts(present=False)) is S.FREE
    assert state_of(Facts(present=False, past=True)) is S.NOT_OPEN


def test_a_booking_that_the_town_cancelled_leaves_the_day_as_it_is():
    cancelled = {"booking": BookingState.CANCELLED_BY_TOWN}
    assert state_of(Facts(closed=True, **cancelled)) is S.CLOSED
    assert state_of(Facts(**cancelled)) is S.FREE
    assert state_of(Facts(present=True, **cancelled)) is S.ATTENDED_UNBOOKED


def test_a_leave_does_not_reach_outside_the_enrolment():
    assert state_of(Facts(on_leave=True, covered=False)) is S.NOT_OPEN


def test_holidays_in_which_the_activity_opens_are_days_like_others():
    assert state_of(Facts(holiday=SHORT)) is S.FREE
    assert state_of(Facts(holiday=LONG, weekday_open=False)) is S.NOT_OPEN
    assert state_of(Facts(holiday=SHORT, **BOOKED)) is S.BOOKED


# The guide's page: April 2015, zone A

APRIL = Calendar(
    holidays=(Span(date(2015, 4, 11), date(2015, 4, 26), SHORT),),
    public={date(2015, 4, 6): "Lundi de Pâques"},
)
EVERY_WEEKDAY, SCHOOL_WEEK = weekday_bits(0, 1, 2, 3, 4), weekday_bits(0, 1, 3, 4)
WEDNESDAYS = Opening(1, weekday_bits(2), True, False, False)
HOLIDAYS_ONLY = Opening(1, EVERY_WEEKDAY, False, True, True)
AT_SCHOOL = Opening(2, SCHOOL_WEEK, True, False, False)
GUIDE_ROWS = {
    "Mercredi après-midi": (WEDNESDAYS, {8}, set()),
    "Mercredi journée": (WEDNESDAYS, {29}, set()),
    "Vacances après-midi": (HOLIDAYS_ONLY, set(), set()),
    "Vacances journée": (HOLIDAYS_ONLY, {13, 14, 15, 16}, set()),
    "Vacances matin": (HOLIDAYS_ONLY, set(), set()),
    "Garderie matin": (AT_SCHOOL, set(), {2, 3, 7}),
    "Restauration scolaire": (AT_SCHOOL, {9, 28, 30}, {2, 3, 7}),
}


def guide_row(name: str, seen_on: date = date(2015, 5, 4)) -> dict[int, CellState]:
    """The cells of a row of the guide's planning, by number of the day."""
    opening, booked, attended = GUIDE_ROWS[name]
    cells = {}
    for number in range(1, 31):
        day = date(2015, 4, number)
        holiday = APRIL.holiday(day)
        facts = Facts(
            weekday_open=bool(opening.weekdays >> day.weekday() & 1),
            holiday=holiday,
            opens_in_period=opening.in_period(holiday),
            public_holiday=day in APRIL.public,
            booking=BookingState.BOOKED if number in booked | attended else None,
            present=True if number in attended else None,
            past=day < seen_on,
        )
        cells[number] = state_of(facts)
    return cells


def days_in(state: CellState, cells: dict[int, CellState]) -> set[int]:
    return {number for number, found in cells.items() if found is state}


@pytest.mark.parametrize("name", GUIDE_ROWS)
def test_easter_monday_is_a_public_holiday_on_every_row(name):
    assert days_in(S.PUBLIC_HOLIDAY, guide_row(name)) == {6}


@pytest.mark.parametrize("name", GUIDE_ROWS)
def test_the_rows_of_the_guide(name):
    _, booked, attended = GUIDE_ROWS[name]
    cells = guide_row(name)
    holidays = set() if name.startswith("Vacances") else set(range(11, 27))
    assert days_in(S.BOOKED, cells) == booked
    assert days_in(S.ATTENDED, cells) == attended
    assert days_in(S.SHORT_HOLIDAY, cells) == holidays
    assert days_in(S.NOT_OPEN, cells) == set(range(1, 31)) - {6} - booked - attended - holidays


def test_a_weekend_inside_the_holidays_shows_the_holidays():
    """11, 12, 18, 19, 25 and 26 April 2015, as in the guide; other weekends are empty."""
    weekends = {n for n in range(1, 31) if date(2015, 4, n).weekday() >= 5}
    for name in ("Mercredi journée", "Garderie matin"):
        cells = guide_row(name, seen_on=date(2015, 4, 1))
        assert weekends & days_in(S.SHORT_HOLIDAY, cells) == {11, 12, 18, 19, 25, 26}
        assert weekends & days_in(S.NOT_OPEN, cells) == {4, 5}


def test_the_rows_of_holidays_open_in_the_holidays_alone():
    cells = guide_row("Vacances matin", seen_on=date(2015, 4, 1))
    holidays = {n for n in range(13, 25) if date(2015, 4, n).weekday() < 5}
    assert days_in(S.FREE, cells) == holidays
    assert days_in(S.NOT_OPEN, cells) == set(range(1, 31)) - holidays - {6}


def test_the_summer_is_long_holidays():
    assert state_of(Facts(holiday=LONG, opens_in_period=WEDNESDAYS.in_period(LONG))) is S.LONG_HOLIDAY


# The legend

GUIDE_LEGEND = [
    "Réservé",
    "Erreur",
    "Congé",
    "Heure hors contrat Régulier",
    "Fermeture",
    "Absent facturé",
    "Demande en attente",
    "Absent excusé",
    "Réservation en cours de traitement",
    "Réservation refusée",
    "Absence en cours de traitement",
    "Petites vacances",
    "Grandes vacances",
    "Jour férié",
]


def test_every_state_has_its_sign():
    assert set(LEGEND) == set(CellState)
    assert len({sign.label for sign in LEGEND.values()}) == len(LEGEND)


def test_the_words_of_the_guide_are_all_there():
    shown = [sign.label for sign in LEGEND.values() if sign.in_legend]
    assert set(GUIDE_LEGEND) <= set(shown)
    assert [label for label in shown if label in GUIDE_LEGEND] == GUIDE_LEGEND
    assert LEGEND[S.ATTENDED].label.casefold() == "présent sur un jour réservé"
    assert set(shown) - set(GUIDE_LEGEND) == {
        "Présent sur un jour réservé",
        "Place proposée",
        "Autre proposition",
        "Liste d’attente",
    }


def test_the_letters_tell_the_states_apart_without_colour():
    letters = [sign.letter for sign in LEGEND.values() if sign.in_legend]
    assert all(letters)
    assert len(set(letters)) == len(letters)
    named = {S.CLOSED: "F", S.PUBLIC_HOLIDAY: "JF", S.SHORT_HOLIDAY: "P", S.LONG_HOLIDAY: "G", S.BOOKED: "✓"}
    assert {state: LEGEND[state].letter for state in named} == named
    assert LEGEND[S.BOOKING_REFUSED].letter == "X"
