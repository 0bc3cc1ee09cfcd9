"""What an agent writes in a file at once, when a paper comes to the counter: a section, as a parent would ask for it.

Inside a transaction. The journal keeps what it was and what it became; of what is secret, the names of the fields.
"""

from typing import Any

from app import clock, db
from app.models.accounts.clerk import Clerk
from app.models.families.child import Child
from app.models.families.family import Family
from app.models.families.sections.child import CHILD
from app.models.families.sections.section import Field, FieldKind, Where, last_four
from app.models.families.sections.values import Sheet, Signature
from app.models.refusal import RefusedError
from app.models.stale import ChangedMeanwhileError, Texts

_KEPT_QUIET = frozenset({"diet"})


def remembered(field: Field, text: str) -> str:
    """What the form's memory holds of a field: of an account number, its last four characters."""
    return last_four(text) if field.kind is FieldKind.IBAN else text


def write(sheet: Sheet, wanted: Texts, *, seen: Texts, by: Clerk, signed: Signature | None = None) -> None:
    """Set these fields of a section; what is left as it was is not touched. Sent twice, it is done once.

    `signed` says who gives the authorisations, and when. Raises ChangedMeanwhileError when a field no longer says
    what was `seen`, RefusedError for a file that is not there any more.
    """
    sheet.lock()
    _check_there(sheet)
    fields = [field for field in sheet.section.fields if field.name in wanted]
    now = {field: sheet.text(field) for field in fields}
    changed = [field for field in fields if wanted[field.name] != now[field]]
    told = {field.name: remembered(field, now[field]) for field in changed}
    meanwhile = {one.name: told[one.name] for one in changed if seen.get(one.name) != told[one.name]}
    if meanwhile:
        raise ChangedMeanwhileError(meanwhile)
    for field in changed:
        _write(sheet, field, wanted[field.name], signed or Signature(by.agent.name, clock.today()), by)
    db.session.flush()
    if changed:
        _tell(sheet, {field: (now[field], wanted[field.name]) for field in changed}, by)


def _check_there(sheet: Sheet) -> None:
    if sheet.child_id is not None and not Child.homes(sheet.child_id):
        raise RefusedError("Cette fiche vient d’être réunie à une autre : rien n’est enregistré.")
    if sheet.child_id is None and not Family.lock_open(sheet.family_id):
        raise RefusedError("Ce dossier vient d’être réuni à un autre : rien n’est enregistré.")
    if not sheet.exists:
        raise RefusedError("Cette personne n’est plus dans le dossier : rien n’est enregistré.")


def _write(sheet: Sheet, field: Field, text: str, signed: Signature, by: Clerk) -> None:
    account = sheet.adult.account if field.name == "email" and sheet.adult else None
    if account is not None:  # the former address is warned: a link could take the account
        account.change_email(text, by=by)
    else:
        sheet.write(field, text, signed=signed)


def _tell(sheet: Sheet, changed: dict[Field, tuple[str, str]], by: Clerk) -> None:
    """A line of the journal; for a child, in the history of each household."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for field, (was, now) in changed.items():
        if _is_told(sheet, field):
            before[field.name], after[field.name] = (" ; ".join(field.shown(text)) for text in (was, now))
        else:
            after.setdefault("fields", []).append(field.label)
    told: dict[str, Any] = {"before": before or None, "after": after}
    if sheet.child_id is not None:
        child = db.session.get_one(Child, sheet.child_id)
        for family_id in Child.homes(child.id):
            by.note("child_changed", child, family_id=family_id, **told)
    elif any(field.where is Where.ADULT for field in sheet.section.fields):
        by.note("adult_changed", sheet.adult, family_id=sheet.family_id, **told)
    else:
        family = db.session.get_one(Family, sheet.family_id)
        by.note("family_changed", family, family_id=family.id, **told)


def _is_told(sheet: Sheet, field: Field) -> bool:
    return not sheet.section.is_secret or (sheet.section is CHILD and field.name not in _KEPT_QUIET)
