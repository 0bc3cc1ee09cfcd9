"""Demandes: the queue and one request, as agents use them, without JavaScript and by fragments."""

import json
import re
from datetime import date, timedelta

import pytest

from app import clock, db
from app.models.accounts import Account, Permission, Role
from app.models.accounts import permission as permissions
from app.models.changes import change
from app.models.changes.three_way import Wish, standing
from app.models.documents import DocumentKind, DocumentSubject
from app.models.enrolments import Booking, Enrolment
from app.models.event import Event
from app.models.families import Adult, Authority, Child, Consent, Contact, ContactRole, Custody, Finances, HealthSheet
from app.models.families.author import Author
from app.models.families.sections.account import BANQUE, CONJOINT, FISCALES, RESPONSABLE
from app.models.families.sections.child import (
    AUTHORISATIONS,
    CHILD,
    CONSENTS,
    ENROLMENT,
    HEALTH,
    INSURANCE,
    NEW_CHILD,
    PERSONS,
)
from app.models.families.sections.values import Sheet
from app.models.jobs import Job
from app.models.places import withdrawal
from app.models.planning.many_days import Asking
from app.models.planning.slot import Slot
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.reviews import ReasonTopic, StandardReason
from app.models.reviews.review import Review
from app.models.town import Activity, Approval, Structure
from app.models.town.activity import weekday_bits
from app.models.upload import Paper
from tests.builders import DAY, activity, clerk, dupont, durand, enrolment
from tests.conftest import FRAGMENT, text_of


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


def ask(adult=None, name="Essai", **how) -> int:
    with db.transaction():
        who = adult() if adult else dupont()
        row = enrolment(activity(name, approval=Approval.MANUAL, **how), who.family)
        return Slot.of_family(who.family_id, row.id, DAY).ask_booking(by=Author(who), submission=f"s{row.id}").id


@pytest.fixture
def asked(app) -> int:
    with app.app_context():
        return ask()


def line_of(app, number):
    with app.app_context():
        return db.session.get(Request, number).lines[0]


def test_a_line_that_was_taken_back_says_by_whom(guichet, app):
    with app.app_context(), db.transaction():
        adult = dupont()
        wish = Wish(Sheet(RESPONSABLE, adult.family_id), {"city": "ALBI"}, {})
        number = change.ask(RESPONSABLE.kind, [wish], by=Author(adult), submission="w").id
    with app.app_context(), db.transaction():
        withdrawal.withdraw(number, by=Author(dupont()))
    told = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert "Réponse : Retirée par la famille, " in told
    assert "Selon la règle" not in told


def test_the_queue_shows_what_waits_oldest_first(app, guichet, asked):
    with app.app_context():
        later = ask(durand, "Autre")
        with db.transaction():
            db.session.get(Request, asked).submitted_at = clock.local_now() - timedelta(days=5)
        codes = [db.session.get(Request, number).code for number in (asked, later)]
    page = text_of(guichet.get("/agent/demandes"))
    assert "2 demandes" in page
    assert page.index(codes[0]) < page.index(codes[1])
    assert page.count("en retard") == 1
    assert "il y a 5 jours" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=dupont", True),
        ("q=DÜPONT jean", True),
        ("q=durand", False),
        ("type=booking", True),
        ("type=absence", False),
        ("etat=repondues", False),
        ("etat=en-cours", False),
        ("etat=nimporte", True),
        ("age=1", False),
        ("a-moi=1", False),
        ("structure=999", False),
        ("type=nimporte&age=abc&structure=abc", True),
        ("page=-3", True),
    ],
)
@pytest.mark.both_engines
def test_filters(app, guichet, asked, query, found):
    code = db_code(app, asked)
    assert (code in guichet.get(f"/agent/demandes?{query}").text) == found


def db_code(app, number) -> str:
    with app.app_context():
        return db.session.get(Request, number).code


@pytest.mark.both_engines
def test_a_code_finds_its_request_however_it_is_typed(app, guichet, asked):
    code = db_code(app, asked)
    assert code in guichet.get(f"/agent/demandes?q={code.lower()}").text


def test_by_htmx_the_filters_bring_the_list_alone(guichet, asked):
    answer = guichet.get("/agent/demandes?q=dupont", headers=FRAGMENT)
    assert answer.text.startswith("<section") or 'id="queue"' in answer.text[:200]
    assert "<html" not in answer.text


def test_the_queue_asks_as_many_queries_for_one_request_as_for_three(app, guichet, asked, count_queries):
    guichet.get("/agent/demandes")
    with count_queries() as few:
        guichet.get("/agent/demandes")
    with app.app_context():
        ask(durand, "Deux")
        ask(durand, "Trois")
    with count_queries() as many:
        guichet.get("/agent/demandes")
    assert len(few) == len(many) <= 10


def test_a_request_is_taken_accepted_and_the_family_reads_it(app, guichet, asked, make_app):
    page = f"/agent/demandes/{asked}"
    assert guichet.send_form(f"{page}/prise-en-charge", {}, page=page).location == page
    assert "Traitée par" in text_of(guichet.get(page))
    line = line_of(app, asked)
    accept = f"{page}/lignes/{line.id}/acceptation"
    assert guichet.send_form(accept, {}, page=page).location == page
    shown = text_of(guichet.get(page))
    assert "répondue" in shown
    assert "Claire Vidal, lundi 4 mai 2015" in shown
    parent = app.test_client()
    parent.log_in("jean.dupont")
    assert "Réservé" in text_of(parent.get(f"/inscriptions/{line.enrolment_id}/{DAY}"))
    assert "acceptée" in text_of(parent.get(f"/demandes/{asked}"))


def test_a_refusal_needs_a_reason_and_the_family_reads_it(app, guichet, asked):
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    refuse = f"{page}/lignes/{line.id}/refus"
    answer = guichet.send_form(refuse, {"standard": "", "motif": " "}, page=page)
    assert answer.status_code == 422
    assert "Un refus doit dire pourquoi." in text_of(answer)
    guichet.send_form(refuse, {"standard": "", "motif": "Le minibus est en panne"}, page=page)
    parent = app.test_client()
    parent.log_in("jean.dupont")
    assert "Le minibus est en panne" in text_of(parent.get(f"/inscriptions/{line.enrolment_id}/{DAY}"))
    assert "Motif du refus : Le minibus est en panne" in text_of(parent.get(f"/demandes/{asked}"))


def test_standard_reasons_are_offered_and_what_is_typed_comes_first(app, guichet, asked):
    with app.app_context(), db.transaction():
        StandardReason.add("Plus de place", ReasonTopic.DAYS)
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    assert "<option>Plus de place</option>" in re.sub(r"\s+<", "<", guichet.get(page).text)
    guichet.send_form(f"{page}/lignes/{line.id}/refus", {"standard": "Plus de place", "motif": ""}, page=page)
    assert line_of(app, asked).decision_reason == "Plus de place"


def test_by_htmx_the_answer_is_the_request_and_the_flash(app, guichet, asked):
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    accept = f"{page}/lignes/{line.id}/acceptation"
    answer = guichet.send_form(accept, {}, page=page, headers=FRAGMENT)
    assert answer.status_code == 200
    assert 'id="request"' in answer.text
    assert 'hx-target="#flash"' in answer.text
    assert "<html" not in answer.text


def test_the_second_agent_reads_who_was_first(app, guichet, asked):
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    accept = f"{page}/lignes/{line.id}/acceptation"
    second = app.test_client()
    second.log_in("admin")
    assert second.get(page).status_code == 200
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', second.get(page).text)[1]
    guichet.send_form(accept, {}, page=page)
    answer = second.post(accept, data={"csrf_token": token, "version": "1"})
    assert answer.status_code == 422
    assert "déjà acceptée par Claire Vidal" in text_of(answer)


def test_a_full_day_is_accepted_only_by_the_explicit_way(app, guichet):
    with app.app_context():
        number = ask(places=0)
    page, line = f"/agent/demandes/{number}", line_of(app, number)
    shown = text_of(guichet.get(page))
    assert "0 prises sur 0" in shown
    assert "Accepter au-delà des places" in shown
    guichet.send_form(f"{page}/lignes/{line.id}/acceptation", {}, page=page)  # the form carries the override
    assert line_of(app, number).state is LineState.ACCEPTED


def test_who_may_not_override_is_told_who_can(app, client):
    with app.app_context():
        number = ask(places=0)
        with db.transaction():
            Account.named("animation").agent.structures = db.session.query(Structure).all()
    client.log_in("animation")
    page = text_of(client.get(f"/agent/demandes/{number}"))
    assert "votre rôle ne permet pas de l’accepter" in page
    assert "Accepter au-delà" not in page


def test_a_request_of_other_structures_does_not_exist(app, client, asked):
    client.log_in("animation")
    assert client.get(f"/agent/demandes/{asked}").status_code == 404
    assert "Aucune demande" in text_of(client.get("/agent/demandes"))


def test_of_a_request_of_several_structures_an_agent_reads_what_became_of_their_own_lines(app, client):
    with app.app_context():
        with db.transaction():
            ours = activity("Chez nous", approval=Approval.MANUAL)
            theirs = activity("Ailleurs", approval=Approval.MANUAL, structure=Structure(name="Ailleurs"))
            first = enrolment(ours, dupont().family)
            rows = [(first, DAY), (enrolment(theirs, dupont().family, first.child), DAY)]
            number = Asking(RequestKind.BOOKING, rows, Author(dupont()), "both").send().id
            Account.named("animation").agent.structures = [ours.structure]
            family = dupont().family_id
        with db.transaction():
            review = Review.locked(clerk(), number)
            review.accept(review.lines[0].id, version=1)
            review.refuse(review.lines[1].id, version=1, reason="Trop loin")
    for identifiant, hears in (("animation", False), ("guichet", True)):
        client.log_in(identifiant)
        for page in ("/agent/demandes?etat=repondues", f"/agent/familles/{family}"):
            row = text_of(client.get(page))
            assert ("refusée" in row) is hears, (identifiant, page)
        client.log_out("/agent/")


def test_a_stale_page_comes_back_with_what_was_typed(app, guichet, asked):
    page, line = f"/agent/demandes/{asked}", line_of(app, asked)
    answer = guichet.post(f"{page}/lignes/{line.id}/refus", data={"motif": "Une longue explication"})
    assert answer.status_code == 422
    assert "Une longue explication" in answer.text
    assert line_of(app, asked).state is LineState.SUBMITTED


def test_many_are_accepted_in_one_go_with_a_result_for_each(app, guichet):
    with app.app_context():
        good, full = ask(name="Bon"), ask(durand, "Complet", places=0)
        with db.transaction():  # as if the place had gone after the request was sent
            for line in db.session.get(Request, full).lines:
                line.state = LineState.SUBMITTED
    opened = guichet.send_form("/agent/demandes/lots", {"tout": "1"}, page="/agent/demandes")
    assert re.fullmatch(r"/agent/demandes/lots/\d+", opened.location)
    assert "0 ligne sur 2" in text_of(guichet.get(opened.location))
    after = guichet.send_form(f"{opened.location}/suite", {}, page=opened.location)
    page = text_of(guichet.get(after.location))
    assert "C’est fini : 1 acceptée , 1 impossible" in page or "1 acceptée, 1 impossible" in page
    assert "Il ne reste plus de place ce jour-là." in page
    assert line_of(app, good).state is LineState.ACCEPTED
    with app.app_context():
        assert db.session.query(Booking).filter_by(enrolment_id=line_of(app, good).enrolment_id).count() == 1
        noted = db.session.query(Event).filter_by(kind="line_accepted", subject_id=line_of(app, good).id).one()
        assert noted.address == "127.0.0.1"  # a lot tells from where, as a single answer does


def test_a_lot_is_its_agent_s_alone_and_an_empty_one_says_so(app, guichet, asked):
    empty = guichet.send_form("/agent/demandes/lots", {}, page="/agent/demandes")
    assert empty.location == "/agent/demandes"
    assert "Cochez au moins une demande" in text_of(guichet.get(empty.location))
    opened = guichet.send_form("/agent/demandes/lots", {"demande": str(asked)}, page="/agent/demandes")
    other = app.test_client()
    other.log_in("admin")
    assert other.get(opened.location).status_code == 404


def test_a_change_of_a_file_is_not_offered_to_a_lot(app, guichet, asked, lea):
    with app.app_context():
        change = wants(INSURANCE, child_id=lea, insurer="MAIF")
    page = guichet.get("/agent/demandes").text
    assert f"/agent/demandes/{change}" in page
    assert re.findall(r'name="demande" value="(\d+)"', page) == [str(asked)]


TOO_LATE = {"text": "Trop tard", "topic": "days"}


def test_reasons_are_added_once_and_removed(guichet):
    assert guichet.send_form("/agent/demandes/motifs", TOO_LATE).location == "/agent/demandes/motifs"
    again = guichet.send_form("/agent/demandes/motifs", TOO_LATE)
    assert again.status_code == 422
    assert "déjà dans cette liste" in text_of(again)
    page = guichet.get("/agent/demandes/motifs")
    remove = re.search(r'action="(/agent/demandes/motifs/\d+/suppression)"', page.text)[1]
    guichet.send_form(remove, {}, page="/agent/demandes/motifs")
    assert "Trop tard" not in text_of(guichet.get("/agent/demandes/motifs"))


def test_a_reason_says_what_it_refuses_and_may_serve_twice(guichet):
    unsaid = guichet.send_form("/agent/demandes/motifs", {"text": "Trop tard"})
    assert unsaid.status_code == 422
    assert "Choisissez ce que ce motif refuse." in text_of(unsaid)
    for topic in ReasonTopic:
        guichet.send_form("/agent/demandes/motifs", {**TOO_LATE, "topic": topic.value})
    assert text_of(guichet.get("/agent/demandes/motifs")).count("Retirer « Trop tard »") == len(ReasonTopic)


def test_each_thing_that_is_refused_has_reasons_of_its_own(app, guichet, asked, lea):
    with app.app_context():
        with db.transaction():
            StandardReason.seed()
        change = wants(INSURANCE, child_id=lea, insurer="MAIF")
    day, paper = "Il ne reste plus de place ce jour-là.", "Ce n’est pas le document demandé."
    of_days, of_the_change = (text_of(guichet.get(f"/agent/demandes/{one}")) for one in (asked, change))
    assert day in of_days
    assert day not in of_the_change
    assert "Ce changement demande l’accord de l’autre parent." in of_the_change
    assert "l’accord de l’autre parent" not in of_days
    assert paper not in of_days + of_the_change


@pytest.mark.parametrize(
    "query",
    [
        "age=-999999999",
        "page=9999999999999999999999999",
        "structure=9999999999999999999999999",
        "page=7",
    ],
)
@pytest.mark.both_engines
def test_absurd_numbers_are_as_if_not_given(app, guichet, asked, query):
    assert db_code(app, asked) in guichet.get(f"/agent/demandes?{query}").text


@pytest.mark.both_engines
def test_a_lot_of_absurd_numbers_is_empty(guichet, asked):
    form = {"demande": "9" * 25, "tout": ""}
    assert guichet.send_form("/agent/demandes/lots", form, page="/agent/demandes").location == "/agent/demandes"


@pytest.mark.parametrize(
    "address",
    [
        "/agent/familles/1/reunion?avec={}",
        "/agent/inscriptions/nouvelle?enfant={}",
        "/agent/inscriptions?page={}&structure={}",
        "/agent/familles?page={}",
        "/agent/journal?page={}",
    ],
)
def test_absurd_numbers_elsewhere_on_the_desk(client, address):
    client.log_in("admin")
    assert client.get(address.replace("{}", "9" * 25)).status_code in (200, 404)


def test_a_reason_that_looks_like_a_day_does_not_break_the_journal(client):
    client.log_in("admin")
    client.send_form("/agent/demandes/motifs", {**TOO_LATE, "text": "2026-13-45"})
    assert "2026-13-45" in text_of(client.get("/agent/journal"))
    assert client.get("/agent/journal.csv").status_code == 200


# Changes of a file


def wants(section, adult=dupont, child_id=None, *, paper=None, kind=None, **wanted) -> int:
    """The family asks for these changes of a section."""
    with db.transaction():
        who = adult()
        sheet = Sheet(section, who.family_id, child_id)
        wish = Wish(sheet, wanted, standing(sheet, change.pending(who.family_id, child_id)))
        asked = change.ask(
            kind or section.kind, [wish], by=Author(who), submission=f"{section.slug} {who.id} {wanted}", paper=paper
        )
        return asked.id


def wants_new(section, record, adult=dupont, child_id=None) -> int:
    with db.transaction():
        return change.ask_for(section, record, by=Author(adult()), submission=str(record), child_id=child_id).id


@pytest.fixture
def lea(app) -> int:
    with app.app_context():
        return Child.of_family(dupont().family_id)[0].id


@pytest.fixture
def shared(app, lea) -> int:
    """The guide's child, who lives at the DURANDs' too."""
    with app.app_context(), db.transaction() as writing:
        writing.add(Custody(child_id=lea, family_id=durand().family_id))
    return lea


def readings(app) -> int:
    with app.app_context():
        return db.session.query(Event).filter_by(kind="health_read").count()


def test_a_change_is_read_old_and_new_with_who_asks_in_the_queue_and_on_its_page(app, guichet, lea):
    with app.app_context():
        with db.transaction():
            dupont().employer = "Le Fournil"
        number = wants(RESPONSABLE, employer="Mairie")
        child = wants(INSURANCE, child_id=lea, insurer="MAIF")
    queue = text_of(guichet.get("/agent/demandes"))
    assert "Employeur : Le Fournil → devient Mairie" in queue
    assert "LEA, Compagnie d’assurance : non renseigné → devient MAIF" in queue
    page = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert "Le Fournil → devient Mairie" in page
    assert "Demandée par : JEAN DUPONT (père)" in page
    assert "Enfant : LEA DUPONT" in text_of(guichet.get(f"/agent/demandes/{child}"))


def test_what_an_agent_asked_for_the_family_says_so(app, guichet):
    with app.app_context(), db.transaction():
        adult = dupont()
        wish = Wish(Sheet(RESPONSABLE, adult.family_id), {"csp": "Employé"}, {"csp": ""})
        by = Author(adult, Account.named("admin").agent)
        number = change.ask(RESPONSABLE.kind, [wish], by=by, submission="one").id
        name = by.agent.name
    page = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert f"Saisie par : {name}, agent, pour la famille" in page


def test_money_is_not_in_the_queue_and_an_account_number_is_whole_for_who_decides(app, guichet):
    with app.app_context():
        number = wants(BANQUE, iban="FR1420041010050500013M02606", bic="PSSTFRPPTOU")
    queue = guichet.get("/agent/demandes").text
    assert "IBAN" in queue
    assert "2606" not in queue
    assert "FR14 2004 1010 0505 0001 3M02 606" in text_of(guichet.get(f"/agent/demandes/{number}"))


def test_the_paper_is_named_for_what_it_is(app, guichet):
    with app.app_context():
        number = wants(FISCALES, tax_income="32450", paper=Paper("a-key", "application/pdf", 10))
    page = guichet.get(f"/agent/demandes/{number}")
    assert "Ouvrir l’avis d’imposition" in text_of(page)
    assert "32 450 €" in text_of(page).replace("\u202f", " ").replace("\xa0", " ")


def test_a_file_that_changed_is_said_before_the_agent_clicks(app, guichet):
    with app.app_context():
        number = wants(RESPONSABLE, employer="Mairie", csp="Employé")
        with db.transaction():
            dupont().employer = "Le Fournil"
    page = guichet.get(f"/agent/demandes/{number}")
    assert "il dit maintenant « Le Fournil »" in text_of(page)
    stale, fresh = sorted(lines_of(app, number), key=lambda line: line.field, reverse=True)
    assert f"lignes/{stale.id}/acceptation" not in page.text
    assert f"lignes/{stale.id}/refus" in page.text
    assert f"lignes/{fresh.id}/acceptation" in page.text
    assert "Une ligne au moins ne peut pas être acceptée en l’état" in text_of(page)


def lines_of(app, number) -> list[RequestLine]:
    with app.app_context():
        return list(db.session.get(Request, number).lines)


def test_the_same_field_asked_by_the_other_household_is_shown_with_its_code(app, guichet, shared):
    with app.app_context():
        mine = wants(INSURANCE, child_id=shared, insurer="MAIF", insurance_number="1")
        theirs = wants(INSURANCE, durand, shared, insurer="MAE")
        code = db.session.get(Request, theirs).code
    page = guichet.get(f"/agent/demandes/{mine}")
    assert (
        f"L’autre foyer (SOPHIE DURAND) demande aussi à changer ce champ, et attend sa réponse sous le code {code}"
        in (text_of(page))
    )
    assert text_of(page).count("L’autre foyer") == 1
    assert f'href="/agent/demandes/{theirs}"' in page.text


def test_who_must_not_come_is_said_when_a_parent_would_let_them_come(app, guichet, lea):
    with app.app_context():
        with db.transaction() as writing:
            writing.add(Contact(child_id=lea, role=ContactRole.FORBIDDEN, name="Éric Petit"))
        wanted = json.dumps([["collects", "PETIT eric", "oncle", ""], ["collects", "Rose Petit", "", ""]])
        number = wants(PERSONS, child_id=lea, contacts=wanted)
    page = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert "Éric Petit ne doit pas venir chercher l’enfant" in page
    assert page.count("ne doit pas venir") == 1


def test_reading_health_is_noted_once_a_view_with_its_reader_and_not_what_was_read(app, guichet, lea):
    with app.app_context():
        number = wants(HEALTH, child_id=lea, doctor="Dr Petit")
    queue = guichet.get("/agent/demandes").text
    assert "Médecin traitant" in queue
    assert "Dr Petit" not in queue
    assert readings(app) == 0
    page = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert "Dr Petit" in page
    assert "le journal note que vous les avez lues" in page
    assert readings(app) == 1
    guichet.get(f"/agent/demandes/{number}")
    assert readings(app) == 2
    with app.app_context():
        read = db.session.query(Event).filter_by(kind="health_read").first()
        assert (read.actor_id, read.family_id) == (Account.named("guichet").id, dupont().family_id)
        assert (read.subject_kind, read.subject_id) == ("child", lea)
        assert read.before is None
        assert read.after is None
    admin = app.test_client()
    admin.log_in("admin")
    assert "Données de santé lues" in text_of(admin.get("/agent/journal"))


def test_other_requests_note_no_reading(app, guichet, asked):
    with app.app_context():
        number = wants(RESPONSABLE, employer="Mairie")
    guichet.get(f"/agent/demandes/{number}")
    guichet.get(f"/agent/demandes/{asked}")
    assert readings(app) == 0


def test_accepting_health_writes_it_and_a_refused_answer_is_one_more_reading(app, guichet, lea):
    with app.app_context():
        number = wants(HEALTH, child_id=lea, doctor="Dr Petit", care="Fatigable")
    page = f"/agent/demandes/{number}"
    doctor, care = lines_of(app, number)
    guichet.send_form(f"{page}/lignes/{doctor.id}/acceptation", {}, page=page)
    with app.app_context():
        assert db.session.get(HealthSheet, lea).doctor == "Dr Petit"
        noted = db.session.query(Event).filter_by(kind="line_accepted", subject_id=doctor.id).one()
        assert noted.after == {"line": "LEA, Médecin traitant"}
    before = readings(app)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', guichet.get("/agent/profil").text)[1]
    answer = guichet.post(f"{page}/lignes/{care.id}/acceptation", data={"csrf_token": token, "version": "9"})
    assert answer.status_code == 422
    assert "Fatigable" in answer.text
    assert readings(app) == before + 1


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("permission", "shown"), [(Permission.HEALTH, "Dr Petit"), (Permission.FINANCES, "MAE")])
def test_who_does_not_read_it_neither_sees_nor_decides_it(app, guichet, lea, monkeypatch, permission, shown):
    with app.app_context():
        number = (
            wants(HEALTH, child_id=lea, doctor="Dr Petit")
            if permission is Permission.HEALTH
            else wants(BANQUE, bank_holder="MAE")
        )
    table = permissions.TABLE | {Role.GUICHET: permissions.TABLE[Role.GUICHET] - {permission}}
    monkeypatch.setattr("app.models.accounts.agent.TABLE", table)
    page = f"/agent/demandes/{number}"
    answer = guichet.get(page)
    assert shown not in answer.text
    assert "ce que votre rôle ne lit pas" in text_of(answer)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', guichet.get("/agent/profil").text)[1]
    (line,) = lines_of(app, number)
    decided = guichet.post(f"{page}/lignes/{line.id}/acceptation", data={"csrf_token": token, "version": "1"})
    assert decided.status_code == 422
    assert lines_of(app, number)[0].state is LineState.SUBMITTED
    assert readings(app) == 0


def test_animation_sees_no_change_of_a_file(app, client, lea):
    with app.app_context():
        number = wants(INSURANCE, child_id=lea, insurer="MAIF")
        with db.transaction():
            Account.named("animation").agent.structures = db.session.query(Structure).all()
    client.log_in("animation")
    assert client.get(f"/agent/demandes/{number}").status_code == 404
    assert "MAIF" not in client.get("/agent/demandes").text


def dossier(child_id: int) -> int:
    """A dossier sent online: some twenty lines of three sections."""
    with db.transaction():
        who = dupont()
        wished = {
            CHILD: {"sex": "fille", "birth_place": "Toulouse", "diet": "sans porc"},
            INSURANCE: {"insurer": "MAIF", "insurance_number": "1", "insured_until": "2015-12-31"},
            HEALTH: {
                "doctor": "Dr Petit",
                "alerts": json.dumps([["food", "Arachide"], ["drug", "Pénicilline"]]),
                "treatments": "Ventoline",
                "care": "Fatigable",
            },
            AUTHORISATIONS: dict.fromkeys(CONSENTS, "oui"),
        }
        wishes = []
        for section, wanted in wished.items():
            sheet = Sheet(section, who.family_id, child_id)
            wishes.append(Wish(sheet, wanted, sheet.texts()))
        return change.ask(RequestKind.DUI, wishes, by=Author(who), submission="dui").id


def test_a_dossier_of_twenty_lines_is_accepted_in_one_go(app, guichet, lea):
    with app.app_context():
        number = dossier(lea)
    page = f"/agent/demandes/{number}"
    shown = text_of(guichet.get(page))
    assert "Accepter les 20 lignes" in shown
    assert "Allergie alimentaire, Arachide" in shown
    assert guichet.send_form(f"{page}/acceptation", {}, page=page).location == page
    assert {line.state for line in lines_of(app, number)} == {LineState.ACCEPTED}
    with app.app_context():
        child = db.session.get(Child, lea)
        assert (child.sex, child.insurer, child.diet) == ("fille", "MAIF", "sans porc")
        given = {one.kind: one.signatory for one in db.session.query(Consent).filter_by(child_id=lea)}
        assert given == dict.fromkeys(CONSENTS, "JEAN DUPONT")
    assert "répondue" in text_of(guichet.get(page))


def test_when_one_line_cannot_be_none_is_and_the_line_is_named(app, guichet, lea):
    with app.app_context():
        number = dossier(lea)
    page = f"/agent/demandes/{number}"
    opened = guichet.get(page).text  # before the file changes
    with app.app_context(), db.transaction():
        db.session.get_one(Child, lea).insurer = "MAE"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', opened)[1]
    seen = re.search(r'name="seen" value="([^"]+)"', opened)[1]
    answer = guichet.post(f"{page}/acceptation", data={"csrf_token": token, "seen": seen})
    assert answer.status_code == 422
    assert "LEA, Compagnie d’assurance : Le dossier a changé entre-temps" in text_of(answer)
    assert "Rien n’a été accepté" in text_of(answer)
    assert {line.state for line in lines_of(app, number)} == {LineState.SUBMITTED}
    with app.app_context():
        assert db.session.get_one(Child, lea).sex != "fille"


def test_what_the_family_amended_meanwhile_is_refused_with_the_new_text(app, guichet):
    with app.app_context():
        number = wants(RESPONSABLE, employer="Mairie", csp="Employé")
    page = f"/agent/demandes/{number}"
    opened = guichet.get(page).text
    with app.app_context():
        assert wants(RESPONSABLE, employer="Préfecture") == number
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', opened)[1]
    seen = re.search(r'name="seen" value="([^"]+)"', opened)[1]
    line = next(one for one in lines_of(app, number) if one.field == "employer")
    for url, data in (
        (f"{page}/lignes/{line.id}/acceptation", {"version": "1"}),
        (f"{page}/acceptation", {"seen": seen}),
        (f"{page}/acceptation", {}),
        (f"{page}/refus", {"seen": seen, "motif": "Non"}),
    ):
        answer = guichet.post(url, data={"csrf_token": token, **data})
        assert answer.status_code == 422
        assert "La famille a modifié sa demande entre-temps : relisez-la" in text_of(answer)
        assert "Préfecture" in text_of(answer)
    assert {one.state for one in lines_of(app, number)} == {LineState.SUBMITTED}
    guichet.send_form(f"{page}/acceptation", {}, page=page)
    with app.app_context():
        assert dupont().employer == "Préfecture"


def test_a_line_that_was_added_meanwhile_is_not_accepted_unread(app, guichet):
    with app.app_context():
        number = wants(RESPONSABLE, employer="Mairie", csp="Employé")
    page = f"/agent/demandes/{number}"
    opened = guichet.get(page).text
    with app.app_context():
        assert wants(RESPONSABLE, profession="Boulanger") == number
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', opened)[1]
    seen = re.search(r'name="seen" value="([^"]+)"', opened)[1]
    answer = guichet.post(f"{page}/acceptation", data={"csrf_token": token, "seen": seen})
    assert answer.status_code == 422
    assert "Boulanger" in text_of(answer)


TOM = {"last_name": "DUPONT", "first_name": "Tom", "birth_date": "2012-02-29", "school": "École Jean-Moulin"}


def test_a_new_child_is_shown_as_what_will_be_made_and_is_made(app, guichet):
    with app.app_context():
        number = wants_new(NEW_CHILD, TOM)
    assert "Nouvel enfant : Nom : DUPONT, Prénom : Tom, Date de naissance : 29/02/2012" in text_of(
        guichet.get("/agent/demandes")
    )
    page = f"/agent/demandes/{number}"
    shown = text_of(guichet.get(page))
    assert "École : École Jean-Moulin" in shown
    assert "même nom" not in shown
    assert "Si vous acceptez, JEAN DUPONT, qui fait la demande, aura l’autorité parentale. JEANNE DUPONT ne" in shown
    (line,) = lines_of(app, number)
    guichet.send_form(f"{page}/lignes/{line.id}/acceptation", {}, page=page)
    with app.app_context():
        (tom,) = (child for child in Child.of_family(dupont().family_id) if child.first_name == "Tom")
        holders = db.session.query(Authority).filter_by(child_id=tom.id)
        assert [one.adult_id for one in holders] == [dupont().id]
        custody = f"/agent/enfants/{tom.id}/garde?famille={dupont().family_id}"
    answered = guichet.get(page)
    assert "Enfant : Tom DUPONT" in text_of(answered)
    assert "Si vous acceptez" not in text_of(answered)
    assert f'href="{custody}"' in answered.text  # where the other parent is given it
    assert "JEANNE DUPONT" in text_of(guichet.get(custody))


def test_a_new_child_who_is_known_elsewhere_is_shown_with_the_way_to_attach_it(app, guichet, lea):
    with app.app_context():
        record = {"last_name": "Dupont", "first_name": "Léa", "birth_date": "2008-03-12"}
        number = wants_new(NEW_CHILD, record, durand)
        family_id = durand().family_id
    page = guichet.get(f"/agent/demandes/{number}")
    assert "LEA DUPONT, chez JEAN DUPONT et JEANNE DUPONT : c’est le même, le rattacher" in text_of(page)
    assert f'href="/agent/familles/{family_id}/enfants/rattachement?q=LEA+DUPONT"' in page.text
    (line,) = lines_of(app, number)
    accept = f"/agent/demandes/{number}/lignes/{line.id}/acceptation"
    assert accept not in page.text
    with app.app_context(), db.transaction() as writing:
        writing.add(Custody(child_id=lea, family_id=family_id))
    page = f"/agent/demandes/{number}"
    assert "l’autorité parentale" not in text_of(guichet.get(page))  # it stays as the agent has set it
    guichet.send_form(accept, {}, page=page)
    with app.app_context():
        assert db.session.get(Request, number).child_id == lea
        assert len(Child.of_family(family_id)) == 1


def test_a_child_asked_for_twice_is_told_and_so_is_what_accepting_would_not_write(app, guichet):
    with app.app_context():
        number = wants_new(NEW_CHILD, {**TOM, "class_name": "PS"})
        corrected = wants_new(
            NEW_CHILD, {**TOM, "first_name": "TOM", "school": "École Jules-Ferry", "class_name": "ps"}
        )
        other = wants_new(NEW_CHILD, {**TOM, "first_name": "Ana"})
        codes = {one: db.session.get(Request, one).code for one in (number, corrected)}
    for one, twin in ((number, corrected), (corrected, number)):
        told = text_of(guichet.get(f"/agent/demandes/{one}"))
        assert f"attend sa réponse, sous le code {codes[twin]}" in told
        assert "déjà dans ce dossier" not in told
    assert "sous le code" not in text_of(guichet.get(f"/agent/demandes/{other}"))
    (line,) = lines_of(app, number)
    page = f"/agent/demandes/{number}"
    guichet.send_form(f"{page}/lignes/{line.id}/acceptation", {}, page=page)
    answer = guichet.get(f"/agent/demandes/{corrected}")
    told = text_of(answer)
    assert "Tom est déjà dans ce dossier : accepter ne change rien à sa fiche. La demande dit autre chose" in told
    assert "École : École Jules-Ferry dans la demande, École Jean-Moulin dans le dossier" in told
    assert "ps dans la demande" not in told  # only written otherwise
    assert "sous le code" not in told
    with app.app_context():
        tom = db.session.query(Child.id).filter_by(first_name="Tom").scalar()
        family_id = dupont().family_id
    assert f'href="/agent/enfants/{tom}?famille={family_id}"' in answer.text


def test_a_second_conjoint_cannot_be_accepted_and_the_page_says_so(app, guichet):
    with app.app_context():
        record = {"civility": "Monsieur", "last_name": "Roy", "first_name": "Paul"}
        number = wants_new(CONJOINT, record, durand)
    page = f"/agent/demandes/{number}"
    assert "Prénom : Paul" in text_of(guichet.get(page))
    (line,) = lines_of(app, number)
    guichet.send_form(f"{page}/lignes/{line.id}/acceptation", {}, page=page)
    with app.app_context():
        assert [adult.first_name for adult in durand().family.adults] == ["SOPHIE", "Paul"]
        again = wants_new(CONJOINT, {"civility": "Madame", "last_name": "Roy", "first_name": "Anne"})
    assert "Ce dossier a maintenant deux adultes." in text_of(guichet.get(f"/agent/demandes/{again}"))


def wants_enrolment(child_id: int, *, places=None, last="2015-05-29") -> int:
    with db.transaction():
        for kind in db.session.query(DocumentKind):
            kind.blocking = False
        row = activity("Étude", places=places, weekdays=weekday_bits(0, 1, 2, 3, 4))
        record = {
            "activity_id": str(row.id),
            "activity": "Étude",
            "structure": row.structure.name,
            "first_day": "2015-05-11",
            "last_day": last,
            "even_weeks": str(weekday_bits(0)),
            "odd_weeks": str(weekday_bits(0)),
            "usual": "lundi",
            "note": "",
        }
    return wants_new(ENROLMENT, record, child_id=child_id)


def test_an_enrolment_shows_what_it_would_book_then_what_it_booked(app, guichet, lea):
    with app.app_context():
        number = wants_enrolment(lea)
    page = f"/agent/demandes/{number}"
    shown = text_of(guichet.get(page))
    assert "Prestation : Étude" in shown
    assert "Ce qui serait réservé : 2 jours" in shown  # 11 and 18 May; Whit Monday is a public holiday
    assert "À réserver" in shown
    with app.app_context():
        assert db.session.query(Enrolment).filter_by(child_id=lea, first_day=date(2015, 5, 11)).count() == 0
    (line,) = lines_of(app, number)
    guichet.send_form(f"{page}/lignes/{line.id}/acceptation", {}, page=page)
    after = text_of(guichet.get(page))
    assert "2 jours sont réservés." in after
    assert "n’ont pas pu" not in after
    with app.app_context():
        made = db.session.query(Enrolment).filter_by(child_id=lea, first_day=date(2015, 5, 11)).one()
        assert db.session.query(Booking).filter_by(enrolment_id=made.id).count() == 2
        assert f"/agent/inscriptions/{made.id}" in guichet.get(page).text


def test_a_missing_document_without_which_nobody_is_enrolled_is_said_before_the_agent_clicks(app, guichet, lea):
    with app.app_context():
        number = wants_enrolment(lea)
        with db.transaction() as writing:
            writing.add(DocumentKind(name="Certificat de scolarité", subject=DocumentSubject.CHILD, blocking=True))
    page = guichet.get(f"/agent/demandes/{number}")
    assert "Il manque au dossier de LEA, valable aujourd’hui : Certificat de scolarité." in text_of(page)
    assert "Ce qui serait réservé : 2 jours" in text_of(page)
    assert "acceptation" not in page.text


def test_the_days_that_could_not_be_booked_are_told(app, guichet, lea):
    with app.app_context():
        number = wants_enrolment(lea, places=0)
    page = f"/agent/demandes/{number}"
    assert "Ce qui serait réservé : 0 jour, et 2 qui ne peuvent pas l’être" in text_of(guichet.get(page))
    (line,) = lines_of(app, number)
    guichet.send_form(f"{page}/lignes/{line.id}/acceptation", {}, page=page)
    after = text_of(guichet.get(page))
    assert "0 jour est réservé. 2 jours de la semaine habituelle n’ont pas pu l’être" in after


def test_an_enrolment_that_cannot_be_says_why_before_the_agent_clicks(app, guichet, lea):
    with app.app_context():
        number = wants_enrolment(lea)
        with db.transaction():
            of = db.session.query(Activity).filter_by(name="Étude").one()
            enrolment(of, dupont().family, db.session.get_one(Child, lea))
    page = guichet.get(f"/agent/demandes/{number}")
    assert "LEA est déjà inscrit(e) à Étude" in text_of(page)
    assert "acceptation" not in page.text


def test_a_long_request_and_a_short_one_ask_about_as_many_queries(app, guichet, lea, count_queries):
    with app.app_context():
        short, long = wants(RESPONSABLE, employer="Mairie"), dossier(lea)
    guichet.get(f"/agent/demandes/{short}")
    with count_queries() as few:
        guichet.get(f"/agent/demandes/{short}")
    with count_queries() as many:
        guichet.get(f"/agent/demandes/{long}")
    assert len(few) <= 15
    assert len(many) <= 32, "\n\n".join(many)  # of twenty lines, read twice: the reading of health is written between


def test_the_queue_asks_as_many_queries_whatever_is_asked(app, guichet, asked, lea, count_queries):
    guichet.get("/agent/demandes")
    with count_queries() as few:
        guichet.get("/agent/demandes")
    with app.app_context():
        wants(RESPONSABLE, employer="Mairie")
        wants(BANQUE, durand, bank_holder="X")
        dossier(lea)
        wants_new(NEW_CHILD, TOM)
    with count_queries() as many:
        guichet.get("/agent/demandes")
    assert len(few) <= len(many) <= 11


def test_the_dashboard_counts_each_kind_and_says_what_is_late(app, guichet, lea):
    with app.app_context():
        number = wants(INSURANCE, child_id=lea, insurer="MAIF")
        wants_new(NEW_CHILD, TOM)
        with db.transaction():
            db.session.get(Request, number).submitted_at = clock.local_now() - timedelta(days=8)
    page = text_of(guichet.get("/agent/"))
    assert "Assurance 1 la plus ancienne : il y a 8 jours, en retard" in page
    assert "Ajout d’un enfant 1 la plus ancienne : aujourd’hui" in page
    assert "Ajout d’un enfant" in text_of(guichet.get("/agent/demandes?type=new_child"))


def test_accepted_money_is_written(app, guichet):
    with app.app_context():
        number = wants(BANQUE, iban="FR1420041010050500013M02606")
        family_id = dupont().family_id
    page = f"/agent/demandes/{number}"
    (line,) = lines_of(app, number)
    guichet.send_form(f"{page}/lignes/{line.id}/acceptation", {}, page=page)
    with app.app_context():
        assert db.session.get(Finances, family_id).iban == "FR1420041010050500013M02606"


def jeanne() -> Adult:
    return db.session.query(Adult).filter_by(first_name="JEANNE").one()


def test_each_line_says_who_asked_it_last_where_the_request_does_not(app, guichet, lea):
    with app.app_context():
        number = wants(AUTHORISATIONS, child_id=lea, leaves_alone="non", outings="oui")
        assert wants(AUTHORISATIONS, jeanne, lea, leaves_alone="oui") == number
        with db.transaction():
            by = Author(dupont(), Account.named("guichet").agent)
            wish = Wish(Sheet(AUTHORISATIONS, dupont().family_id, lea), {"swimming": "oui"}, {})
            change.ask(AUTHORISATIONS.kind, [wish], by=by, submission="desk")
    page = guichet.get(f"/agent/demandes/{number}")
    told = {title: text_of(part) for title, part in articles(page).items()}
    assert "Demandée par" not in told["LEA, Sorties"]
    assert "Demandée par : JEANNE DUPONT, lundi 4 mai 2015" in told["LEA, Peut partir seul"]
    assert "Demandée par : JEAN DUPONT, lundi 4 mai 2015" in told["LEA, Baignade et piscine"]
    assert "Saisie par : Claire Vidal, agent, pour la famille" in told["LEA, Baignade et piscine"]


class _Part:
    def __init__(self, text: str) -> None:
        self.text = text


def articles(page) -> dict[str, _Part]:
    """The lines of the page, by their titles."""
    found = re.findall(r"<article.*?</article>", page.text, re.DOTALL)
    return {re.search(r"<h2[^>]*>(.*?)</h2>", one)[1]: _Part(one) for one in found}


def test_what_a_parent_without_authority_any_more_asked_is_not_accepted_and_the_page_says_why(app, guichet, lea):
    with app.app_context():
        number = wants(AUTHORISATIONS, child_id=lea, leaves_alone="oui", outings="oui")
        assert wants(AUTHORISATIONS, jeanne, lea, outings="non") == number
        with db.transaction() as writing:
            writing.query(Authority).filter_by(adult_id=dupont().id, child_id=lea).delete()
    page = guichet.get(f"/agent/demandes/{number}")
    told = {title: text_of(part) for title, part in articles(page).items()}
    assert "JEAN DUPONT n’a plus l’autorité parentale sur cet enfant." in told["LEA, Peut partir seul"]
    assert "Accepter" not in told["LEA, Peut partir seul"]
    assert "autorité" not in told["LEA, Sorties"]
    assert "Accepter" in told["LEA, Sorties"]
    assert "Une ligne au moins ne peut pas être acceptée en l’état" in text_of(page)


def test_lines_of_who_has_no_authority_are_weighed_without_more_queries(app, guichet, lea, count_queries):
    with app.app_context():
        number = dossier(lea)
    guichet.get(f"/agent/demandes/{number}")
    with count_queries() as before:
        guichet.get(f"/agent/demandes/{number}")
    with app.app_context(), db.transaction() as writing:
        writing.query(Authority).filter_by(adult_id=dupont().id, child_id=lea).delete()
    with count_queries() as after:
        guichet.get(f"/agent/demandes/{number}")
    assert len(after) <= len(before)


def test_the_answer_is_mailed_to_each_who_asked_some_of_it(app, lea):
    with app.app_context():
        with db.transaction():
            jeanne().email = "jeanne@example.org"
        number = wants(AUTHORISATIONS, child_id=lea, leaves_alone="oui")
        wants(AUTHORISATIONS, jeanne, lea, outings="oui")
        with db.transaction():
            review = Review.locked(clerk(), number)
            review.accept_all(seen=review.stamp)
        mails = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
        told = [one["to"] for one in mails if one["template"] == "request_decided"]
    assert told == ["jean.dupont@wanadoo.fr", "jeanne@example.org"]
