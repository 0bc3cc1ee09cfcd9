"""Comptes des agents, and the accounts of a family."""

import re
import threading

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.accounts import Account, AccountState, Agent, Role, UserSession, password
from app.models.accounts.agent import Details
from app.models.accounts.clerk import Clerk
from app.models.event import Event
from app.models.families import Adult
from app.models.letters import family_accounts
from app.models.refusal import RefusedError
from app.models.town import Structure
from tests.agent.test_profile import protect
from tests.auth.test_password import mails
from tests.builders import clerk, dupont, durand
from tests.conftest import PASSWORD, text_of

NEW = "/agent/comptes/nouveau"


@pytest.fixture
def admin(client):
    client.log_in("admin")
    return client


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


def agent_id(app, identifiant):
    with app.app_context():
        return Account.named(identifiant).agent.id


def one_time_of(answer):
    return re.search(r'one-time">([a-z]{12})<', answer.text)[1]


def kinds(app):
    with app.app_context():
        return [kind for (kind,) in db.session.execute(select(Event.kind).order_by(Event.id)) if kind != "login"]


def create(admin, **changes):
    data = {"name": "Paul Petit", "identifiant": "paul", "email": "paul@saint-jean.example", "role": "guichet"}
    return admin.send_form(NEW, {**data, **changes})


def test_the_list_shows_each_agent_with_role_and_state(admin):
    page = text_of(admin.get("/agent/comptes"))
    for words in ("Claire Vidal", "guichet", "Karim Haddad", "régie", "administration", "actif"):
        assert words in page


def test_a_new_agent_enters_with_the_password_shown_once_and_must_change_it(admin, app):
    answer = create(admin)
    one_time = one_time_of(answer)
    assert "Notez-le maintenant" in text_of(answer)
    assert one_time not in admin.get("/agent/comptes").text
    paul = app.test_client()
    assert paul.log_in_by_form("paul", one_time).location == "/agent/"
    assert paul.get("/agent/").location == "/mot-de-passe"
    chosen = {"password": "Soleil-2031", "confirmation": "Soleil-2031"}
    paul.send_form("/mot-de-passe", chosen)
    assert paul.get("/agent/").status_code == 200
    assert app.test_client().log_in_by_form("paul", one_time).status_code == 422


def test_the_password_is_nowhere_in_the_database(admin, app, place):
    one_time = one_time_of(create(admin))
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "agent_created")).one()
        assert told.after == {"identifiant": "paul", "name": "Paul Petit", "role": "guichet", "structures": []}
        assert one_time not in Account.named("paul").password_hash
        assert told.actor_id == Account.named("admin").id


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Écrivez le prénom et le nom."),
        ({"identifiant": ""}, "Choisissez un identifiant."),
        ({"identifiant": " GUICHET "}, "L’identifiant « GUICHET » est déjà pris."),
        ({"email": "paul"}, "n’a pas la forme nom@domaine.fr"),
        ({"role": "roi"}, "pas un choix valide"),
        ({"role": "animation"}, "Choisissez au moins une structure"),
    ],
)
def test_a_wrong_field_creates_nobody(admin, app, changes, sentence):
    answer = create(admin, **changes)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert kinds(app) == []
    assert "Paul Petit" not in admin.get("/agent/comptes").text


def test_an_agent_of_animation_is_given_structures_and_sees_them(admin, app):
    number = agent_id(app, "animation")
    with app.app_context():
        structure = db.session.scalars(select(Structure.id).order_by(Structure.name)).first()
    data = {"name": "Karim Haddad", "email": "", "role": "animation", "structures": str(structure)}
    url = f"/agent/comptes/{number}"
    assert admin.send_form(url, data).location == "/agent/comptes"
    assert "Accueil de Loisirs ALSH" in text_of(admin.get("/agent/comptes"))
    with app.app_context():
        assert db.session.get(Agent, number).scope == (structure,)
        told = db.session.scalars(select(Event).where(Event.kind == "agent_changed")).one()
        assert (told.before, told.after) == ({"structures": []}, {"structures": ["Accueil de Loisirs ALSH"]})
    assert admin.send_form(url, {**data, "role": "guichet"}).status_code == 303
    with app.app_context():
        assert db.session.get(Agent, number).structures == []


def test_a_changed_address_warns_the_former_one(admin, app, worker):
    data = {"name": "Claire Vidal", "email": "ailleurs@exemple.fr", "role": "guichet"}
    admin.send_form(f"/agent/comptes/{agent_id(app, 'guichet')}", data)
    worker.run_all()
    (mail,) = mails(app)
    assert mail.startswith("To: guichet@saint-jean.example")
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "email_changed")).one()
        assert told.actor_id == Account.named("admin").id


def test_nothing_changed_is_not_written(admin, app):
    data = {"name": "Claire Vidal", "email": "guichet@saint-jean.example", "role": "guichet"}
    admin.send_form(f"/agent/comptes/{agent_id(app, 'guichet')}", data)
    assert kinds(app) == []


def test_a_locked_agent_is_out_at_once_and_stays_out_until_unlocked(admin, app):
    claire = app.test_client()
    claire.log_in("guichet")
    page = f"/agent/comptes/{agent_id(app, 'guichet')}"
    assert admin.send_form(f"{page}/verrouillage", {}, page=page).location == page
    assert "verrouillé" in text_of(admin.get(page))
    assert claire.get("/agent/").location.startswith("/connexion")
    refused = claire.log_in_by_form("guichet")
    assert "Ce compte est fermé par la mairie." in text_of(refused)
    admin.send_form(f"{page}/deverrouillage", {}, page=page)
    assert claire.log_in_by_form("guichet").location == "/agent/"
    assert kinds(app) == ["account_locked", "account_unlocked"]


def test_a_session_opened_while_the_account_was_being_locked_opens_nothing(guichet, app):
    """The row may be written just after the lock swept the others away."""
    with app.app_context(), db.transaction():
        Account.named("guichet").locked_at = clock.now()
        assert db.session.query(UserSession).count() == 1
    assert guichet.get("/agent/").location.startswith("/connexion")


def test_locked_between_password_and_code_one_does_not_get_in(guichet, app):
    _, codes = protect(guichet)
    elsewhere = app.test_client()
    elsewhere.log_in_by_form("guichet")
    with app.app_context(), db.transaction():
        Account.named("guichet").locked_at = clock.now()
    answer = elsewhere.send_form("/connexion/code", {"code": codes[0]})
    assert (answer.status_code, "fermé par la mairie" in text_of(answer)) == (422, True)


def test_locking_twice_is_written_once(admin, app):
    page = f"/agent/comptes/{agent_id(app, 'guichet')}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', admin.get(page).text)[1]
    for _ in range(2):
        admin.post(f"{page}/verrouillage", data={"csrf_token": token})
    assert kinds(app) == ["account_locked"]


def post(client, url, page):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)[1]
    return client.post(url, data={"csrf_token": token})


@pytest.mark.parametrize("action", ["verrouillage", "mot-de-passe", "double-authentification/desactivation"])
def test_nobody_does_it_to_oneself(admin, app, action):
    page = f"/agent/comptes/{agent_id(app, 'admin')}"
    assert f'action="{page}/{action}"' not in admin.get(page).text
    assert post(admin, f"{page}/{action}", page).location == page
    assert "Ce compte est le vôtre : passez par « Mon profil »." in text_of(admin.get(page))
    assert kinds(app) == []


def test_the_last_administrator_keeps_the_role(admin, app):
    page = f"/agent/comptes/{agent_id(app, 'admin')}"
    answer = admin.send_form(page, {"name": "Hélène Roux", "email": "", "role": "guichet"})
    assert answer.status_code == 422
    assert "Hélène Roux est seul à l’administration : nommez d’abord quelqu’un d’autre." in text_of(answer)
    assert admin.get("/agent/comptes").status_code == 200


def test_a_locked_administrator_does_not_count(admin, app):
    create(admin, role="administration")
    page = f"/agent/comptes/{agent_id(app, 'paul')}"
    admin.send_form(f"{page}/verrouillage", {}, page=page)
    mine = f"/agent/comptes/{agent_id(app, 'admin')}"
    assert admin.send_form(mine, {"name": "Hélène Roux", "email": "", "role": "regie"}).status_code == 422


def test_who_gives_the_role_away_leaves_the_desk(admin, app):
    create(admin, role="administration")
    mine = f"/agent/comptes/{agent_id(app, 'admin')}"
    answer = admin.send_form(mine, {"name": "Hélène Roux", "email": "", "role": "regie"})
    assert answer.location == "/agent/"
    assert admin.get("/agent/comptes").status_code == 403


@pytest.mark.both_engines
def test_two_administrators_do_not_put_each_other_out_at_the_same_time(app):
    with app.app_context(), db.transaction():
        details = Details("Paul Petit", "", Role.ADMINISTRATION)
        first = clerk("admin")
        second = Agent.open(details, identifiant="paul", password_hash="x", by=first)
        pair = (first.agent.id, second.id)
    refusals, start = [], threading.Barrier(2)

    def lock(me, other):
        with app.app_context():
            start.wait()
            try:
                with db.transaction() as writing:
                    writing.get_one(Agent, other).lock(by=Clerk(writing.get_one(Agent, me)))
            except RefusedError as refused:
                refusals.append(str(refused))
            db.session.remove()

    threads = [threading.Thread(target=lock, args=(me, other)) for me, other in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refusals) == 1
    with app.app_context():
        assert sorted(one.account.locked_at is None for one in Agent.all() if one.id in pair) == [False, True]


def test_a_new_password_ends_the_sessions_and_the_former_password(admin, app):
    claire = app.test_client()
    claire.log_in("guichet")
    page = f"/agent/comptes/{agent_id(app, 'guichet')}"
    one_time = one_time_of(admin.send_form(f"{page}/mot-de-passe", {}, page=page))
    assert claire.get("/agent/").location.startswith("/connexion")
    assert claire.log_in_by_form("guichet").status_code == 422
    assert claire.log_in_by_form("guichet", one_time).location == "/agent/"
    assert claire.get("/agent/").location == "/mot-de-passe"
    assert "nouveau mot de passe remis" in text_of(admin.get(page))


def test_a_lost_phone_is_no_longer_asked_for(admin, app):
    claire = app.test_client()
    claire.log_in("guichet")
    protect(claire)
    page = f"/agent/comptes/{agent_id(app, 'guichet')}"
    admin.send_form(f"{page}/double-authentification/desactivation", {}, page=page)
    assert app.test_client().log_in_by_form("guichet").location == "/agent/"
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "two_factor_disabled")).one()
        assert told.actor_id == Account.named("admin").id


@pytest.mark.sqlite_only
def test_an_agent_who_does_not_exist_is_404(admin):
    assert admin.get("/agent/comptes/999").status_code == 404
    assert post(admin, "/agent/comptes/999/verrouillage", "/agent/comptes/1").status_code == 404


@pytest.mark.sqlite_only
@pytest.mark.parametrize("identifiant", ["guichet", "animation", "regie"])
def test_the_desk_is_closed_to_the_other_roles(client, identifiant):
    client.log_in(identifiant)
    for url in ("/agent/comptes", NEW, "/agent/comptes/1"):
        assert client.get(url).status_code == 403


@pytest.mark.sqlite_only
def test_the_list_takes_as_many_queries_for_one_more_agent(admin, count_queries):
    with count_queries() as before:
        admin.get("/agent/comptes")
    create(admin)
    with count_queries() as after:
        admin.get("/agent/comptes")
    assert len(after) == len(before) <= 6


# The accounts of a family.


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


@pytest.mark.sqlite_only
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


@pytest.mark.sqlite_only
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
