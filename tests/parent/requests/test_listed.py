"""Liste des demandes: what is shown, for how long, page by page."""

from datetime import date, timedelta

import pytest

from app import clock, db
from app.models.changes import change
from app.models.families import Child
from app.models.families.author import Author
from app.models.families.sections.account import BANQUE, RESPONSABLE
from app.models.families.sections.child import ENROLMENT, HEALTH, NEW_CHILD
from app.models.places import withdrawal
from app.models.planning.many_days import Asking
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests.listing import month_before
from app.models.town import Approval
from tests.builders import DAY, activity, dupont, enrolment
from tests.conftest import text_of
from tests.parent.requests.following import ALLERGY, CHILDREN, accept, asked, booked, lea, lines, refuse, rows, tables

pytestmark = pytest.mark.usefixtures("app")


def withdraw(number) -> None:
    with db.transaction():
        withdrawal.withdraw(number, by=Author(dupont()))


def age(number, *, sent: int, decided: int | None = None) -> None:
    """So many days ago."""
    now = clock.local_now()
    with db.transaction() as writing:
        request = writing.get(Request, number)
        request.submitted_at = now - timedelta(days=sent)
        for line in request.lines:
            line.decided_at = now - timedelta(days=decided) if decided is not None else None


@pytest.mark.parametrize(
    ("sent", "decided", "shown"),
    [(200, 0, True), (200, 29, True), (29, 29, True), (200, 30, False), (31, 30, False), (400, 399, False)],
)
def test_decided_it_is_shown_for_a_month_after_it_was_sent_or_decided(jean, sent, decided, shown):
    number = asked(city="TOULOUSE")
    accept(number)
    age(number, sent=sent, decided=decided)
    page = jean.get("/demandes")
    assert bool(tables(page)["Demandes acceptées"]["rows"]) is shown
    assert ("Voir les demandes plus anciennes" in text_of(page)) is not shown
    assert len(rows(jean, "/demandes?tout=1", "Demandes acceptées")) == 1


def test_what_waits_is_shown_however_old(jean):
    age(asked(city="TOULOUSE"), sent=400)
    assert len(rows(jean, "/demandes", "Demandes en attente")) == 1


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2015, 5, 4), date(2015, 4, 4)),
        (date(2015, 3, 31), date(2015, 2, 28)),
        (date(2016, 3, 30), date(2016, 2, 29)),
        (date(2015, 1, 31), date(2014, 12, 31)),
    ],
)
def test_a_month_before(day, before):
    assert month_before(day) == before


def test_a_withdrawn_request_has_its_small_table(jean):
    withdraw(asked(city="TOULOUSE", csp="Artisan"))
    shown = tables(jean.get("/demandes"))
    assert shown["Demandes retirées"]["labels"] == ["Responsable", "Champs", "Date.demande", "Date.retrait"]
    assert shown["Demandes retirées"]["rows"][0]["Date.retrait"] == "04/05/2015"
    assert shown["Demandes en attente"]["rows"] == []


@pytest.mark.both_engines
def test_a_long_list_has_pages_table_by_table(jean):
    with db.transaction() as writing:
        who = dupont()
        for number in range(30):
            made = Request.of(RESPONSABLE.kind, who.family_id, by=Author(who), submission=f"n{number}")
            state = LineState.REFUSED if number < 28 else LineState.SUBMITTED
            made.lines = [
                RequestLine(kind=made.kind, field="city", before="", after=f"Ville {number}", state=state,
                            decision_reason="Non", decided_at=clock.local_now())
            ]  # fmt: skip
            writing.add(made)
    first = jean.get("/demandes")
    assert len(tables(first)["Demandes refusées"]["rows"]) == 25
    assert "Page 1 sur 2" in text_of(first)
    second = tables(jean.get("/demandes?refusees=2"))
    assert len(second["Demandes refusées"]["rows"]) == 3
    assert len(second["Demandes en attente"]["rows"]) == 2
    assert len(rows(jean, "/demandes?refusees=99", "Demandes refusées")) == 3


@pytest.mark.parametrize("address", ["/demandes?tout=1", f"{CHILDREN}&tout=1"])
def test_the_list_takes_as_many_queries_for_three_as_for_one(jean, count_queries, address):
    def some(day) -> None:
        refuse(asked(city=f"Ville {day}", submission=f"r{day}"), reason="Non")
        withdraw(asked(csp=f"Profession {day}", submission=f"w{day}"))
        asked(BANQUE, bank_holder=f"Titulaire {day}", submission=f"o{day}")
        refuse(booked(day=DAY, name=f"Essai {day}"))
        booked(day=DAY, name=f"Attente {day}")

    def count() -> int:
        with count_queries() as queries:
            assert jean.get(address).status_code == 200
        return len(queries)

    some(1)
    one = count()
    some(2)
    some(3)
    assert count() == one
    assert one <= 12


def test_a_day_that_waits_is_refused_or_granted_says_which(jean):
    waiting, refused, granted = booked(name="Garderie"), booked(name="Cantine"), booked(name="Mercredi")
    refuse(refused, reason="Plus de place")
    accept(granted)
    shown = tables(jean.get(CHILDREN))
    assert shown["Demandes en attente"]["labels"] == ["Enfant", "Demande", "Détail", "Date.demande"]
    (row,) = shown["Demandes en attente"]["rows"]
    assert row["Enfant"] == "Léa"
    assert row["Demande"] == "Demande de Réservation"
    assert row["Détail"] == "Garderie, mercredi 6 mai 2015"
    assert shown["Demandes refusées"]["rows"][0]["Motif.refus"] == "Plus de place"
    assert shown["Demandes acceptées"]["rows"][0]["Détail"] == "Mercredi, mercredi 6 mai 2015"
    assert lines(waiting)[0].request.code in shown["Demandes en attente"]["more"][0]


def test_days_of_two_children_name_them_and_a_badge_says_of_how_many_it_is_true(app, jean):
    with db.transaction():
        study, tom = (
            activity("Étude", places=1),
            Child(last_name="DUPONT", first_name="Tom", birth_date=date(2009, 1, 1)),
        )
        db.session.add(tom)
        db.session.flush()
        study.approval = Approval.MANUAL
        pairs = [(enrolment(study, dupont().family, child), DAY) for child in (db.session.get(Child, lea()), tom)]
        full = enrolment(activity("Club", places=0), dupont().family, tom)
        Asking(RequestKind.BOOKING, [*pairs, (full, DAY)], Author(dupont()), "both").send()
    shown = tables(jean.get(CHILDREN))["Demandes en attente"]
    assert shown["rows"][0]["Détail"] == (
        "LEA, Étude, mercredi 6 mai 2015 Tom, Étude, mercredi 6 mai 2015 Tom, Club, mercredi 6 mai 2015"
    )
    assert "en liste d’attente : 1 sur 3" in shown["more"][0]


def test_of_a_child_s_file_the_list_tells_no_value(jean):
    asked(HEALTH, child=lea(), alerts=ALLERGY, doctor="Dr Martin")
    page = jean.get(CHILDREN)
    (row,) = tables(page)["Demandes en attente"]["rows"]
    assert row["Demande"] == "Données sanitaires"
    assert "Allergies" in row["Détail"]
    assert "Arachide" not in page.text
    assert "Martin" not in page.text


def test_a_new_child_and_an_enrolment_are_there(jean):
    with db.transaction():
        who = Author(dupont())
        record = {"first_name": "Tom", "last_name": "DUPONT", "birth_date": "2013-03-02"}
        change.ask_for(NEW_CHILD, record, by=who, submission="child")
        wanted = {"activity": "Garderie soir", "first_day": "2015-09-01", "activity_id": 1}
        change.ask_for(ENROLMENT, wanted, by=who, submission="enrolment", child_id=lea())
    shown = {row["Demande"]: row for row in rows(jean, CHILDREN, "Demandes en attente")}
    assert shown["Ajout d’un enfant"]["Enfant"] == "Tom"
    assert shown["Demande d’inscription"]["Détail"] == "Garderie soir, à partir du 01/09/2015"
