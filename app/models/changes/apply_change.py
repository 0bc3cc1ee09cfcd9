"""Applying what a family asked of its file, once an agent accepts it. Inside a transaction."""

from app import clock, db
from app.formats import NBSP, NNBSP
from app.models.accounts.clerk import Clerk
from app.models.changes import create_asked
from app.models.families import Adult, Authority, Custody
from app.models.families.sections.catalogue import of_kind
from app.models.families.sections.values import RANKS, Sheet, Signature
from app.models.refusal import RefusedError
from app.models.requests import RequestLine


def apply(line: RequestLine, *, by: Clerk) -> None:
    """Write the new value, or make what was asked for. Raises RefusedError when the file changed since."""
    asked, section = line.request, of_kind(line.kind)
    if line.confirms:
        return  # the paper was to be read, and nothing to be written
    if section.makes is not None and line.field == section.makes.name:
        _check_authority(line)
        create_asked.make(line, by=by)
        return
    field, sheet = line.asked_field, Sheet(section, asked.family_id, asked.child_id)
    sheet.lock()
    _check_authority(line)
    if not sheet.exists:
        raise RefusedError("Cette personne n’est plus dans le dossier.")
    if asked.child_id is not None and db.session.get(Custody, (asked.child_id, asked.family_id)) is None:
        raise RefusedError("Cet enfant ne vit plus dans ce foyer.")
    now = sheet.text(field)
    if line.is_overtaken_by(now):
        said = f"«{NBSP}{f'{NNBSP}; '.join(field.shown(now)) or 'vide'}{NBSP}»"
        raise RefusedError(f"Le dossier a changé entre-temps{NBSP}: {field.label} est maintenant {said}.")
    _check_with_the_rest(line, sheet)
    account = sheet.adult.account if field.name == "email" and sheet.adult else None
    if account is not None:  # the former address is warned: a link could take the account
        account.change_email(line.after or "", by=Clerk(by.agent))  # from where, the acceptance says
    else:
        signed_on = clock.local_day(line.asked_at or asked.submitted_at)
        sheet.write(field, line.after or "", signed=Signature(line.author.adult.full_name, signed_on))


def opened_owner(line: RequestLine) -> Adult | None:
    """Whose account the address asked for would open; None for what opens none."""
    if line.field != "email" or line.kind not in RANKS:
        return None
    adult = Sheet(of_kind(line.kind), line.request.family_id).adult
    return adult if adult and adult.account else None


def _check_with_the_rest(line: RequestLine, sheet: Sheet) -> None:
    """What a field may say depends on other fields, in some sections."""
    if sheet.section.why_not is None:
        return
    said = sheet.texts() | {line.asked_field.name: line.after or ""}
    asked = {one.asked_field.name: one.after or "" for one in line.request.pending}
    if why_not := sheet.section.why_not(line.asked_field, said, asked):
        raise RefusedError(why_not)


def lost_authority(line: RequestLine) -> str:
    """Why what is asked of a child cannot be accepted: who asked has no authority any more. Empty when they have."""
    adult, child_id = line.author.adult, line.request.child_id
    if child_id is None or db.session.get(Authority, (adult.id, child_id)) is not None:
        return ""
    return f"{adult.full_name} n’a plus l’autorité parentale sur cet enfant."


def _check_authority(line: RequestLine) -> None:
    if lost := lost_authority(line):
        raise RefusedError(lost)
