"""What the tests of change share."""

from app import db
from app.models.accounts import Account
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.families import Adult, Child, Finances
from app.models.families.author import Author
from app.models.families.sections.account import RESPONSABLE
from app.models.families.sections.child import HEALTH
from app.models.families.sections.values import Sheet
from app.models.requests import RequestLine
from app.models.reviews.review import Review
from app.models.upload import Paper
from tests.builders import clerk, dupont

IBAN = "FR7630006000011234567890189"


OTHER = "FR1420041010050500013M02606"


NOTHING = {"phone_mobile": ""}


def jeanne() -> Adult:
    return db.session.query(Adult).filter_by(first_name="JEANNE").one()


def ask(section=RESPONSABLE, *, by=dupont, submission="one", paper=None, seen=None, **wanted) -> int:
    """`seen`: what the page showed; of what is not there, what stood at that instant."""
    with db.transaction():
        adult = by()
        sheet = Sheet(section, adult.family_id)
        wish = Wish(sheet, wanted, seen or {})
        return change.ask(section.kind, [wish], by=Author(adult), submission=submission, paper=paper).id


def decide(number: int, verb, who: str = "guichet") -> None:
    with db.transaction():
        verb(Review.locked(clerk(who), number))


def accept(number: int, version: int = 1) -> None:
    decide(number, lambda one: [one.accept(line.id, version=version) for line in one.pending])


def lines() -> list[RequestLine]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.query(RequestLine).filter(RequestLine.field.is_not(None)).order_by(RequestLine.id))


PEANUT, PENICILLIN, WASPS = ["food", "arachide"], ["drug", "pénicilline"], ["other", "guêpes"]


def lea() -> int:
    return Child.of_family(dupont().family_id)[0].id


def rows(*said: list[str]) -> str:
    return HEALTH.field("alerts").text([{"kind": kind, "text": text} for kind, text in said])


def ask_of_lea(section, *, by=dupont, submission="one", seen=None, agent="", **wanted) -> int:
    with db.transaction():
        author = Author(by(), Account.named(agent).agent if agent else None)
        wish = Wish(Sheet(section, author.adult.family_id, lea()), wanted, seen or {})
        return change.ask(section.kind, [wish], by=author, submission=submission).id


def known(**said: str) -> None:
    with db.transaction() as writing:
        finances = writing.get_one(Finances, dupont().family_id)
        for name, text in said.items():
            setattr(finances, name, text)


def paper(letter: str = "a") -> Paper:
    return Paper(letter * 32, "application/pdf", 12)
