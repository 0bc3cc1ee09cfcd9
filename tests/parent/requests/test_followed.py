"""« Liste des demandes »: what the family asked, table by table, and the page of each request."""

import json
import re
from datetime import date, timedelta
from io import BytesIO

import html5lib
import pytest
from pypdf import PdfReader

from app import clock, db
from app.demo import people
from app.integrations import mail
from app.models.accounts import Account
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.event import Event
from app.models.families import Adult, Authority, Child
from app.models.families.author import Author
from app.models.families.sections.account import BANQUE, CONJOINT, FISCALES, RESPONSABLE
from app.models.families.sections.child import ENROLMENT, HEALTH, NEW_CHILD
from app.models.families.sections.values import Sheet
from app.models.jobs import Job
from app.models.places import withdrawal
from app.models.planning.many_days import Asking
from app.models.planning.slot import Slot
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests.listing import month_before
from app.models.reviews.review import Review
from app.models.town import Approval
from tests.builders import DAY, activity, clerk, dupont, durand, enrolment
from tests.conftest import text_of

HTML = "{http://www.w3.org/1999/xhtml}"
PERSON = [
    "Responsable", "Qualité", "Adresse", "Tél.domicile", "Tél.Prof.", "Mobile", "Email", "Profession", "Employeur",
    "Adresse employeur",
]  # fmt: skip
IBAN = "FR7630006000011234567890189"
ALLERGY = json.dumps([["food", "Arachide"]])
CHILDREN = "/demandes?onglet=enfants"


pytestmark = pytest.mark.usefixtures("app")


def asked(section=RESPONSABLE, *, child=None, by=None, submission="", **wanted) -> int:
    with db.transaction():
        who = by() if by else Author(dupont())
        wish = Wish(Sheet(section, who.adult.family_id, child), wanted, seen={})
        sent = submission or f"{section.slug}{sorted(wanted)}"
        return change.ask(section.kind, [wish], by=who, submission=sent).id


def by_agent() -> Author:
    return Author(dupont(), Account.named("guichet").agent)


def lea() -> int:
    return Child.of_family(dupont().family_id)[0].id


def booked(*, day=DAY, adult=dupont, **how) -> int:
    with db.transaction():
        who = adult()
        row = enrolment(activity(**{"approval": Approval.MANUAL, **how}), who.family)
        slot = Slot.of_family(who.family_id, row.id, day)
        return slot.ask_booking(by=Author(who), submission=f"b{row.id}").id


def lines(number) -> list[RequestLine]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.get(Request, number).lines)


def accept(number, line=0) -> None:
    with db.transaction():
        review = Review.locked(clerk(), number)
        review.accept(review.request.lines[line].id, version=1)


def refuse(number, line=0, reason="Justificatif manquant") -> None:
    with db.transaction():
        review = Review.locked(clerk(), number)
        review.refuse(review.request.lines[line].id, version=1, reason=reason)


def withdraw(number) -> None:
    with db.transaction():
        withdrawal.withdraw(number, by=Author(dupont()))


def words(element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def tables(page) -> dict[str, dict]:
    """By title: the labels of its columns; its rows, by label; and what stands under each row."""
    found = {}
    for table in html5lib.parse(page.text).iter(f"{HTML}table"):
        head = [words(one) for one in table.find(f"{HTML}thead").iter(f"{HTML}th")]
        trs = [tr for body in table.iter(f"{HTML}tbody") for tr in body.iter(f"{HTML}tr")]
        cells = [[words(one) for one in tr] for tr in trs]
        found[words(table.find(f"{HTML}caption"))] = {
            "labels": head,
            "rows": [dict(zip(head, row, strict=True)) for row in cells if len(row) > 1],
            "more": [row[0] for row in cells if len(row) == 1],
        }
    return found


def rows(client, address: str, title: str) -> list[dict[str, str]]:
    return tables(client.get(address))[title]["rows"] if title in tables(client.get(address)) else []


# The guide's words.


def test_the_tabs_are_the_guide_s(jean):
    page = jean.get("/demandes")
    links = re.findall(r'<li><a href="(/demandes\?[^"]+)"[^>]*>([^<]+?)</a></li>', page.text)
    assert [label for _, label in links] == [
        "Mon compte",
        "Mes enfants",
        "Informations responsable",
        "Informations conjoint",
        "Informations fiscales",
        "Informations CAF",
        "Informations bancaires",
    ]
    for href, _ in links:
        assert jean.get(href.replace("&amp;", "&")).status_code == 200
    assert re.search(r'aria-current="page"[^>]*>.{0,300}Liste des demandes</span>', page.text, re.DOTALL)


def test_the_columns_are_the_guide_s(jean):
    for address in ("/demandes", "/demandes?onglet=mon-compte&rubrique=conjoint"):
        shown = tables(jean.get(address))
        assert shown["Demandes en attente"]["labels"] == [*PERSON, "Date.demande"]
        assert shown["Demandes refusées"]["labels"] == [*PERSON, "Date.demande", "Date.refus", "Motif.refus"]
        assert shown["Demandes acceptées"]["labels"] == [*PERSON, "Date.demande", "Date.acceptation"]


@pytest.mark.parametrize(
    ("rubrique", "labels"),
    [
        ("fiscales", ["Revenu fiscal de référence", "Nombre de parts", "Année"]),
        ("caf", ["Caisse", "N° allocataire", "Régime", "Quotient familial", "Date du quotient familial"]),
        ("banque", ["Titulaire du compte", "IBAN", "BIC", "Mise en prélèvement automatique"]),
    ],
)
def test_the_other_sub_tabs_have_their_own_columns(jean, rubrique, labels):
    shown = tables(jean.get(f"/demandes?rubrique={rubrique}"))
    assert shown["Demandes en attente"]["labels"] == ["Responsable", *labels, "Date.demande"]


def test_an_address_that_says_nonsense_shows_the_first_tab(jean):
    page = jean.get("/demandes?onglet=x&rubrique=y&attente=-3&refusees=abc&tout=non")
    assert "Demandes refusées" in tables(page)


def test_nothing_asked_is_said(jean):
    said = text_of(jean.get("/demandes"))
    assert "Aucune demande en attente." in said
    assert "Aucune demande refusée depuis moins d’un mois." in said
    assert "retirée" not in said


# What waits.


def test_what_waits_shows_old_and_new_and_nothing_is_lost(jean):
    asked(phone_mobile="06 12 34 56 78", city="TOULOUSE", civility="Madame", csp="Artisan")
    page = jean.get("/demandes")
    shown = tables(page)["Demandes en attente"]
    (row,) = shown["rows"]
    assert row["Mobile"] == "non renseigné →devient 06 12 34 56 78"
    assert row["Adresse"] == "SAINT - JEAN →devient TOULOUSE"
    assert row["Responsable"] == "JEAN DUPONT"
    assert (row["Qualité"], row["Email"], row["Employeur"]) == ("", "", "")
    assert row["Date.demande"] == "04/05/2015"
    assert "Civilité : Monsieur →devient Madame" in shown["more"][0]
    assert "CSP : non renseigné →devient Artisan" in shown["more"][0]
    assert "JEAN DUPONT (Père)" in shown["more"][0]


def test_the_tabs_count_what_waits(jean):
    asked(phone_mobile="06 12 34 56 78")
    asked(CONJOINT, city="TOULOUSE")
    booked()
    said = text_of(jean.get("/demandes"))
    assert "Mon compte 2" in said
    assert "Mes enfants 1" in said
    assert "Informations conjoint 1" in said
    assert "Informations fiscales Informations CAF" in said


def test_a_name_that_would_change_stands_under_responsable(jean):
    asked(last_name="DUPOND")
    (row,) = rows(jean, "/demandes", "Demandes en attente")
    assert row["Responsable"] == "DUPONT →devient DUPOND"


def test_a_new_conjoint_stands_under_the_same_columns(client):
    with db.transaction():
        record = {"civility": "Madame", "first_name": "Zoé", "last_name": "DURAND", "city": "SAINT-JEAN"}
        change.ask_for(CONJOINT, record, by=Author(durand()), submission="new")
    client.log_in("durand")
    shown = tables(client.get("/demandes?rubrique=conjoint"))["Demandes en attente"]
    assert shown["rows"][0]["Responsable"] == "DURAND Zoé"
    assert shown["rows"][0]["Adresse"] == "SAINT-JEAN"
    assert "Civilité : Madame" in shown["more"][0]


def test_an_agent_who_asked_for_the_family_is_named(jean):
    number = asked(BANQUE, by=by_agent, iban=IBAN)
    shown = tables(jean.get("/demandes?rubrique=banque"))["Demandes en attente"]
    assert "Faite par Claire Vidal, du service, pour la famille" in shown["more"][0]
    assert "Claire Vidal, du service, pour la famille" in text_of(jean.get(f"/demandes/{number}"))


def test_an_account_number_shows_its_last_four_characters(jean):
    number = asked(BANQUE, iban=IBAN)
    for address in ("/demandes?rubrique=banque", f"/demandes/{number}"):
        page = jean.get(address)
        assert "•••• 0189" in text_of(page).replace("\u00a0", " ")
        assert "7890" not in page.text


# What was decided.


def test_partly_refused_it_stands_in_both_tables_with_its_own_lines(jean):
    number = asked(phone_mobile="06 12 34 56 78", city="TOULOUSE", profession="Menuisier")
    refuse(number, line=0, reason="Hors de la commune")
    accept(number, line=1)
    shown = tables(jean.get("/demandes"))
    (refused,), (accepted,), (waiting,) = (
        shown[title]["rows"] for title in ("Demandes refusées", "Demandes acceptées", "Demandes en attente")
    )
    first, second, third = (line.field for line in lines(number))
    at = {"city": "Adresse", "phone_mobile": "Mobile", "profession": "Profession"}
    assert refused[at[first]]
    assert (refused[at[second]], refused[at[third]]) == ("", "")
    assert (refused["Date.refus"], refused["Motif.refus"]) == ("04/05/2015", "Hors de la commune")
    assert accepted[at[second]]
    assert "→" not in accepted[at[second]]
    assert accepted["Date.acceptation"] == "04/05/2015"
    assert "→" in waiting[at[third]]
    assert "en cours de traitement" in shown["Demandes en attente"]["more"][0]
    assert "Claire Vidal" not in jean.get("/demandes").text


def test_reasons_that_differ_say_of_what(jean):
    number = asked(phone_mobile="06 12 34 56 78", city="TOULOUSE")
    refuse(number, line=0, reason="Hors de la commune")
    refuse(number, line=1, reason="Illisible")
    (row,) = rows(jean, "/demandes", "Demandes refusées")
    labels = [line.asked_field.label for line in lines(number)]
    assert row["Motif.refus"].replace("\u00a0", " ") == f"{labels[0]} : Hors de la commune {labels[1]} : Illisible"


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


# Mes enfants.


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


# Whose it is.


def test_another_family_s_requests_do_not_exist(jean, app):
    number = asked(city="TOULOUSE")
    line = lines(number)[0].id
    stranger = app.test_client()
    stranger.log_in("durand")
    assert rows(stranger, "/demandes", "Demandes en attente") == []
    for address in (f"/demandes/{number}", f"/demandes/{number}.pdf", f"/demandes/{number}/justificatif"):
        assert stranger.get(address).status_code == 404
    other = booked(adult=durand)
    answer = stranger.send_form(f"/demandes/{other}/retrait", {}, page=f"/demandes/{other}")
    assert answer.status_code == 303
    for sent in ({}, {"ligne": line}):
        answer = stranger.post(f"/demandes/{number}/retrait", data={**token(stranger), **sent})
        assert answer.status_code == 404
    assert lines(number)[0].state is LineState.SUBMITTED


def token(client, page="/demandes") -> dict[str, str]:
    return {"csrf_token": re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)[1]}


def test_without_authority_the_child_s_file_does_not_exist_and_its_days_do(jean):
    health, day = asked(HEALTH, child=lea(), alerts=ALLERGY), booked()
    with db.transaction() as writing:
        writing.delete(writing.get(Authority, (dupont().id, lea())))
    assert {row["Demande"] for row in rows(jean, CHILDREN, "Demandes en attente")} == {"Demande de Réservation"}
    assert jean.get(f"/demandes/{day}").status_code == 200
    assert jean.get(f"/demandes/{health}").status_code == 404
    assert jean.get(f"/demandes/{health}.pdf").status_code == 404
    assert jean.post(f"/demandes/{health}/retrait", data=token(jean)).status_code == 404


def test_the_other_parent_reads_and_withdraws_what_the_first_asked(app):
    with db.transaction() as writing:
        jeanne = writing.query(Adult).filter_by(first_name="JEANNE").one()
        jeanne.account = people.account("jeanne.dupont")
    number, client = asked(city="TOULOUSE"), app.test_client()
    client.log_in("jeanne.dupont")
    assert "JEAN DUPONT (Père)" in text_of(client.get("/demandes"))
    client.send_form(f"/demandes/{number}/retrait", {}, page=f"/demandes/{number}")
    assert "par JEANNE DUPONT" in text_of(client.get(f"/demandes/{number}"))


def test_an_agent_does_not_open_the_family_s_list(client):
    client.log_in("guichet")
    assert client.get("/demandes").status_code == 403


@pytest.fixture
def acting(client):
    client.log_in("guichet")
    number = dupont().family_id
    client.post(f"/agent/familles/{number}/agir", data=token(client, "/agent/profil"))
    return client


def test_an_agent_who_acts_for_the_family_reads_no_health_there_and_may_withdraw(acting):
    health = asked(HEALTH, child=lea(), alerts=ALLERGY)
    page = acting.get(f"/demandes/{health}")
    assert "Allergies" in text_of(page)
    assert "Arachide" not in page.text
    acting.send_form(f"/demandes/{health}/retrait", {}, page=f"/demandes/{health}")
    assert lines(health)[0].state is LineState.WITHDRAWN
    noted = db.session.query(Event).filter_by(kind="line_withdrawn").one()
    assert noted.actor_id == Account.named("guichet").id
    assert "le service, pour la famille" in text_of(acting.get(f"/demandes/{health}"))


def test_of_a_refusal_about_health_the_agent_who_acts_reads_only_that_it_is_one(acting):
    health, town = asked(HEALTH, child=lea(), alerts=ALLERGY), asked(city="TOULOUSE")
    refuse(health, reason="La Ventoline demande un PAI")
    refuse(town, reason="Hors de la commune")
    for address in (CHILDREN, f"/demandes/{health}"):
        page = acting.get(address)
        assert "refusée" in text_of(page)
        assert "Ventoline" not in page.text
    assert "Hors de la commune" in text_of(acting.get("/demandes"))


# The page of a request.


def test_the_page_of_a_request_is_its_receipt_with_each_line_and_each_step(jean):
    number = asked(city="TOULOUSE", phone_mobile="06 12 34 56 78")
    refuse(number, line=0, reason="Hors de la commune")
    page = jean.get(f"/demandes/{number}")
    said = text_of(page).replace("\u00a0", " ")
    assert "Accusé de réception" in said
    assert db.session.get(Request, number).code in said
    assert "SAINT - JEAN → devient TOULOUSE" in said
    assert "Motif du refus : Hors de la commune" in said
    assert "répondue en partie" in said
    steps = [said.index(word) for word in ("Demande envoyée", "Prise en charge par le service", "Demande refusée")]
    assert steps == sorted(steps)
    assert "par JEAN DUPONT (Père)" in said
    assert "lundi 4 mai 2015" in said[steps[1] :]
    assert "Claire Vidal" not in page.text
    assert f"/demandes/{number}.pdf" in page.text
    assert "/mon-compte/responsable/modification" in page.text


def test_amended_it_says_so(jean):
    number = asked(city="TOULOUSE")
    asked(city="ALBI", submission="again")
    assert "Demande modifiée" in text_of(jean.get(f"/demandes/{number}"))


def test_each_step_and_each_line_says_who_did_it(jean):
    with db.transaction() as writing:
        jeanne = writing.query(Adult).filter_by(first_name="JEANNE").one()
        jeanne.account = people.account("jeanne.dupont")
    hers = lambda: Author(db.session.query(Adult).filter_by(first_name="JEANNE").one())  # noqa: E731
    number = asked(by=by_agent, city="TOULOUSE", csp="Artisan")
    asked(by=hers, submission="hers", city="ALBI", profession="Sellier")
    asked(submission="his", employer="Moi")
    said = text_of(jean.get(f"/demandes/{number}"))
    steps = said[said.index("Suivi") :]
    day = r"lundi 4 mai 2015 à \d+ h \d+"
    for step in (
        rf"Demande envoyée : Ville ; CSP {day}, par Claire Vidal, du service, pour la famille",
        rf"Demande modifiée par la famille : Ville {day}, par JEANNE DUPONT",
        rf"Demande envoyée : Profession {day}, par JEANNE DUPONT",
        rf"Demande envoyée : Employeur {day}, par JEAN DUPONT",
    ):
        assert re.search(step, steps), step
    lines_told = said[: said.index("Suivi")]
    assert re.search(rf"devient ALBI Modifié par JEANNE DUPONT, {day}", lines_told)
    assert re.search(rf"devient Moi Ajouté par JEAN DUPONT \(Père\), {day}", lines_told)
    assert "devient Artisan Retirer cette ligne" in lines_told
    _, printed = paper_of(jean, number)
    assert printed.count("Modifié par JEANNE DUPONT") == 1
    assert printed.count("Ajouté par") == 2


def test_without_the_journal_the_page_still_tells_when_it_was_sent_and_decided(jean):
    number = asked(city="TOULOUSE")
    accept(number)
    with db.transaction() as writing:  # the journal cannot be changed: as if it were of another line
        line = writing.get(Request, number).lines[0]
        copy = RequestLine(**{c.name: getattr(line, c.name) for c in RequestLine.__table__.columns if c.name != "id"})
        writing.delete(line)
        writing.flush()
        writing.add(copy)
    said = text_of(jean.get(f"/demandes/{number}"))
    assert "Demande envoyée" in said
    assert "Demande acceptée" in said


def test_without_the_journal_a_line_that_was_added_later_does_not_hide_when_it_was_sent(jean):
    with db.transaction() as writing:  # sent before what the journal still holds
        request = Request.of(RESPONSABLE.kind, dupont().family_id, by=Author(dupont()), submission="old")
        request.submitted_at = clock.local_now() - timedelta(days=10)
        request.lines.append(RequestLine(kind=RESPONSABLE.kind, field="city", before="SAINT - JEAN", after="ALBI"))
        writing.add(request)
        writing.flush()
        number = request.id
    assert asked(csp="Artisan", submission="added") == number
    steps = text_of(jean.get(f"/demandes/{number}"))
    steps = steps[steps.index("Suivi") :]
    assert re.search(r"Demande envoyée vendredi 24 avril 2015 à .* Demande envoyée : CSP lundi 4 mai 2015", steps)


def test_a_day_s_page_leads_to_its_planning_and_shows_the_parent_s_reason(jean):
    with db.transaction():
        child = db.session.get(Child, lea())
        row = enrolment(activity(approval=Approval.AUTOMATIC), dupont().family, child)
        slot = Slot.of_family(row.family_id, row.id, DAY)
        slot.ask_booking(by=Author(dupont()), submission="b")
        number = slot.report_absence(by=Author(dupont()), reason="Chez le dentiste", submission="a").id
    page = jean.get(f"/demandes/{number}")
    assert "/planning/2015-05?semaine=19" in page.text
    assert "Chez le dentiste" in page.text
    assert ", selon la règle de la prestation" in text_of(page)
    assert "Retirer ma demande" not in text_of(page)


def test_an_accepted_child_leads_to_its_dossier(jean):
    with db.transaction():
        record = {"first_name": "Tom", "last_name": "DUPONT", "birth_date": "2013-03-02"}
        number = change.ask_for(NEW_CHILD, record, by=Author(dupont()), submission="child").id
    assert "Dossier unique d’inscription de Tom" not in text_of(jean.get(f"/demandes/{number}"))
    accept(number)
    page = jean.get(f"/demandes/{number}")
    assert "Dossier unique d’inscription de Tom" in text_of(page)
    child = db.session.query(Child).filter_by(first_name="Tom").one().id
    assert f"/enfants/{child}/dossier" in page.text


# Withdrawing.


def test_one_line_then_the_rest_is_withdrawn_from_the_page(jean):
    number = asked(city="TOULOUSE", phone_mobile="06 12 34 56 78")
    first, _ = lines(number)
    address = f"/demandes/{number}/retrait"
    answer = jean.post(address, data={**token(jean), "ligne": first.id})
    assert "Cette ligne est retirée." in text_of(jean.get(answer.location))
    assert [line.state for line in lines(number)] == [LineState.WITHDRAWN, LineState.SUBMITTED]
    answer = jean.send_form(address, {}, page=f"/demandes/{number}")
    said = text_of(jean.get(answer.location))
    assert "Votre demande est retirée." in said
    assert "le service ne la traitera pas" in said
    assert lines(number)[1].state is LineState.WITHDRAWN


def test_withdrawn_twice_or_too_late_it_is_said_and_nothing_changes(jean):
    number, decided = asked(city="TOULOUSE"), asked(BANQUE, bic="AGRIFRPP")
    accept(decided)
    jean.post(f"/demandes/{number}/retrait", data=token(jean))
    again = jean.post(f"/demandes/{number}/retrait", data=token(jean))
    assert again.status_code == 422
    assert "déjà retirée" in text_of(again)
    late = jean.post(f"/demandes/{decided}/retrait", data=token(jean))
    assert late.status_code == 422
    assert "a déjà reçu sa réponse" in text_of(late)
    assert lines(decided)[0].state is LineState.ACCEPTED


@pytest.mark.parametrize("which", ["abc", "", "-1", "999999"])
@pytest.mark.both_engines
def test_a_line_that_is_none_withdraws_nothing(jean, which):
    number = asked(city="TOULOUSE")
    answer = jean.post(f"/demandes/{number}/retrait", data={**token(jean), "ligne": which})
    assert answer.status_code == 404
    assert lines(number)[0].state is LineState.SUBMITTED


def test_a_line_of_another_request_is_not_withdrawn_through_this_one(jean):
    mine, other = asked(city="TOULOUSE"), asked(FISCALES, tax_parts="2")
    answer = jean.post(f"/demandes/{mine}/retrait", data={**token(jean), "ligne": lines(other)[0].id})
    assert answer.status_code == 404
    assert lines(other)[0].state is LineState.SUBMITTED


def test_the_mails_lead_to_the_page_of_the_request(app, jean):
    number = asked(city="TOULOUSE")
    refuse(number)
    sent = [job.payload for job in db.session.query(Job).filter_by(kind="mail").order_by(Job.id)]
    assert [one["template"] for one in sent] == ["request_received", "request_decided"]
    for payload in sent:
        with app.test_request_context():
            message = mail.compose(payload)
        for part in message.iter_parts():
            link = re.search(r"http://localhost(/demandes/\d+)", part.get_content())[1]
            assert link == f"/demandes/{number}"
            assert "TOULOUSE" not in part.get_content()
            assert "Justificatif manquant" not in part.get_content()
    assert jean.get(link).status_code == 200


# On paper.


def paper_of(client, number) -> tuple[PdfReader, str]:
    answer = client.get(f"/demandes/{number}.pdf")
    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    reader = PdfReader(BytesIO(answer.data))
    read = " ".join(page.extract_text() for page in reader.pages)
    return reader, re.sub(r"\s+", " ", read)


def test_the_receipt_on_paper_is_tagged_and_tells_what_was_asked(jean):
    number = asked(city="TOULOUSE", phone_mobile="06 12 34 56 78")
    refuse(number, line=0, reason="Hors de la commune")
    reader, said = paper_of(jean, number)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"].startswith("fr")
    code = db.session.get(Request, number).code
    for word in (code, "Accusé de réception", "lundi 4 mai 2015", "JEAN DUPONT (Père)", "Infos responsable",
                 "TOULOUSE", "SAINT - JEAN", "06 12 34 56 78", "Hors de la commune", "L112-8", "05 61 00 00 00",
                 "Guichet unique"):  # fmt: skip
        assert word in said, word
    assert "Claire Vidal" not in said


def test_the_paper_tells_neither_health_nor_a_whole_account_number(jean):
    _, said = paper_of(jean, asked(HEALTH, child=lea(), alerts=ALLERGY, doctor="Dr Martin"))
    assert "Allergies" in said
    assert "Arachide" not in said
    assert "Martin" not in said
    _, said = paper_of(jean, asked(BANQUE, iban=IBAN))
    assert "0189" in said
    assert "7890" not in said.replace(" ", "")


def test_the_paper_of_a_day_names_it(jean):
    _, said = paper_of(jean, booked(name="Garderie du soir"))
    assert "Léa, Garderie du soir, mercredi 6 mai 2015" in said


def test_the_state_on_paper_is_that_of_its_day(jean):
    number = asked(city="TOULOUSE")
    assert "en attente" in paper_of(jean, number)[1]
    accept(number)
    assert "acceptée" in paper_of(jean, number)[1]
