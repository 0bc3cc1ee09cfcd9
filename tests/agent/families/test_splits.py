"""Séparation at the desk: the choices, what they will change, and what each parent then sees."""

import re
from datetime import date

import pytest

from app import db
from app.models.accounts import Account
from app.models.families import Adult, Child, Custody, Family
from app.models.request_kind import RequestKind
from app.models.requests import Request, RequestLine
from tests.conftest import GUIDE_DAY, PASSWORD, text_of

SPLIT = "/agent/familles/1/separation"


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


@pytest.fixture
def cast(app) -> dict[str, str]:
    """Ids of the guide's family, as forms write them; Jeanne has an account here."""
    with app.app_context(), db.transaction() as writing:
        jeanne = writing.query(Adult).filter_by(first_name="JEANNE").one()
        jeanne.account = Account.create("jeanne.dupont", Account.named("jean.dupont").password_hash)
        jean, lea = writing.query(Adult).filter_by(first_name="JEAN").one(), writing.query(Child).one()
        return {"jean": str(jean.id), "jeanne": str(jeanne.id), "home": f"enfant_{lea.id}"}


def preview(cast, home="deux", leaving="jeanne") -> str:
    return f"{SPLIT}?depart={cast[leaving]}&{cast['home']}={cast.get(home, home)}"


def families(app) -> int:
    with app.app_context():
        return db.session.query(Family).count()


def test_the_page_asks_who_leaves_and_where_each_child_lives(guichet, cast):
    page = guichet.get(SPLIT)
    for words in ("Séparer le foyer", "JEAN DUPONT", "JEANNE DUPONT", "Où vit LEA ?", "dans les deux foyers"):
        assert words in text_of(page), words
    chosen = re.findall(r'<input checked[^>]* value="([^"]+)"', page.text)
    assert chosen == [cast["jeanne"], "deux"]


def test_the_preview_says_what_changes_and_changes_nothing(guichet, cast, app):
    before = families(app)
    page = text_of(guichet.get(preview(cast)))
    for words in (
        "1001001818331",
        "Ses factures et son solde : −120,60 €",
        "Son compte « jeanne.dupont », avec le même mot de passe",
        "LEA, dans les deux foyers",
        "Ne verra plus",
        "Les factures et le solde du premier dossier",
        "Les coordonnées de l’autre parent (JEAN DUPONT)",
        "sans pouvoir rien y demander",
    ):
        assert words in page, words
    assert families(app) == before


def test_one_form_splits_and_each_parent_then_sees_only_their_household(guichet, cast, app):
    answer = guichet.send_form(SPLIT, {}, page=preview(cast))
    assert answer.status_code == 303
    assert "Le foyer est séparé" in text_of(guichet.get(answer.location))
    jeanne = app.test_client()
    jeanne.log_in("jeanne.dupont")
    home = text_of(jeanne.get("/"))
    assert "JEANNE DUPONT, vous avez 0 Nouveau Message(s)" in home
    for gone in ("1001001818331", "AL-36", "120,60", "JEAN DUPONT"):
        assert gone not in home
    planning = jeanne.get("/planning/2015-05")
    assert "LEA" in text_of(planning)
    assert "DUPONT JEAN" in text_of(planning)
    assert "/inscriptions/" not in planning.text  # another household's rows are only read
    assert jeanne.get("/inscriptions/1/2015-05-06").status_code == 404
    jean = app.test_client()
    jean.log_in("jean.dupont")
    assert "AL-36" in text_of(jean.get("/"))
    assert jean.get("/inscriptions/1/2015-05-06").status_code == 200


def test_the_other_household_s_receipts_do_not_exist(guichet, cast, app):
    with app.app_context(), db.transaction() as writing:
        made = Request(
            code="K7M-3QX",
            kind=RequestKind.BOOKING,
            family_id=1,
            submitted_by=int(cast["jeanne"]),
            submission="one",
        )
        made.lines.append(RequestLine(kind=RequestKind.BOOKING, enrolment_id=1, day=GUIDE_DAY))
        writing.add(made)
        writing.flush()
        address = f"/demandes/{made.id}"
    guichet.send_form(SPLIT, {}, page=preview(cast))
    jeanne = app.test_client()
    jeanne.log_in_by_form("jeanne.dupont", PASSWORD)
    assert jeanne.get(address).status_code == 404
    jean = app.test_client()
    jean.log_in("jean.dupont")
    assert jean.get(address).status_code == 200


def test_what_stands_in_the_way_is_said_and_no_button_is_offered(guichet, cast, app):
    page = guichet.get(preview(cast, home="jeanne"))
    assert page.status_code == 200
    assert "À régler d’abord" in text_of(page)
    assert "LEA ne peut pas quitter le dossier de JEAN DUPONT" in text_of(page)
    assert 'method="post" action="' + SPLIT not in page.text


def test_a_form_sent_all_the_same_changes_nothing(guichet, cast, app):
    before = families(app)
    answer = guichet.send_form(SPLIT, {cast["home"]: cast["jeanne"]}, page=preview(cast))
    assert answer.status_code == 422
    assert "Rien n’est changé" in text_of(answer)
    assert families(app) == before


@pytest.mark.parametrize("wrong", [{"depart": ""}, {"depart": "999"}, {"home": "999"}, {"home": ""}])
def test_a_wrong_answer_shows_the_questions_again(guichet, cast, app, wrong):
    answers = {"depart": cast["jeanne"], "home": "deux"} | wrong
    shown = guichet.get(f"{SPLIT}?depart={answers['depart']}&{cast['home']}={answers['home']}")
    assert shown.status_code == 422
    assert "Qui reçoit un nouveau dossier" in text_of(shown)
    before = families(app)
    data = {"depart": answers["depart"], cast["home"]: answers["home"]}
    assert guichet.send_form(SPLIT, data, page=preview(cast)).status_code == 422
    assert families(app) == before


def test_a_child_who_came_meanwhile_is_asked_about(guichet, cast, app):
    page = guichet.get(preview(cast))
    with app.app_context(), db.transaction() as writing:
        nino = Child(last_name="DUPONT", first_name="NINO", birth_date=date(2011, 2, 3))
        writing.add(nino)
        writing.flush()
        writing.add(Custody(child_id=nino.id, family_id=1))
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    answer = guichet.post(SPLIT, data={"csrf_token": token, "depart": cast["jeanne"], cast["home"]: "deux"})
    assert answer.status_code == 422
    assert "Où vit NINO ?" in text_of(answer)


def test_done_twice_the_second_is_told(guichet, cast, app):
    page = preview(cast)
    before = guichet.get(page).text
    assert guichet.send_form(SPLIT, {}, page=page).status_code == 303
    token = re.search(r'name="csrf_token" value="([^"]+)"', before)[1]
    after = families(app)
    answer = guichet.post(SPLIT, data={"csrf_token": token, "depart": cast["jeanne"], cast["home"]: "deux"})
    assert answer.status_code == 422
    assert "n’a qu’un adulte" in text_of(answer)
    assert families(app) == after


def test_a_family_that_does_not_exist_is_404(guichet):
    assert guichet.get("/agent/familles/999/separation").status_code == 404


@pytest.mark.parametrize("identifiant", ["animation", "regie"])
def test_other_roles_may_not(client, identifiant):
    client.log_in(identifiant)
    assert client.get(SPLIT).status_code == 403


def test_the_family_page_offers_the_split_when_two_accounts_share_a_separated_file(guichet, cast):
    page = guichet.get("/agent/familles/1")
    assert "Séparer le foyer en deux dossiers" in text_of(page)


def test_the_family_page_does_not_offer_it_otherwise(guichet):
    assert "Séparer le foyer en deux dossiers" not in text_of(guichet.get("/agent/familles/1"))
