"""Mes données: two households of one child."""

import json

import pytest
from sqlalchemy import select

from app import db
from app.integrations import proofs
from app.models.accounts import Account
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.documents import Document, DocumentKind, DocumentSubject
from app.models.event import Event
from app.models.families import (
    Adult,
    Authority,
    Family,
)
from app.models.families.author import Author
from app.models.families.sections.account import CONJOINT
from app.models.families.sections.values import Sheet
from app.models.households.split import Split
from app.models.privacy import my_data
from app.models.requests import LineState, RequestLine
from tests.builders import clerk, dupont
from tests.conftest import text_of
from tests.files import accept
from tests.parent.my_data.copies import PAGE, PDF, fetch, lea

pytestmark = pytest.mark.both_engines


@pytest.fixture
def parted(app, known) -> tuple[int, int]:
    """Jeanne's address was asked for, accepted and corrected at the desk before she left: request and paper."""
    with app.app_context():
        paper = proofs.keep(PDF)
        hashed = Account.named("jean.dupont").password_hash
        with db.transaction() as writing:
            jeanne = writing.query(Adult).filter_by(first_name="JEANNE").one()
            jeanne.account = Account.create("jeanne", hashed)
            wish = Wish(Sheet(CONJOINT, jeanne.family_id), {"address": "9 rue Cachée"}, {"address": jeanne.address})
            asked = change.ask(CONJOINT.kind, [wish], by=Author(jeanne), submission="moving").id
            kind = DocumentKind(name="Bail", subject=DocumentSubject.FAMILY)
            writing.add(kind)
            writing.flush()
            lease = Document.give(kind, lea(), paper, by=Author(jeanne), submission="lease").id
        accept(asked)
        for line in db.session.scalars(select(RequestLine).where(RequestLine.state == LineState.SUBMITTED)).all():
            accept(line.request_id)
        with db.transaction():
            jeanne = db.session.query(Adult).filter_by(first_name="JEANNE").one()
            moved = {"before": {"address": "9 rue Cachée"}, "after": {"address": "8 rue Discrète"}}
            Event.record("adult_changed", subject=jeanne, family_id=jeanne.family_id, **moved)
            (family,) = Family.lock(jeanne.family_id)
            Split(family, jeanne.id, {lea().id: None}).carry_out(by=clerk())
        return asked, lease


def test_the_one_who_stays_reads_no_detail_of_the_one_who_left(jean, app, worker, parted):
    asked, lease = parted
    secrets = ("9 rue Cachée", "8 rue Discrète")
    jeanne = app.test_client()
    jeanne.log_in("jeanne")
    pages = (f"/demandes/{asked}", f"/demandes/{asked}.pdf", f"/documents-du-dossier/{lease}")
    assert [jean.get(page).status_code for page in pages] == [404] * 3
    assert [jeanne.get(page).status_code for page in pages] == [200] * 3
    assert "9 rue Cachée" in jeanne.get("/demandes?rubrique=responsable").text
    for page in ("/", "/mon-compte", *(f"/demandes?rubrique={tab}" for tab in ("responsable", "conjoint"))):
        assert not [one for one in secrets if one in jean.get(page, follow_redirects=True).text], page
    archive = fetch(jean, worker)
    whole = archive.read("donnees.json").decode()
    assert not [one for one in (*secrets, f"document-{lease}") if one in whole + str(archive.namelist())]
    journal = {one["Quoi"]: one["Détail"] for one in json.loads(whole)["Journal"]}
    assert journal["Responsable modifié"] == {}
    assert "9 rue Cachée" in fetch(jeanne, worker).read("donnees.json").decode()


def test_of_the_other_household_it_says_what_the_planning_shows(jean, worker, other_household):
    whole = fetch(jean, worker).read("donnees.json").decode()
    for secret in (
        "9 rue Cachée",
        "06 99 99 99 99",
        "jeanne@secret.example",
        "elle demande le secret",
        "FR1420041010050500013M02606",
        "987.65",
        "Confidence",
        "entre nous",
        "un mot pour vous seuls",
        "2000000000001",
    ):
        assert secret not in whole
    assert json.loads(whole)[my_data.OTHER_HOUSEHOLD] == [
        {
            "Enfant": "LEA",
            "Prestation": "Étude",
            "Responsable": "PARTIE JEANNE",
            "Jours": {"2015-05-06": "Réservé"},
        }
    ]


def test_the_other_parent_gets_the_childs_file_and_nothing_of_jeans(app, worker, other_household):
    jeanne = app.test_client()
    jeanne.log_in("jeanne")
    archive = fetch(jeanne, worker)
    whole = archive.read("donnees.json").decode()
    assert "arachide" in whole
    assert "9 rue Cachée" in whole
    for secret in ("AL-36", "FR7630001007941234567890185", "1001001818331", "jugement du tribunal", "ventoline"):
        assert secret not in whole
    assert archive.namelist() == ["LISEZ-MOI.txt", "donnees.json"]  # the paper is Jean's


def test_without_authority_there_is_the_planning_and_no_file(jean, app, worker, known):
    with app.app_context(), db.transaction() as writing:
        writing.delete(writing.get_one(Authority, (dupont().id, lea().id)))
    archive = fetch(jean, worker)
    told = json.loads(archive.read("donnees.json"))
    for hidden in ("arachide", "Lenoir", "Mamie Odette", "ventoline", "2008-03-12"):
        assert hidden not in archive.read("donnees.json").decode()
    assert told["Enfants du foyer"][0]["Enfant"] == "LEA DUPONT"
    assert told["Réservations et absences"]
    assert archive.namelist() == ["LISEZ-MOI.txt", "donnees.json"]
    assert "le planning seulement" in text_of(jean.get(PAGE))
