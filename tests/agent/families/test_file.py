"""Dossier famille: opening one, correcting it, and its adults."""

import threading

import pytest
from sqlalchemy import select

from app import db
from app.models.event import Event
from app.models.families import Adult, Contact, ContactRole, Family, opening_file
from app.models.refusal import RefusedError
from tests.builders import activity, clerk, dupont, durand, enrolment
from tests.conftest import text_of
from tests.filling import send, send_on

NEW = "/agent/familles/nouvelle"
MARTIN = {
    "premier-civility": "Madame",
    "premier-last_name": " Lefèvre ",
    "premier-first_name": "Anne  Lise",
    "premier-address": "3 rue des Lilas",
    "premier-postal_code": "31400",
    "premier-city": "Saint-Jean",
    "premier-phone_mobile": "+33 6 39 98 00 11",
    "situation": "Marié",
}
WITH_PAUL = MARTIN | {"second-civility": "Monsieur", "second-last_name": "Martin", "second-first_name": "Paul"}


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


def count(app) -> int:
    with app.app_context():
        return Family.count()


def events(app, kind: str) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)))


def edit_family(app) -> str:
    with app.app_context():
        return f"/agent/familles/{dupont().family_id}/modification"


# Opening a file


def test_a_file_is_opened_with_its_adults_and_the_next_number(guichet, app):
    with app.app_context():
        highest = db.session.query(Family.number).order_by(Family.number.desc()).first()[0]
    answer = send(guichet, NEW, **WITH_PAUL)
    assert answer.status_code == 303
    page = text_of(guichet.get(answer.location))
    for words in (
        "Le dossier est ouvert",
        "Famille LEFÈVRE – MARTIN",
        f"N° {int(highest) + 1}",
        "Marié",
        "ANNE LISE LEFÈVRE",
        "PAUL MARTIN",
        "Mobile : +33 6 39 98 00 11",
    ):
        assert words in page, words
    assert page.count("Adresse : 3 rue des Lilas") == 2  # the second adult's, for want of another
    (event,) = events(app, "family_created")
    assert event.after["adults"] == ["ANNE LISE LEFÈVRE", "PAUL MARTIN"]
    assert event.address == "127.0.0.1"
    assert "LEFÈVRE Anne Lise" in text_of(guichet.get("/agent/familles?q=anne-lise+lefevre"))


def test_the_town_hall_may_give_the_number(guichet):
    answer = send(guichet, NEW, **MARTIN, number="1234 567 890 123")
    assert "N° 1234567890123" in text_of(guichet.get(answer.location))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"premier-last_name": " "}, "Écrivez le nom."),
        ({"premier-civility": ""}, "Choisissez Madame ou Monsieur."),
        ({"premier-civility": "Docteur"}, "Choix"),
        ({"premier-postal_code": "3140"}, "Un code postal a 5 chiffres."),
        ({"premier-phone_home": "05 61 00"}, "Ce numéro de téléphone ne semble pas juste"),
        ({"premier-phone_home": "0561000000 le soir"}, "Ce numéro de téléphone ne semble pas juste"),
        ({"premier-email": "anne@"}, "Cette adresse n’a pas la forme nom@domaine.fr"),
        ({"premier-last_name": "x" * 201}, "C’est trop long"),
        ({"number": "123"}, "Un n° famille a 13 chiffres."),
        ({"number": "1001001818331"}, "Ce numéro est déjà celui du dossier de JEAN DUPONT et JEANNE DUPONT."),
        ({"second-first_name": "Paul"}, "Écrivez le nom."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_opened(guichet, app, changes, sentence):
    before = count(app)
    answer = send(guichet, NEW, **MARTIN | changes)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    kept = changes.get("premier-first_name", "Anne Lise")
    assert f'value="{kept}"' in answer.text  # nothing that was typed is lost
    assert count(app) == before


def test_a_likely_duplicate_is_shown_and_opened_only_when_the_agent_insists(guichet, app):
    before = count(app)
    typed = MARTIN | {"premier-last_name": "Dupont", "premier-first_name": "Jéan"}
    answer = send(guichet, NEW, **typed)
    assert answer.status_code == 422
    assert "Un dossier a déjà ce nom" in text_of(answer)
    assert "JEAN DUPONT et JEANNE DUPONT, n° 1001001818331" in text_of(answer)
    assert count(app) == before
    with app.app_context():
        known = str(dupont().family_id)
    assert f'name="others" value="{known}"' in answer.text
    assert send_on(guichet, answer.text, NEW, others=known).status_code == 303
    assert count(app) == before + 1


def test_the_agent_s_word_holds_for_the_files_that_were_shown_only(guichet, app):
    """Told « other people than DURAND », the name is then changed to DUPONT: this one was never looked at."""
    with app.app_context():
        shown = str(durand().family_id)
    typed = MARTIN | {"premier-last_name": "Dupont", "premier-first_name": "Jean", "others": shown}
    assert "1001001818331" in text_of(send(guichet, NEW, **typed))


def test_sent_twice_one_file_is_opened(guichet, app):
    before = count(app)
    page = guichet.get(NEW).text
    assert send_on(guichet, page, NEW, **MARTIN).status_code == 303
    again = send_on(guichet, page, NEW, **MARTIN)
    assert again.status_code == 422
    assert "Un dossier a déjà ce nom" in text_of(again)
    assert count(app) == before + 1


@pytest.mark.both_engines
def test_two_agents_who_open_the_same_file_at_once_open_one(app):
    opened = at_once(
        app,
        lambda by: opening_file.open_file(
            number="",
            situation="",
            adults=[{"civility": "Madame", "last_name": "Lefèvre", "first_name": "Anne"}],
            by=by,
        ),
    )
    assert sorted(type(one).__name__ for one in opened) == ["AlikeError", "Family"]


def at_once(app, verb) -> list[object]:
    """What two agents get who do the same thing at the same time, each in a transaction of their own."""
    ready, got = threading.Barrier(2), []

    def act() -> None:
        with app.app_context():
            ready.wait()
            try:
                with db.transaction():
                    got.append(verb(clerk()))
            except Exception as refusal:
                got.append(refusal)

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return got


# Correcting the file


def test_number_and_organism_are_changed_and_the_journal_tells_both(guichet, app):
    answer = send(guichet, edit_family(app), attached_to=" 12 ", number="1001001818999")
    page = text_of(guichet.get(answer.location))
    assert "N° 1001001818999 Organisme rattachement : 12" in page
    (event,) = events(app, "family_changed")
    assert event.before == {"number": "1001001818331", "attached_to": "0"}
    assert event.after == {"number": "1001001818999", "attached_to": "12"}


def test_a_number_in_use_is_refused_with_whose_it_is(guichet, app):
    with app.app_context():
        taken = durand().family.number
    answer = send(guichet, edit_family(app), number=taken)
    assert answer.status_code == 422
    assert "Ce numéro est déjà celui du dossier de SOPHIE DURAND." in text_of(answer)
    assert events(app, "family_changed") == []


def test_nothing_changed_is_not_told_to_the_journal(guichet, app):
    assert send(guichet, edit_family(app)).status_code == 303
    assert events(app, "family_changed") == []


# Its adults


def test_a_second_adult_is_added_without_authority_over_the_children(guichet, app):
    with app.app_context():
        number = durand().family_id
    url = f"/agent/familles/{number}/responsables/nouveau"
    answer = send(guichet, url, civility="Monsieur", last_name="Durand", first_name="Paul")
    page = text_of(guichet.get(answer.location))
    assert "PAUL DURAND" in page
    assert "Dites, pour chaque enfant, si cet adulte a l’autorité parentale." in page
    (event,) = events(app, "adult_added")
    assert event.family_id == number
    assert event.after["first_name"] == "Paul"


def test_a_file_has_two_adults_at_most(guichet, app):
    with app.app_context():
        number = durand().family_id
    url = f"/agent/familles/{number}/responsables/nouveau"
    page = guichet.get(url).text
    for _ in range(2):
        answer = send_on(guichet, page, url, civility="Monsieur", last_name="Durand", first_name="Paul")
        assert answer.location == f"/agent/familles/{number}"
    assert "Ce dossier a déjà deux adultes." in text_of(guichet.get(answer.location))
    assert guichet.get(url).location == f"/agent/familles/{number}"
    with app.app_context():
        assert db.session.query(Adult).filter_by(family_id=number).count() == 2


def test_nothing_is_added_to_a_file_that_was_merged_meanwhile(guichet, app):
    with app.app_context():
        number, kept = durand().family_id, dupont().family_id
    adult, child = (f"/agent/familles/{number}/{what}/nouveau" for what in ("responsables", "enfants"))
    pages = [guichet.get(url).text for url in (adult, child)]
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Family, number).merged_into = kept
    names = {"civility": "Monsieur", "last_name": "Durand", "first_name": "Paul", "birth_date": "2012-02-29"}
    for url, page in zip((adult, child), pages, strict=True):
        assert send_on(guichet, page, url, **names).status_code == 404
    refused = pytest.raises(RefusedError, match="vient d’être réuni")
    with app.app_context(), db.transaction(), refused:  # and between the look and the lock
        opening_file.add_adult(number, {}, by=clerk())


# Who may, and where


def test_who_only_consults_may_change_nothing(client, app):
    urls = [NEW, edit_family(app), edit_family(app).rpartition("/")[0] + "/responsables/nouveau"]
    for identifiant in ("animation", "regie"):
        client.log_in(identifiant)
        for url in urls:
            assert client.get(url).status_code == 403
        client.log_out("/agent/profil")


def test_a_merged_file_is_404(guichet, app):
    with app.app_context(), db.transaction():
        old = Family(number="2000000000001", merged_into=dupont().family_id)
        db.session.add(old)
        db.session.flush()
        merged = old.id
    assert guichet.get(f"/agent/familles/{merged}/modification").status_code == 404
    assert guichet.get("/agent/familles/999999/modification").status_code == 404


def test_a_stale_token_gives_back_what_was_typed(guichet, app):
    answer = send(guichet, edit_family(app), attached_to="12", csrf_token="stale")
    assert answer.status_code == 422
    assert "ouverte depuis longtemps" in text_of(answer)
    assert 'value="12"' in answer.text
    assert send_on(guichet, answer.text, edit_family(app)).status_code == 303


def test_a_slip_at_the_top_of_the_numbers_does_not_use_them_up(app):
    with app.app_context(), db.transaction() as writing:
        usual = Family.next_number()
        writing.add(Family(number="9" * 13))
        writing.flush()
        assert Family.next_number() == usual


def test_an_adult_who_must_not_come_for_a_child_is_told_when_they_join(guichet, app):
    with app.app_context(), db.transaction() as writing:
        family_id = durand().family_id
        child = enrolment(activity(), durand().family).child
        writing.add(Contact(child_id=child.id, role=ContactRole.FORBIDDEN, name="NOIR Jacques"))
        writing.query(Adult).filter_by(family_id=family_id, rank=2).delete()
    url = f"/agent/familles/{family_id}/responsables/nouveau"
    answer = send(guichet, url, civility="Monsieur", last_name="Noir", first_name="Jacques")
    assert "NOIR Jacques ne doit pas venir chercher l’enfant" in text_of(guichet.get(answer.location))
