"""A file that a row names and that is not there (a restored copy): a sentence, never an error, and no decision."""

import shutil

import pytest

from app.models.documents import DocumentState
from tests.agent.documents.test_desk import desk
from tests.conftest import text_of
from tests.parent.children.test_documents import HOME, give, newest

LOST = "Le portail ne trouve plus ce fichier"


@pytest.fixture
def guichet(app):
    agent = app.test_client()
    agent.log_in("guichet")
    return agent


@pytest.fixture
def lost(app, jean) -> int:
    """A document of which the file is gone."""
    give(jean, HOME)
    shutil.rmtree(app.config["PREAU"].uploads_dir)
    with app.app_context():
        return newest().id


def test_whoever_opens_it_reads_what_to_do(app, jean, guichet, lost):
    for client, address in (
        (jean, f"/documents-du-dossier/{lost}"),
        (guichet, f"{desk(lost)}/fichier"),
        (jean, "/documents/1"),
    ):
        answer = client.get(address)
        assert answer.status_code == 410, address
        assert LOST in text_of(answer)
        assert "à redemander" in text_of(answer)


def test_it_is_not_validated_and_may_be_refused(app, guichet, lost):
    page = guichet.get(desk(lost))
    assert "manque au portail" in text_of(page)
    assert "Ouvrir le document" not in page.text
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = guichet.post(f"{desk(lost)}/validation", data={"csrf_token": token, "valid_until": ""})
    assert answer.status_code == 422
    with app.app_context():
        assert newest().state is DocumentState.RECEIVED
    refused = guichet.post(f"{desk(lost)}/refus", data={"csrf_token": token, "motif": "Fichier perdu"})
    assert refused.status_code == 303
    with app.app_context():
        assert newest().state is DocumentState.REFUSED
