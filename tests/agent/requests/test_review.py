"""Demandes: the queue and one request, as agents use them, without JavaScript and by fragments."""

from app import db
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.families.author import Author
from app.models.families.sections.account import RESPONSABLE
from app.models.families.sections.values import Sheet
from app.models.places import withdrawal
from tests.builders import dupont
from tests.conftest import text_of


def test_a_line_that_was_taken_back_says_by_whom(guichet, app):
    with app.app_context(), db.transaction():
        adult = dupont()
        wish = Wish(Sheet(RESPONSABLE, adult.family_id), {"city": "ALBI"}, {})
        number = change.ask(RESPONSABLE.kind, [wish], by=Author(adult), submission="w").id
    with app.app_context(), db.transaction():
        withdrawal.withdraw(number, by=Author(dupont()))
    told = text_of(guichet.get(f"/agent/demandes/{number}"))
    assert "Réponse : Retirée par la famille, " in told
    assert "Selon la règle" not in told
