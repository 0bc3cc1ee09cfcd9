"""Mon compte: what the town hall knows of the family, and the five sections that it may ask to change."""

from flask import render_template
from flask.typing import ResponseReturnValue as Answer

from app import access, bodies
from app.blueprints.parent import asking, bp
from app.csrf import checks_token_itself
from app.formats import NBSP
from app.forms.section_form import SectionForm
from app.models.changes import change
from app.models.changes.three_way import FieldKey
from app.models.families.sections.account import BANQUE, CONJOINT
from app.models.families.sections.catalogue import ACCOUNT, named
from app.models.families.sections.section import Section, last_four
from app.models.families.sections.values import Sheet
from app.models.overviews.account import AccountPage
from app.models.request_kind import RequestKind
from app.models.requests import RequestLine

MENU = "parent.account"

_SLUGS = ", ".join(section.slug for section in ACCOUNT)
_PAPERS = {RequestKind.FISCALES: "Avis d’imposition", RequestKind.CAF: "Attestation de votre caisse"}


@bp.get("/mon-compte")
def account() -> Answer:
    page = AccountPage(access.current_adult().family)
    return render_template(
        "parent/account/index.html",
        responsable=page.responsable,
        conjoint=page.conjoint,
        conjoint_asked=page.conjoint_asked,
        more=page.more,
    )


@bp.get(f"/mon-compte/<any({_SLUGS}):section>/modification")
def account_section(section: str) -> Answer:
    sheet = _sheet(section)
    if not sheet.exists:
        asked = change.pending(sheet.family_id).get((sheet.section.kind, "conjoint"))
        return _page(sheet, asking.record_form(CONJOINT, asked.asked_field.value(asked.after or "") if asked else {}))
    return _page(sheet, asking.form_for(sheet, paper=sheet.section.kind in _PAPERS))


@bp.post(f"/mon-compte/<any({_SLUGS}):section>/modification")
@bodies.takes_file
@checks_token_itself
def change_account_section(section: str) -> Answer:
    sheet = _sheet(section)
    if not sheet.exists:
        return asking.ask_for(CONJOINT, lambda form: _page(sheet, form))
    return asking.ask(
        sheet,
        lambda form: _page(sheet, form),
        paper=sheet.section.kind in _PAPERS,
        also=(lambda form: _debit_has_an_account(sheet, form)) if sheet.section is BANQUE else None,
    )


def _sheet(slug: str) -> Sheet:
    found = named(slug, ACCOUNT)
    assert isinstance(found, Section)  # the address knows no other
    return Sheet(found, access.current_adult().family_id)


def _debit_has_an_account(sheet: Sheet, form: SectionForm) -> bool:
    """Whether there is an IBAN for a direct debit: on file, asked for already, or typed."""
    now, asked = _account_numbers(sheet, change.pending(sheet.family_id))
    stands = now if asked is None else asked
    if form["direct_debit"].data != "oui" or form["iban"].data or stands:
        return True
    form["iban"].errors = ["Pour le prélèvement automatique, écrivez l’IBAN du compte."]
    return False


def _account_numbers(sheet: Sheet, waiting: dict[FieldKey, RequestLine]) -> tuple[str, str | None]:
    """On file, and asked for: none where it is asked to be taken off; None where nothing is asked."""
    line = waiting.get((BANQUE.kind, "iban"))
    return sheet.text(BANQUE.field("iban")), (line.after or "") if line else None


def _hints(sheet: Sheet, waiting: dict[FieldKey, RequestLine]) -> dict[str, str]:
    """What the page says of an account number, which it never shows whole."""
    if sheet.section is not BANQUE:
        return {}
    now, asked = _account_numbers(sheet, waiting)
    told = [
        f"Compte actuel{NBSP}: {last_four(now)}." if now else "",
        f"En attente{NBSP}: {last_four(asked)}." if asked else "",
    ]
    if asked == "":
        return {"iban": f"{told[0]} Vous avez demandé son retrait."}
    return {"iban": " ".join([*filter(None, told), "Laissez vide pour le garder."])} if now or asked else {}


def _page(sheet: Sheet, form: SectionForm) -> str:
    waiting = change.pending(sheet.family_id)
    asked = [line.request for (kind, _), line in waiting.items() if kind is sheet.section.kind]
    return render_template(
        "parent/account/section.html",
        section=sheet.section,
        form=form,
        paper=_PAPERS.get(sheet.section.kind),
        pending=waiting,
        now=sheet.texts() if sheet.exists else {},
        asked=asked,
        paper_joined=any(one.proof for one in asked),
        hints=_hints(sheet, waiting),
    )
