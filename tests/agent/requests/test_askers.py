"""Who asked each line, and what becomes of it when they have authority no more."""

import re

from app import db
from app.models.accounts import Account
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.families import Adult, Authority, Finances
from app.models.families.author import Author
from app.models.families.sections.account import BANQUE
from app.models.families.sections.child import (
    AUTHORISATIONS,
)
from app.models.families.sections.values import Sheet
from app.models.jobs import Job
from app.models.reviews.review import Review
from tests.agent.requests.answering import dossier, lines_of, wants
from tests.builders import clerk, dupont
from tests.conftest import text_of


def test_accepted_money_is_written(app, guichet):
    with app.app_context():
        number = wants(BANQUE, iban="FR1420041010050500013M02606")
        family_id = dupont().family_id
    page = f"/agent/demandes/{number}"
    (line,) = lines_of(app, number)
    guichet.send_form(f"{page}/lignes/{line.id}/acceptation", {}, page=page)
    with app.app_context():
        assert db.session.get(Finances, family_id).iban == "FR1420041010050500013M02606"


def jeanne() -> Adult:
    return db.session.query(Adult).filter_by(first_name="JEANNE").one()


def test_each_line_says_who_asked_it_last_where_the_request_does_not(app, guichet, lea):
    with app.app_context():
        number = wants(AUTHORISATIONS, child_id=lea, leaves_alone="non", outings="oui")
        assert wants(AUTHORISATIONS, jeanne, lea, leaves_alone="oui") == number
        with db.transaction():
            by = Author(dupont(), Account.named("guichet").agent)
            wish = Wish(Sheet(AUTHORISATIONS, dupont().family_id, lea), {"swimming": "oui"}, {})
            change.ask(AUTHORISATIONS.kind, [wish], by=by, submission="desk")
    page = guichet.get(f"/agent/demandes/{number}")
    told = {title: text_of(part) for title, part in articles(page).items()}
    assert "Demandée par" not in told["LEA, Sorties"]
    assert "Demandée par : JEANNE DUPONT, lundi 4 mai 2015" in told["LEA, Peut partir seul"]
    assert "Demandée par : JEAN DUPONT, lundi 4 mai 2015" in told["LEA, Baignade et piscine"]
    assert "Saisie par : Claire Vidal, agent, pour la famille" in told["LEA, Baignade et piscine"]


class _Part:
    def __init__(self, text: str) -> None:
        self.text = text


def articles(page) -> dict[str, _Part]:
    """The lines of the page, by their titles."""
    found = re.findall(r"<article.*?</article>", page.text, re.DOTALL)
    return {re.search(r"<h2[^>]*>(.*?)</h2>", one)[1]: _Part(one) for one in found}


def test_what_a_parent_without_authority_any_more_asked_is_not_accepted_and_the_page_says_why(app, guichet, lea):
    with app.app_context():
        number = wants(AUTHORISATIONS, child_id=lea, leaves_alone="oui", outings="oui")
        assert wants(AUTHORISATIONS, jeanne, lea, outings="non") == number
        with db.transaction() as writing:
            writing.query(Authority).filter_by(adult_id=dupont().id, child_id=lea).delete()
    page = guichet.get(f"/agent/demandes/{number}")
    told = {title: text_of(part) for title, part in articles(page).items()}
    assert "JEAN DUPONT n’a plus l’autorité parentale sur cet enfant." in told["LEA, Peut partir seul"]
    assert "Accepter" not in told["LEA, Peut partir seul"]
    assert "autorité" not in told["LEA, Sorties"]
    assert "Accepter" in told["LEA, Sorties"]
    assert "Une ligne au moins ne peut pas être acceptée en l’état" in text_of(page)


def test_lines_of_who_has_no_authority_are_weighed_without_more_queries(app, guichet, lea, count_queries):
    with app.app_context():
        number = dossier(lea)
    guichet.get(f"/agent/demandes/{number}")
    with count_queries() as before:
        guichet.get(f"/agent/demandes/{number}")
    with app.app_context(), db.transaction() as writing:
        writing.query(Authority).filter_by(adult_id=dupont().id, child_id=lea).delete()
    with count_queries() as after:
        guichet.get(f"/agent/demandes/{number}")
    assert len(after) <= len(before)


def test_the_answer_is_mailed_to_each_who_asked_some_of_it(app, lea):
    with app.app_context():
        with db.transaction():
            jeanne().email = "jeanne@example.org"
        number = wants(AUTHORISATIONS, child_id=lea, leaves_alone="oui")
        wants(AUTHORISATIONS, jeanne, lea, outings="oui")
        with db.transaction():
            review = Review.locked(clerk(), number)
            review.accept_all(seen=review.stamp)
        mails = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
        told = [one["to"] for one in mails if one["template"] == "request_decided"]
    assert told == ["jean.dupont@wanadoo.fr", "jeanne@example.org"]
