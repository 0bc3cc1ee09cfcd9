"""Tableau de bord."""

import pytest

from app import db
from app.models import Job, JobState
from tests.conftest import text_of


@pytest.mark.parametrize("identifiant", ["guichet", "animation", "regie", "admin"])
def test_every_agent_has_a_dashboard(client, identifiant):
    client.log_in(identifiant)
    page = text_of(client.get("/agent/"))
    assert "Tableau de bord" in page
    assert "Familles 2" in page


def test_it_tells_of_mails_that_need_a_look(client, app):
    with app.app_context(), db.transaction() as writing:
        writing.add(Job(kind="mail", payload={}, state=JobState.UNCERTAIN))
    client.log_in("admin")
    assert "Courriels à vérifier 1" in text_of(client.get("/agent/"))
