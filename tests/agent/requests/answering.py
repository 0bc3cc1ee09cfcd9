"""What the tests of review share."""

import json

from app import db
from app.models.changes import change
from app.models.changes.three_way import Wish, standing
from app.models.families.author import Author
from app.models.families.sections.child import (
    AUTHORISATIONS,
    CHILD,
    CONSENTS,
    HEALTH,
    INSURANCE,
)
from app.models.families.sections.values import Sheet
from app.models.planning.slot import Slot
from app.models.request_kind import RequestKind
from app.models.requests import Request, RequestLine
from app.models.town import Approval
from tests.builders import DAY, activity, dupont, enrolment


def ask(adult=None, name="Essai", **how) -> int:
    with db.transaction():
        who = adult() if adult else dupont()
        row = enrolment(activity(name, approval=Approval.MANUAL, **how), who.family)
        return Slot.of_family(who.family_id, row.id, DAY).ask_booking(by=Author(who), submission=f"s{row.id}").id


def line_of(app, number):
    with app.app_context():
        return db.session.get(Request, number).lines[0]


def db_code(app, number) -> str:
    with app.app_context():
        return db.session.get(Request, number).code


def wants(section, adult=dupont, child_id=None, *, paper=None, kind=None, **wanted) -> int:
    """The family asks for these changes of a section."""
    with db.transaction():
        who = adult()
        sheet = Sheet(section, who.family_id, child_id)
        wish = Wish(sheet, wanted, standing(sheet, change.pending(who.family_id, child_id)))
        asked = change.ask(
            kind or section.kind, [wish], by=Author(who), submission=f"{section.slug} {who.id} {wanted}", paper=paper
        )
        return asked.id


def wants_new(section, record, adult=dupont, child_id=None) -> int:
    with db.transaction():
        return change.ask_for(section, record, by=Author(adult()), submission=str(record), child_id=child_id).id


def lines_of(app, number) -> list[RequestLine]:
    with app.app_context():
        return list(db.session.get(Request, number).lines)


def dossier(child_id: int) -> int:
    """A dossier sent online: some twenty lines of three sections."""
    with db.transaction():
        who = dupont()
        wished = {
            CHILD: {"sex": "fille", "birth_place": "Toulouse", "diet": "sans porc"},
            INSURANCE: {"insurer": "MAIF", "insurance_number": "1", "insured_until": "2015-12-31"},
            HEALTH: {
                "doctor": "Dr Petit",
                "alerts": json.dumps([["food", "Arachide"], ["drug", "Pénicilline"]]),
                "treatments": "Ventoline",
                "care": "Fatigable",
            },
            AUTHORISATIONS: dict.fromkeys(CONSENTS, "oui"),
        }
        wishes = []
        for section, wanted in wished.items():
            sheet = Sheet(section, who.family_id, child_id)
            wishes.append(Wish(sheet, wanted, sheet.texts()))
        return change.ask(RequestKind.DUI, wishes, by=Author(who), submission="dui").id


TOM = {"last_name": "DUPONT", "first_name": "Tom", "birth_date": "2012-02-29", "school": "École Jean-Moulin"}
