"""The accounts of a family: given, locked, opened again."""

import re
import threading

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.accounts import Account, AccountState, password
from app.models.event import Event
from app.models.families import Adult
from app.models.letters import family_accounts
from tests.agent.accounts import agent_id, kinds, one_time_of, post
from tests.builders import clerk, dupont, durand
from tests.conftest import PASSWORD, text_of


def jeanne(app):
    """Address of what concerns the account of Jeanne Dupont, who has none."""
    with app.app_context():
        family_id = dupont().family_id
        adult = db.session.query(Adult).filter_by(family_id=family_id, rank=2).one()
        return f"/agent/familles/{family_id}/responsables/{adult.id}/compte"


def jean_account(app):
    with app.app_context():
        return f"/agent/familles/{dupont().family_id}/responsables/{dupont().id}/compte"


@pytest.mark.both_engines
def test_the_identifiant_is_proposed_without_accents_and_made_unique(app):
    with app.app_context(), db.transaction():
        assert family_accounts.propose("Jean", "DUPONT") == "jean.dupont2"
        assert family_accounts.propose("Élodie-Anne", "LE GALL") == "elodie-anne.le-gall"
        assert family_accounts.propose("Inès", "D’ANGELO") == "ines.dangelo"
        assert family_accounts.propose("", "李") == "parent"
        Account.create("Jean.Dupont2", "x")
        assert family_accounts.propose("JEAN", "Dupont") == "jean.dupont3"


def test_an_adult_is_given_an_account_and_enters_with_the_password_shown(guichet, app):
    url = jeanne(app)
    assert 'value="jeanne.dupont"' in guichet.get(url).text
    answer = guichet.send_form(url, {"identifiant": "jeanne.dupont"})
    assert "Imprimer la lettre" in text_of(answer)
    jeanne_herself = app.test_client()
    assert jeanne_herself.log_in_by_form("jeanne.dupont", one_time_of(answer)).location == "/"
    assert jeanne_herself.get("/").location == "/mot-de-passe"
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "account_created")).one()
        assert told.after == {"identifiant": "jeanne.dupont", "adult": "JEANNE DUPONT"}
        assert told.family_id == dupont().family_id


@pytest.mark.parametrize(("typed", "sentence"), [("", "Choisissez un identifiant."), ("Durand ", "est déjà pris")])
@pytest.mark.both_engines
def test_a_wrong_identifiant_makes_no_account(guichet, app, typed, sentence):
    answer = guichet.send_form(jeanne(app), {"identifiant": typed})
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert kinds(app) == []


def test_an_account_is_made_once(guichet, app):
    url = jeanne(app)
    form = guichet.get(url).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
    for expected in (200, 422):
        answer = guichet.post(url, data={"csrf_token": token, "identifiant": "jeanne"})
        assert answer.status_code == expected
    assert "JEANNE DUPONT a déjà un compte : « jeanne »." in text_of(answer)
    assert guichet.get(url).status_code == 303


@pytest.mark.both_engines
def test_two_agents_give_two_namesakes_an_account_at_the_same_time(app):
    with app.app_context(), db.transaction():
        family_id = dupont().family_id
        one = db.session.query(Adult).filter_by(family_id=family_id, rank=2).one()
        other = durand()
        namesake, other.account_id = other.id, None
        other.first_name, other.last_name = one.first_name, one.last_name
        pair = (one.id, namesake)
    start = threading.Barrier(2)

    def give(adult_id):
        with app.app_context():
            start.wait()
            with db.transaction():
                (adult,) = family_accounts.locked(clerk().agent, [adult_id])
                family_accounts.open_account(adult, "x", by=clerk())
            db.session.remove()

    threads = [threading.Thread(target=give, args=(adult_id,)) for adult_id in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        names = db.session.scalars(select(Account.identifiant).where(Account.identifiant.like("jeanne%")))
        assert sorted(names) == ["jeanne.dupont", "jeanne.dupont2"]


def test_a_parent_who_is_locked_is_out_at_once(guichet, app):
    jean = app.test_client()
    jean.log_in("jean.dupont")
    url = jean_account(app)
    post(guichet, f"{url}/verrouillage", "/agent/profil")
    assert jean.get("/").location.startswith("/connexion")
    assert "fermé par la mairie" in text_of(jean.log_in_by_form("jean.dupont"))
    post(guichet, f"{url}/deverrouillage", "/agent/profil")
    assert jean.log_in_by_form("jean.dupont").location == "/"


def test_the_phone_s_calendar_of_a_locked_parent_is_silent(jean, app):
    page = jean.send_form("/planning/calendrier", {}).location
    address = re.search(r"(/calendrier/[\w-]+\.ics)", jean.get(page).text)[1]
    assert jean.get(address).status_code == 200
    with app.app_context(), db.transaction():
        dupont().account.locked_at = clock.now()
    assert jean.get(address).status_code == 404


def test_a_parent_who_forgot_is_given_another_password(guichet, app):
    one_time = one_time_of(post(guichet, f"{jean_account(app)}/mot-de-passe", "/agent/profil"))
    jean = app.test_client()
    assert jean.log_in_by_form("jean.dupont", PASSWORD).status_code == 422
    assert jean.log_in_by_form("jean.dupont", one_time).location == "/"
    assert jean.get("/").location == "/mot-de-passe"
    assert kinds(app) == ["one_time_given"]


@pytest.mark.parametrize("url", ["/agent/comptes/{guichet}", "{jean}"])
def test_a_locked_account_gets_no_password_that_would_open_nothing(admin, app, url):
    url = url.format(guichet=agent_id(app, "guichet"), jean=jean_account(app))
    post(admin, f"{url}/verrouillage", "/agent/profil")
    answer = post(admin, f"{url}/mot-de-passe", "/agent/profil")
    assert answer.status_code == 303
    assert "Ce compte est verrouillé : déverrouillez-le d’abord." in text_of(admin.get(answer.location))
    assert kinds(app) == ["account_locked"]


def test_the_page_of_a_family_shows_who_may_log_in_and_what_can_be_done(guichet, app):
    with app.app_context():
        page = f"/agent/familles/{dupont().family_id}"
    shown = guichet.get(page)
    for words in ("Jean DUPONT actif", "Identifiant : jean.dupont", "Jeanne DUPONT sans compte", "Créer le compte"):
        assert words.casefold() in text_of(shown).casefold()
    guichet.send_form(jeanne(app), {"identifiant": "jeanne"})
    guichet.send_form(f"{jean_account(app)}/verrouillage", {}, page=page)
    shown = text_of(guichet.get(page))
    for words in ("jamais connecté", "Mot de passe provisoire valable jusqu’au", "Verrouillé le", "Déverrouiller"):
        assert words in shown


def test_who_only_consults_gets_no_button(client, app):
    client.log_in("regie")
    with app.app_context():
        page = client.get(f"/agent/familles/{dupont().family_id}")
    assert "jean.dupont" in page.text
    assert "/compte" not in page.text


def test_what_cannot_be_is_404(guichet, app):
    url = jeanne(app)
    for action in ("mot-de-passe", "verrouillage", "deverrouillage"):  # there is no account
        assert post(guichet, f"{url}/{action}", "/agent/profil").status_code == 404
    other = re.sub(r"familles/\d+", "familles/2", url)  # not of this family
    assert guichet.get(other).status_code == 404
    assert post(guichet, other.replace("compte", "compte/verrouillage"), "/agent/profil").status_code == 404
    with app.app_context(), db.transaction():
        dupont().family.merged_into = durand().family_id
    assert guichet.get(url).status_code == 404


@pytest.mark.parametrize("identifiant", ["animation", "regie"])
def test_accounts_of_families_are_closed_to_the_other_roles(client, app, identifiant):
    client.log_in(identifiant)
    assert client.get(jeanne(app)).status_code == 403


def test_the_states_of_an_account(app):
    with app.app_context(), db.transaction():
        hashed = password.hash_password("x")
        account = Account.create("essai", hashed, one_time=True)
        assert account.state is AccountState.NEW
        account.created_at = clock.now().replace(year=clock.now().year - 1)
        account.one_time_until = account.created_at
        assert account.state is AccountState.LAPSED
        account.give_one_time(hashed, by=clerk())
        assert account.state is AccountState.RENEWED
        account.lock(by=clerk())
        assert account.state is AccountState.LOCKED
