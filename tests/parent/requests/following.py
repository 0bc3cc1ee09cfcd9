"""What the tests of followed share."""

import json
import re
from io import BytesIO

import html5lib
from pypdf import PdfReader

from app import db
from app.models.accounts import Account
from app.models.changes import change
from app.models.changes.three_way import Wish
from app.models.families import Child
from app.models.families.author import Author
from app.models.families.sections.account import RESPONSABLE
from app.models.families.sections.values import Sheet
from app.models.planning.slot import Slot
from app.models.requests import Request, RequestLine
from app.models.reviews.review import Review
from app.models.town import Approval
from tests.builders import DAY, activity, clerk, dupont, enrolment

HTML = "{http://www.w3.org/1999/xhtml}"


IBAN = "FR7630006000011234567890189"


ALLERGY = json.dumps([["food", "Arachide"]])


CHILDREN = "/demandes?onglet=enfants"


def asked(section=RESPONSABLE, *, child=None, by=None, submission="", **wanted) -> int:
    with db.transaction():
        who = by() if by else Author(dupont())
        wish = Wish(Sheet(section, who.adult.family_id, child), wanted, seen={})
        sent = submission or f"{section.slug}{sorted(wanted)}"
        return change.ask(section.kind, [wish], by=who, submission=sent).id


def by_agent() -> Author:
    return Author(dupont(), Account.named("guichet").agent)


def lea() -> int:
    return Child.of_family(dupont().family_id)[0].id


def booked(*, day=DAY, adult=dupont, **how) -> int:
    with db.transaction():
        who = adult()
        row = enrolment(activity(**{"approval": Approval.MANUAL, **how}), who.family)
        slot = Slot.of_family(who.family_id, row.id, day)
        return slot.ask_booking(by=Author(who), submission=f"b{row.id}").id


def lines(number) -> list[RequestLine]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.get(Request, number).lines)


def accept(number, line=0) -> None:
    with db.transaction():
        review = Review.locked(clerk(), number)
        review.accept(review.request.lines[line].id, version=1)


def refuse(number, line=0, reason="Justificatif manquant") -> None:
    with db.transaction():
        review = Review.locked(clerk(), number)
        review.refuse(review.request.lines[line].id, version=1, reason=reason)


def words(element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def tables(page) -> dict[str, dict]:
    """By title: the labels of its columns; its rows, by label; and what stands under each row."""
    found = {}
    for table in html5lib.parse(page.text).iter(f"{HTML}table"):
        head = [words(one) for one in table.find(f"{HTML}thead").iter(f"{HTML}th")]
        trs = [tr for body in table.iter(f"{HTML}tbody") for tr in body.iter(f"{HTML}tr")]
        cells = [[words(one) for one in tr] for tr in trs]
        found[words(table.find(f"{HTML}caption"))] = {
            "labels": head,
            "rows": [dict(zip(head, row, strict=True)) for row in cells if len(row) > 1],
            "more": [row[0] for row in cells if len(row) == 1],
        }
    return found


def rows(client, address: str, title: str) -> list[dict[str, str]]:
    return tables(client.get(address))[title]["rows"] if title in tables(client.get(address)) else []


def token(client, page="/demandes") -> dict[str, str]:
    return {"csrf_token": re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)[1]}


def paper_of(client, number) -> tuple[PdfReader, str]:
    answer = client.get(f"/demandes/{number}.pdf")
    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    reader = PdfReader(BytesIO(answer.data))
    read = " ".join(page.extract_text() for page in reader.pages)
    return reader, re.sub(r"\s+", " ", read)
