"""Liste des demandes: what the family asked, and the page of each request, which is its receipt too."""

import io
from collections.abc import Callable
from typing import Any

from flask import abort, flash, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, db, htmx
from app.blueprints.parent import bp
from app.blueprints.parent.requests.receipt_pdf import receipt_data
from app.converters import row_id
from app.integrations import pdf, proofs
from app.models.families import Child
from app.models.families.sections.catalogue import ACCOUNT, named, of_kind
from app.models.families.sections.section import FieldKind
from app.models.overviews.own_child import readable
from app.models.places import withdrawal
from app.models.places.waiting_list import ranks_of
from app.models.planning import undo
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request
from app.models.requests import listing as family_requests
from app.models.requests import status as request_status
from app.models.requests import steps as request_steps
from app.models.requests.listing import OF_CHILDREN, Listing
from app.models.requests.outdated_lines import overtaken
from app.models.requests.reader import Whose
from app.models.requests.rows import COLUMNS, LineOutcome, section_of

ACCOUNT_TAB, CHILDREN_TAB = "mon-compte", "enfants"
_SUB_TABS = {
    RequestKind.RESPONSABLE: "Informations responsable",
    RequestKind.CONJOINT: "Informations conjoint",
    RequestKind.FISCALES: "Informations fiscales",
    RequestKind.CAF: "Informations CAF",
    RequestKind.BANQUE: "Informations bancaires",
}
"""The guide's words, in its order."""
_ARGUMENTS = {"onglet", "rubrique", "tout", *(outcome.slug for outcome in LineOutcome)}


@bp.get("/demandes")
def requests() -> Answer:
    whose, waiting = Whose.of(access.current_author()), family_requests.waiting(access.current_adult())
    section = named(request.args.get("rubrique", ""), ACCOUNT) or ACCOUNT[0]
    of_children = request.args.get("onglet") == CHILDREN_TAB
    pages = {outcome: request.args.get(outcome.slug, 1, type=row_id) for outcome in LineOutcome}
    kinds = OF_CHILDREN if of_children else (section.kind,)
    listing = Listing(whose, kinds, older=request.args.get("tout") == "1", pages=pages)
    return render_template(
        "parent/requests/index.html",
        tabs=_tabs(waiting, of_children=of_children),
        sub_tabs=[] if of_children else _sub_tabs(waiting, section.slug),
        listing=listing,
        tables=listing.tables(),
        here=_here(kinds[0]),
        page_of=_page_of,
    )


@bp.get("/demandes/<int:request_id>")
def receipt(request_id: int) -> Answer:
    return _page(_request_or_404(request_id))


@bp.get("/demandes/<int:request_id>.pdf")
def request_pdf(request_id: int) -> Answer:
    found = _request_or_404(request_id)
    content = io.BytesIO(pdf.render("accuse-reception", receipt_data(found, Whose.of(access.current_author()))))
    name = f"accuse-reception-{found.code}.pdf"
    return send_file(content, mimetype="application/pdf", as_attachment=True, download_name=name)


@bp.post("/demandes/<int:request_id>/retrait")
def request_withdrawal(request_id: int) -> Answer:
    line_id = _line_or_404(_request_or_404(request_id))
    try:
        with db.transaction():
            found = _request_or_404(request_id)
            withdrawal.withdraw(found.id, by=access.current_author(), line_id=line_id)
    except RefusedError as closed:
        return _page(_request_or_404(request_id), refused=str(closed)), 422
    flash("Votre demande est retirée." if line_id is None else "Cette ligne est retirée.", "success")
    return htmx.go_to(url_for(".receipt", request_id=request_id))


@bp.post("/demandes/<int:request_id>/annulation")
def request_undo(request_id: int) -> Answer:
    try:
        with db.transaction():
            undone = undo.undo(_request_or_404(request_id).id, by=access.current_author())
    except RefusedError as closed:
        return _page(_request_or_404(request_id), refused=str(closed)), 422
    flash(f"C’est annulé\u00a0: {undone} jour{'s' if undone > 1 else ''} de cette demande.", "success")
    return htmx.go_to(url_for(".receipt", request_id=request_id))


@bp.get("/demandes/<int:request_id>/justificatif")
@access.personal
def proof(request_id: int) -> Answer:
    asked = _request_or_404(request_id)
    given = asked.proof
    if given is None or not Whose.of(access.current_author()).reads_paper(asked):
        abort(404)
    content = io.BytesIO(proofs.read(given))
    return send_file(content, mimetype=given.content_type, as_attachment=True, download_name=given.filename)


def _request_or_404(request_id: int) -> Request:
    """A request that the adult who asks may read; any other does not exist."""
    return family_requests.find(access.current_adult(), request_id) or abort(404)


def _line_or_404(asked: Request) -> int | None:
    """The line that the form names; None for all of them."""
    if "ligne" not in request.form:
        return None
    line_id = request.form.get("ligne", type=row_id)
    return line_id if line_id in [line.id for line in asked.lines] else abort(404)


def _page(asked: Request, *, refused: str | None = None) -> str:
    whose = Whose.of(access.current_author())
    return render_template(
        "parent/requests/show.html",
        asked=asked,
        verdict=request_status.verdict(asked),
        following=request_status.following(asked, entrusted=whose.opens(asked)),
        groups=request_status.grouped(asked),
        last_word=request_steps.last_word,
        steps=request_steps.steps(asked),
        refused=refused,
        ranks=ranks_of([line.id for line in asked.lines if line.state is LineState.WAITING_LIST]),
        undoable=undo.undoable(asked),
        readable=whose.readable(asked.lines),
        paper=asked.proof is not None and whose.reads_paper(asked),
        left_out=asked.left_out or (),
        back=url_for(".requests", **_here(asked.kind)),
        amend=_amend_url(asked),
        overtaken=overtaken(asked.pending),
        child=_child_made(asked),
    )


def _child_made(asked: Request) -> Child | None:
    """The child that this request made, whose dossier the adult who asks may fill in."""
    if asked.kind is not RequestKind.NEW_CHILD or asked.child_id is None or access.current_author().agent:
        return None
    return Child.of_adult(access.current_adult(), asked.child_id)


def _amend_url(asked: Request) -> str | None:
    """Where what waits is changed: the form of its section. What would be made new is withdrawn, and asked again."""
    line = next((line for line in asked.pending if line.field), None)
    if line is None or line.asked_field.kind is FieldKind.RECORD:
        return None
    section = of_kind(line.kind)
    if section in ACCOUNT:
        return url_for(".account_section", section=section.slug)
    child = Child.of_adult(access.current_adult(), asked.child_id or 0)
    if child is None or not readable(section, access.current_author()):
        return None
    if asked.kind is RequestKind.DUI:  # of several sections
        return url_for(".child", child_id=child.id)
    return url_for(".child_topic", child_id=child.id, topic=section.slug)


def _here(kind: RequestKind) -> dict[str, Any]:
    """Where in the list requests of this kind stand."""
    if kind in COLUMNS:
        return {"onglet": ACCOUNT_TAB, "rubrique": section_of(kind)}
    return {"onglet": CHILDREN_TAB}


def _page_of(outcome: LineOutcome) -> Callable[[int], str]:
    """The address of another page of this table; the other tables stay at theirs."""
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in _ARGUMENTS}
    return lambda number: url_for(".requests", **{**kept, outcome.slug: number}, _anchor=outcome.slug)


def _tabs(waiting: dict[RequestKind, int], *, of_children: bool) -> list[dict[str, object]]:
    counts = [sum(n for kind, n in waiting.items() if (kind in COLUMNS) is account) for account in (True, False)]
    return [
        _tab("Mon compte", counts[0], current=not of_children, onglet=ACCOUNT_TAB),
        _tab("Mes enfants", counts[1], current=of_children, onglet=CHILDREN_TAB),
    ]


def _sub_tabs(waiting: dict[RequestKind, int], shown: str) -> list[dict[str, object]]:
    return [
        _tab(label, waiting.get(kind, 0), current=section_of(kind) == shown, **_here(kind))
        for kind, label in _SUB_TABS.items()
    ]


def _tab(label: str, count: int, *, current: bool, **address: Any) -> dict[str, object]:
    return {"label": label, "href": url_for(".requests", **address), "current": current, "count": count or None}
