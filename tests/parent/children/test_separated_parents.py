"""Parents who live apart share a child's file, and nothing of their households; a stranger shares nothing."""

import re

import pytest

from app import db
from app.models.accounts import Account
from app.models.enrolments import Enrolment
from app.models.families import Authority, Contact, ContactRole
from app.models.refusal import RefusedError
from app.models.requests import Request, RequestLine
from tests.conftest import text_of
from tests.files import accept, ask, lea
from tests.filling import send
from tests.households import Household, bare, give_document, live, settle, walk

HAS_ID = re.compile(r"/\d+(/|\.|\?|$)|[?&]enfant=")


@pytest.fixture
def homes(app, client, worker) -> tuple[Household, Household]:
    """Petit and Moreau, who have both asked for everything, and whose copies of their data are ready."""
    with app.app_context():
        made = settle()
    for one in made:
        client.log_in(one.login)
        live(client, one)
        client.log_out()
    worker.run_all()
    return made


def token(client) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/planning/calendrier").text)[1]


def assert_closed(client, addresses: set[str], actions: set[str]) -> None:
    """Each of these is 404, read or sent to."""
    stamp = token(client)
    for address in sorted(addresses):
        assert client.get(address, follow_redirects=True).status_code == 404, address
        assert client.post(address, data={"csrf_token": stamp}).status_code in (404, 405), address
    for address in sorted(actions):
        assert client.post(address, data={"csrf_token": stamp}).status_code == 404, address


@pytest.mark.parametrize("turn", [0, 1], ids=["moreau reads petit", "petit reads moreau"])
def test_each_address_id_and_file_of_the_other_household_is_404_and_none_of_its_secrets_shows(client, homes, turn):
    theirs, mine = homes[turn], homes[1 - turn]
    client.log_in(theirs.login)
    seen_by_them = walk(client)
    client.log_out()
    client.log_in(mine.login)
    seen_by_me = walk(client)

    told_them = "".join(seen_by_them.told.values())
    for what, words in theirs.secrets.items():  # all of it is there, for its own household
        if what != "message":  # no page shows the messages yet
            assert bare(words) in told_them, what
    for address, told in seen_by_me.told.items():
        for what, words in theirs.secrets.items():
            assert bare(words) not in told, f"{address} tells the {what} of {theirs.login}"

    closed = {one for one in seen_by_them.addresses - seen_by_me.addresses if HAS_ID.search(one)}
    sent = {one for one in seen_by_them.actions - seen_by_me.actions if HAS_ID.search(one)}
    for kind in (
        r"^/demandes/\d+$", r"^/demandes/\d+\.pdf$", r"^/demandes/\d+/justificatif$", r"^/mes-donnees/\d+\.zip$",
        r"^/documents-du-dossier/\d+$", r"^/inscriptions/\d+/2015-05-06$", r"^/enfants/\d+$",
        r"^/enfants/\d+/inscriptions/\d+$", r"^/enfants/\d+/dossier\.pdf$", r"^/planning\?enfant=\d+$",
    ):  # fmt: skip
        assert any(re.match(kind, one) for one in closed), kind
    for kind in (
        r"^/demandes/\d+/retrait$",
        r"^/enfants/\d+/inscription$",
        r"^/inscriptions/\d+/.*/(reservation|retrait)$",
    ):
        assert any(re.match(kind, one) for one in sent), kind
    assert_closed(client, closed, sent)
    shared = f"/enfants/{mine.shared_child}"
    assert shared in seen_by_me.addresses & seen_by_them.addresses


def test_a_stranger_finds_404_on_each_address_of_the_guide_s_family(jean, worker):
    for topic, wanted in (("assurance", {"insurer": "MAIF"}), ("sante", {"treatments": "Sirop"})):
        assert ask(jean, topic, **wanted).status_code == 303
    assert give_document(jean, lea().id, "dupont").status_code == 303
    jean.send_form("/mes-donnees/copie", {}, page="/mes-donnees")
    worker.run_all()
    seen = walk(jean)
    jean.log_out()
    jean.log_in("durand")
    mine = walk(jean)
    closed = {one for one in seen.addresses - mine.addresses if HAS_ID.search(one)}
    assert len(closed) > 50
    assert_closed(jean, closed, {one for one in seen.actions - mine.actions if HAS_ID.search(one)})


def test_both_see_the_same_file_and_each_only_its_own_requests(client, homes):
    petit, moreau = homes
    client.log_in("petit")
    code = line_of(petit, "diet").request.code
    page = f"/enfants/{petit.shared_child}"
    assert code in client.get(page).text
    client.log_out()
    client.log_in("moreau")
    html = client.get(page).text
    assert code not in html
    assert petit.secrets["asked diet"] not in html
    assert moreau.secrets["asked diet"] in html
    accept(line_of(petit, "diet").request_id)
    told = text_of(client.get(page))
    assert petit.secrets["asked diet"] in told  # it is the child's file now, of both
    assert "Le dossier a changé depuis votre demande" in told
    form = f"{page}/informations/modification"
    again = send(client, form)  # as it stands, nothing touched
    assert again.status_code == 303
    assert "Le dossier a changé depuis votre demande" not in text_of(client.get(page))
    accept(line_of(moreau, "diet").request_id)


def line_of(home: Household, field: str) -> RequestLine:
    db.session.rollback()
    wanted = db.session.query(RequestLine).join(RequestLine.request).filter(RequestLine.field == field)
    return wanted.filter(Request.family_id == home.family_id, Request.child_id == home.shared_child).one()


def test_of_two_requests_about_one_field_the_second_accepted_is_refused(homes):
    petit, moreau = homes
    accept(line_of(petit, "diet").request_id)
    with pytest.raises(RefusedError, match="Le dossier a changé entre-temps"):
        accept(line_of(moreau, "diet").request_id)
    assert line_of(moreau, "diet").state == "submitted"


def test_the_other_household_s_enrolment_says_its_payer_and_its_state_alone(client, homes):
    petit, moreau = homes
    client.log_in("petit")
    for page in (f"/enfants/{petit.shared_child}", "/planning/inscriptions"):
        html = client.get(page).text
        row = next(one for one in re.findall(r"<tr>.*?</tr>", html, re.DOTALL) if "MOREAU CAMILLE" in one)
        told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
        assert "Club partagé" in told, page
        assert "en cours" in told, page
        assert "01/09/2014" not in told, page
        assert "semaines" not in told, page
        ours = next(one for one in re.findall(r"<tr>.*?</tr>", html, re.DOTALL) if "PETIT CAMILLE" in one)
        assert "01/09/2014" in ours, page
        assert "semaines impaires" in ours, page
    theirs = db.session.query(Enrolment.id).filter_by(child_id=moreau.shared_child, family_id=moreau.family_id).one()
    assert client.get(f"/enfants/{petit.shared_child}/inscriptions/{theirs[0]}").status_code == 404


def test_who_lost_authority_keeps_the_planning_and_loses_the_file(client, homes):
    moreau = homes[1]
    with db.transaction() as writing:
        number = Account.named("moreau").adult.id
        writing.query(Authority).filter_by(adult_id=number, child_id=moreau.shared_child).delete()
    client.log_in("moreau")
    assert client.get(f"/planning/2015-05?enfant={moreau.shared_child}").status_code == 200
    cards = client.get("/enfants")
    assert "Jade" in text_of(cards)
    assert f'href="/enfants/{moreau.shared_child}"' not in cards.text
    for address in ("", "/sante/modification", "/inscription", "/documents", "/dossier", "/dossier.pdf"):
        assert client.get(f"/enfants/{moreau.shared_child}{address}").status_code == 404, address
    asked = line_of(moreau, "treatments").request_id
    for address in (f"/demandes/{asked}", f"/demandes/{asked}.pdf"):
        assert client.get(address).status_code == 404, address
    for address, told in walk(client).told.items():
        if address.endswith(".zip"):  # the copy that was made while there was authority
            continue
        assert bare(moreau.secrets["asked treatment"]) not in told, address


def test_what_the_town_hall_forbids_is_read_by_both_and_changed_by_neither(client, homes):
    petit, moreau = homes
    with db.transaction() as writing:
        writing.add(Contact(child_id=petit.shared_child, role=ContactRole.FORBIDDEN, name="Jacques NOIR"))
    for one in (petit, moreau):
        client.log_in(one.login)
        assert "Ne doit pas venir chercher l’enfant" in text_of(client.get(f"/enfants/{one.shared_child}"))
        client.log_out()
