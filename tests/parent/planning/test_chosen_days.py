"""Days chosen in the planning, and those of other families."""

import tracemalloc
from datetime import date, timedelta

import pytest

from app import db
from app.models.enrolments import Enrolment
from tests.conftest import text_of
from tests.parent.planning.many import MONDAY, NEW, WEEKLY, booked, compose, lines_in, send


def test_days_chosen_in_the_planning_are_previewed(jean, two):
    page = jean.get(f"{NEW}?type=reservation&ligne={two[0]}:{MONDAY}&ligne={two[1]}:{MONDAY}")
    assert lines_in(page) == [f"{two[0]}:{MONDAY}", f"{two[1]}:{MONDAY}"]


def choose(client, lines, kind="reservation"):
    """As the planning sends the cells that are chosen."""
    return client.send_form(f"{NEW}/choix", {"type": kind, "ligne": lines}, page="/planning/2015-05")


def test_cells_chosen_in_the_planning_are_sent_as_a_form_however_many(jean, two):
    lines = [f"{number}:{MONDAY + timedelta(days=n)}" for number in two for n in range(200)]
    page = choose(jean, lines)
    assert page.status_code == 200
    assert set(lines_in(page)) == set(lines)
    assert send(jean, page, ligne=lines[:2]).status_code == 303


def test_more_days_than_one_request_takes_are_counted_and_refused(jean, two):
    lines = [f"{number}:{MONDAY + timedelta(days=n)}" for number in two for n in range(201)]
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}")
    for answer in (choose(jean, lines), send(jean, page, ligne=lines)):
        assert answer.status_code == 422
        assert "C’est trop à la fois : 402 jours, et 400 au plus par demande." in text_of(answer)
        assert "Revenir au planning" in text_of(answer)


@pytest.mark.parametrize(("day", "known"), [(date(2016, 8, 30), True), (date(2016, 9, 1), False)])
def test_a_day_of_a_year_whose_calendar_is_not_known_is_refused_wherever_it_is_asked(app, jean, two, day, known):
    why = "le calendrier scolaire n’est pas connu plus loin"
    with app.app_context(), db.transaction() as writing:  # open in summer too, so that nothing else says no
        writing.get_one(Enrolment, two[0]).activity.in_long_holidays = True
    page = jean.get(f"{NEW}?ligne={two[0]}:{day}")
    menu = jean.get(f"/inscriptions/{two[0]}/{day}")
    month = jean.get(f"/planning/{day:%Y-%m}").text
    cell = f'data-enrolment="{two[0]}" data-day="{day}" data-state="{"free" if known else "not_open"}"'
    assert (why in text_of(page)) is not known
    assert (why in text_of(menu)) is not known
    assert cell in month
    asked = jean.send_form(f"/inscriptions/{two[0]}/{day}/reservation", {})
    assert asked.status_code == (303 if known else 422)
    assert ((two[0], day) in booked(app)) is known


def test_an_absence_is_chosen_in_the_planning_too(jean, two):
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))
    page = choose(jean, [f"{two[0]}:{MONDAY}"], "absence")
    assert "Ce qui sera déclaré" in text_of(page)
    assert send(jean, page, motif="Malade").status_code == 303


def test_another_family_s_cells_cannot_be_chosen(jean, theirs):
    assert choose(jean, [f"{theirs}:{MONDAY}"]).status_code == 404


NO_SENSE = [
    "x:2015-05-18",
    "999999:2015-05-18",
    "1:not-a-day",
    "1:9999-01-01",
    "²:2015-05-18",
    f"{'9' * 4400}:2015-05-18",
]


@pytest.mark.parametrize("said", NO_SENSE)
@pytest.mark.both_engines
def test_what_makes_no_sense_does_not_exist(jean, two, said):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}")
    assert jean.get(f"{NEW}?ligne={said}").status_code == 404
    assert send(jean, page, ligne=[said]).status_code == 404


@pytest.mark.parametrize("odd", [
    {"rythme": "xyz"}, {"rythme": "aucune"}, {"jours": ["-1"]}, {"jours": ["800000000"]}, {"jours": ["9" * 5000]},
    {"inscriptions": ["9" * 5000]}, {"premier": "0001-01-01"},
])  # fmt: skip
@pytest.mark.both_engines
def test_what_no_page_of_ours_sends_is_refused_with_the_form(jean, two, odd):
    answer = compose(jean, "regulier", **{"inscriptions": two, **WEEKLY, **odd})
    assert answer.status_code == 422
    assert "Voir ce qui sera demandé" in text_of(answer)


def test_a_weekday_that_does_not_exist_costs_nothing(jean, two):
    tracemalloc.start()
    compose(jean, "regulier", inscriptions=two, **{**WEEKLY, "jours": ["800000000"]})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000


def test_another_family_s_days_do_not_exist(jean, theirs):
    assert jean.get(f"{NEW}?ligne={theirs}:{MONDAY}").status_code == 404


def test_the_enrolments_of_another_family_cannot_be_ticked(jean, theirs, two):
    page = compose(
        jean, "regulier", inscriptions=[theirs], premier="2015-05-18", dernier="2015-05-22", rythme="toutes",
        jours=["0"],
    )  # fmt: skip
    assert page.status_code == 422
