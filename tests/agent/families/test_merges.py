"""Réunion at the desk: finding the other file, what would change, and what the family then sees."""

import re
from datetime import date

import pytest

from app import db
from app.models.accounts import Account
from app.models.billing import Invoice
from app.models.enrolments import Booking, Enrolment
from app.models.families import Adult, Child, Civility, Custody, Family
from tests.builders import DAY, activity, enrolment
from tests.conftest import GUIDE_DAY, text_of

MERGE = "/agent/familles/1/reunion"


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


def duplicate(app, number="2000000000001", *, first_name="Jean", login="jean.bis") -> int:
    """The guide's family once more, with its child and an invoice."""
    with app.app_context(), db.transaction() as writing:
        made = Family(number=number)
        writing.add(made)
        writing.flush()
        account = Account.create(login, Account.named("jean.dupont").password_hash) if login else None
        writing.add(
            Adult(
                family_id=made.id,
                rank=1,
                civility=Civility.MONSIEUR,
                last_name="Dupont",
                first_name=first_name,
                account=account,
            )
        )
        child = Child(last_name="Dupont", first_name="Léa", birth_date=date(2008, 3, 12))
        writing.add(child)
        writing.flush()
        writing.add(Custody(child_id=child.id, family_id=made.id))
        Invoice.issue(made, series="AL", issued_on=GUIDE_DAY, due_on=GUIDE_DAY, total_cents=1000)
        return made.id


@pytest.fixture
def other(app) -> int:
    return duplicate(app)


def action(other) -> str:
    return f"{MERGE}?avec={other}"


def merged_into(app, family_id) -> int | None:
    with app.app_context():
        return db.session.get(Family, family_id).merged_into


@pytest.mark.both_engines
def test_files_of_the_same_name_are_proposed_and_never_the_file_itself(guichet, other):
    page = guichet.get(MERGE)
    assert "n° 2000000000001" in text_of(page)
    assert "Léa" in text_of(page)
    assert f"avec={other}" in page.text
    assert "avec=1" not in page.text.replace(f"avec={other}", "")


@pytest.mark.both_engines
def test_the_other_file_is_found_by_what_is_typed(guichet, other):
    assert "SOPHIE DURAND" in text_of(guichet.get(f"{MERGE}?q=durand"))
    page = text_of(guichet.get(f"{MERGE}?q=zzz"))
    assert "Aucun autre dossier ne répond à ces mots." in page


def test_the_list_asks_as_many_queries_for_one_file_as_for_three(guichet, app, count_queries):
    def queries() -> int:
        with count_queries() as sent:
            guichet.get(f"{MERGE}?q=dupont")
        return len(sent)

    duplicate(app)
    queries()  # the first page of all warms up what is kept
    one = queries()
    duplicate(app, "2000000000002", login=None)
    duplicate(app, "2000000000003", login=None)
    assert queries() == one


def test_the_preview_says_what_changes_and_changes_nothing(guichet, other, app):
    page = text_of(guichet.get(action(other)))
    for words in (
        "Dossier gardé",
        "1001001818331",
        "2000000000001",
        "jean.dupont@wanadoo.fr",
        "« jean.dupont » reste, « jean.bis » n’ouvre plus rien",
        "LEA est dans les deux dossiers",
        "son solde sera de −130,60 €",
        "Cela ne peut pas être défait",
    ):
        assert words in page, words
    assert merged_into(app, other) is None


def test_one_form_merges_and_the_family_sees_both_files_as_one(guichet, other, app):
    answer = guichet.send_form(action(other), {"confirmation": "y"})
    assert answer.location == "/agent/familles/1"
    assert "Le dossier n° 2000000000001 est réuni à celui-ci." in text_of(guichet.get(answer.location))
    assert merged_into(app, other) == 1
    jean = app.test_client()
    jean.log_in("jean.dupont")
    home = text_of(jean.get("/"))
    assert "−130,60 €" in home
    assert "AL-36" in home
    assert "AL-37" in home
    assert guichet.get(f"/agent/familles/{other}").location == "/agent/familles/1"


def test_a_login_left_behind_is_told_and_an_open_session_of_it_ends(guichet, other, app):
    behind = app.test_client()
    behind.log_in("jean.bis")
    assert behind.get("/").status_code == 200
    guichet.send_form(action(other), {"confirmation": "y"})
    assert behind.get("/").location.startswith("/connexion")
    answer = behind.log_in_by_form("jean.bis")
    assert answer.status_code == 422
    assert "entrez avec votre autre identifiant" in text_of(answer)


def test_a_session_of_a_login_that_moves_goes_on_in_the_kept_file(guichet, app):
    other = duplicate(app, first_name="Jeanne", login="jeanne")
    jeanne = app.test_client()
    jeanne.log_in("jeanne")
    guichet.send_form(action(other), {"confirmation": "y"})
    home = text_of(jeanne.get("/"))
    assert "JEANNE DUPONT" in home
    assert "1001001818331" in home


def test_the_other_file_may_be_the_one_that_is_kept(guichet, other):
    link = f"/agent/familles/{other}/reunion?avec=1"
    assert link in guichet.get(action(other)).text
    assert "2000000000001" in text_of(guichet.get(link))


def test_without_the_box_ticked_nothing_changes(guichet, other, app):
    answer = guichet.send_form(action(other), {})
    assert answer.status_code == 422
    assert "Cochez la case" in text_of(answer)
    assert merged_into(app, other) is None


def test_days_booked_twice_are_named_and_no_button_is_offered(guichet, other, app):
    with app.app_context(), db.transaction() as writing:
        essai = activity()
        for family_id, child in ((1, "LEA"), (other, "Léa")):
            owner = writing.query(Child).filter_by(first_name=child).one()
            enrolled = enrolment(essai, writing.get_one(Family, family_id), owner)
            values = {"child_id": owner.id, "activity_id": essai.id}
            writing.add(Booking(enrolment_id=enrolled.id, day=DAY, **values))
    shown = guichet.get(MERGE + f"?avec={other}")
    assert "LEA a une réservation dans chaque dossier, pour Essai, le : 06/05/2015." in text_of(shown)
    assert 'name="confirmation"' not in shown.text
    answer = send(guichet, shown.text, action(other))
    assert answer.status_code == 422
    assert "Rien n’est changé" in text_of(answer)
    assert merged_into(app, other) is None
    with app.app_context():
        assert db.session.query(Enrolment).filter_by(family_id=other).count() == 1


def send(client, page: str, url: str):
    """Post all the same, with the token of a page that offers no form for it."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return client.post(url, data={"csrf_token": token, "confirmation": "y"})


def test_done_twice_the_second_is_told(guichet, other):
    page = guichet.get(action(other)).text
    assert send(guichet, page, action(other)).status_code == 303
    answer = send(guichet, page, action(other))
    assert answer.status_code == 422
    assert "C’est déjà fait" in text_of(answer)


def test_a_family_and_itself_or_a_merged_one_are_refused_in_a_sentence(guichet, other):
    page = guichet.get(action(other)).text
    itself = send(guichet, page, action(1))
    assert itself.status_code == 422
    assert "à lui-même" in text_of(itself)
    send(guichet, page, action(other))
    assert guichet.get(f"/agent/familles/{other}/reunion").location == MERGE
    from_merged = guichet.get(f"/agent/familles/{other}/reunion?avec=1")
    assert "déjà réuni à un autre" in text_of(from_merged)


@pytest.mark.parametrize("address", ["/agent/familles/999/reunion", f"{MERGE}?avec=999", f"{MERGE}?avec=x"])
def test_a_file_that_does_not_exist_is_404(guichet, address):
    assert guichet.get(address).status_code == 404


@pytest.mark.parametrize("identifiant", ["animation", "regie"])
def test_other_roles_may_not(client, other, identifiant):
    client.log_in(identifiant)
    assert client.get(MERGE).status_code == 403
    assert client.get(action(other)).status_code == 403


def test_an_agent_who_acted_for_the_absorbed_family_does_so_no_more(guichet, other):
    guichet.send_form(f"/agent/familles/{other}/agir", {}, page=f"/agent/familles/{other}")
    assert guichet.get("/planning/2015-05").status_code == 200
    guichet.send_form(action(other), {"confirmation": "y"})
    assert guichet.get("/planning/2015-05").status_code == 403
