"""A long request asks the database no more than a short one."""

from datetime import timedelta

from app import clock, db
from app.models.families.sections.account import BANQUE, RESPONSABLE
from app.models.families.sections.child import (
    INSURANCE,
    NEW_CHILD,
)
from app.models.requests import Request
from tests.agent.requests.answering import TOM, dossier, wants, wants_new
from tests.builders import durand
from tests.conftest import text_of


def test_a_long_request_and_a_short_one_ask_about_as_many_queries(app, guichet, lea, count_queries):
    with app.app_context():
        short, long = wants(RESPONSABLE, employer="Mairie"), dossier(lea)
    guichet.get(f"/agent/demandes/{short}")
    with count_queries() as few:
        guichet.get(f"/agent/demandes/{short}")
    with count_queries() as many:
        guichet.get(f"/agent/demandes/{long}")
    assert len(few) <= 15
    assert len(many) <= 32, "\n\n".join(many)  # of twenty lines, read twice: the reading of health is written between


def test_the_queue_asks_as_many_queries_whatever_is_asked(app, guichet, asked, lea, count_queries):
    guichet.get("/agent/demandes")
    with count_queries() as few:
        guichet.get("/agent/demandes")
    with app.app_context():
        wants(RESPONSABLE, employer="Mairie")
        wants(BANQUE, durand, bank_holder="X")
        dossier(lea)
        wants_new(NEW_CHILD, TOM)
    with count_queries() as many:
        guichet.get("/agent/demandes")
    assert len(few) <= len(many) <= 11


def test_the_dashboard_counts_each_kind_and_says_what_is_late(app, guichet, lea):
    with app.app_context():
        number = wants(INSURANCE, child_id=lea, insurer="MAIF")
        wants_new(NEW_CHILD, TOM)
        with db.transaction():
            db.session.get(Request, number).submitted_at = clock.local_now() - timedelta(days=8)
    page = text_of(guichet.get("/agent/"))
    assert "Assurance 1 la plus ancienne : il y a 8 jours, en retard" in page
    assert "Ajout d’un enfant 1 la plus ancienne : aujourd’hui" in page
    assert "Ajout d’un enfant" in text_of(guichet.get("/agent/demandes?type=new_child"))
