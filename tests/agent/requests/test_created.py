"""What a request would create: a child, a conjoint, an enrolment."""

from datetime import date

from app import db
from app.models.documents import DocumentKind, DocumentSubject
from app.models.enrolments import Booking, Enrolment
from app.models.families import Authority, Child, Custody
from app.models.families.sections.account import CONJOINT
from app.models.families.sections.child import (
    ENROLMENT,
    NEW_CHILD,
)
from app.models.requests import Request
from app.models.town import Activity
from app.models.town.activity import weekday_bits
from tests.agent.requests.answering import TOM, lines_of, wants_new
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import text_of


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
