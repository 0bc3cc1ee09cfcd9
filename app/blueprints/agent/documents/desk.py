"""Pièces: the documents that families gave, to be checked one by one."""

import io
from collections.abc import Callable
from urllib.parse import urlencode

from flask import abort, flash, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms.validators import Optional

from app import access, clock, db, htmx
from app.blueprints.agent import bp
from app.converters import row_id
from app.csrf import Form, checks_token_itself
from app.forms.fields import DayField
from app.forms.refusal import RefusalForm
from app.integrations import proofs
from app.models.accounts import Permission
from app.models.documents import Document
from app.models.documents.desk import PAGE, STATES, DocumentDesk
from app.models.families.sections.child import born
from app.models.refusal import RefusedError
from app.models.reviews import ReasonTopic, StandardReason

FILTERS = ("q", "etat", "type")
MISSING = (
    "Le fichier de ce document manque au portail, sans doute depuis qu’une copie a été restaurée\u00a0: refusez-le "
    "en disant pourquoi, et la famille le donnera de nouveau."
)


class ValidationForm(Form):
    valid_until = DayField("Valable jusqu’au", [Optional()])


@bp.get("/pieces")
@access.needs(Permission.PIECES)
def documents() -> Answer:
    desk, query = _asked_desk(), _asked_query()
    count = desk.count()
    pages = -(-count // PAGE)
    number = max(1, min(request.args.get("page", 1, type=row_id), pages))
    whole = not htmx.is_fragment()
    return render_template(
        "agent/documents/index.html" if whole else "agent/documents/_list.html",
        desk=desk,
        found=desk.page(number),
        count=count,
        page=number,
        pages=pages,
        query=query,
        kinds=desk.kinds() if whole else (),
        link_to=lambda page: f"{url_for('.documents')}?{urlencode({**query, 'page': page})}",
    )


@bp.get("/pieces/<int:document_id>")
@access.needs(Permission.PIECES)
def document_page(document_id: int) -> Answer:
    document = _document_or_404(document_id)
    proposed = document.kind.valid_until(clock.today())
    return _page(document, ValidationForm(None, data={"valid_until": proposed}), RefusalForm(None))


@bp.get("/pieces/<int:document_id>/fichier")
@access.needs(Permission.PIECES)
@access.writes_on_get("an agent who reads a family's paper leaves a trace (domain.md §7)")
def document_file(document_id: int) -> Answer:
    document = _document_or_404(document_id)
    if document.storage_key is None:
        abort(404)
    return hand_over(lambda: _document_or_404(document_id))


@bp.post("/pieces/<int:document_id>/validation")
@access.needs(Permission.PIECES)
@checks_token_itself
def document_validate(document_id: int) -> Answer:
    form = ValidationForm()
    return _decide(document_id, form, lambda document: _validate(
        document, form
    ), "Le document est validé\u00a0: la famille est prévenue.")  # fmt: skip


@bp.post("/pieces/<int:document_id>/refus")
@access.needs(Permission.PIECES)
@checks_token_itself
def document_refuse(document_id: int) -> Answer:
    form = RefusalForm()
    return _decide(document_id, form, lambda document: document.refuse(
        by=access.current_clerk(), reason=form.reason
    ), "Le document est refusé\u00a0: la famille lira le motif.")  # fmt: skip


def _validate(document: Document, form: ValidationForm) -> None:
    """Raises RefusedError for one whose file nobody can have read."""
    if proofs.is_missing(document):
        raise RefusedError(MISSING)
    document.validate(by=access.current_clerk(), valid_until=form.valid_until.data)


def hand_over(find: Callable[[], Document]) -> Answer:
    """The file of the document found, once the journal tells who reads it."""
    with db.transaction():
        find().note_reading(by=access.current_clerk())
    document = find()
    content = io.BytesIO(proofs.read(document))
    return send_file(content, mimetype=document.content_type, as_attachment=True, download_name=document.filename)


def _decide(
    document_id: int, form: ValidationForm | RefusalForm, verb: Callable[[Document], None], done: str
) -> Answer:
    """Validate, do it under the lock, go back to the list. A refusal says why."""
    if not form.validate_on_submit():
        return _again(document_id, form), 422
    try:
        with db.transaction():
            _document_or_404(document_id)
            document = Document.locked(document_id)
            assert document is not None
            verb(document)
    except RefusedError as closed:
        form.refuse(str(closed))
        return _again(document_id, form), 422
    flash(done, "success")
    query = urlencode(_asked_query())
    return htmx.go_to(f"{url_for('.documents')}{'?' if query else ''}{query}")


def _again(document_id: int, form: ValidationForm | RefusalForm) -> str:
    validation = form if isinstance(form, ValidationForm) else ValidationForm(None)
    return _page(
        _document_or_404(document_id), validation, form if isinstance(form, RefusalForm) else RefusalForm(None)
    )


def _document_or_404(document_id: int) -> Document:
    found = _asked_desk().find(document_id)
    if found is None:
        abort(404)
    return found


def _page(document: Document, validation: ValidationForm, refusal: RefusalForm) -> str:
    validation.valid_until.flags.required = document.kind.months_valid is not None
    return render_template(
        "agent/documents/show.html",
        document=document,
        missing=MISSING if proofs.is_missing(document) else "",
        form=refusal if refusal.errors else validation,
        validation=validation,
        refusal=refusal,
        reasons=StandardReason.about(ReasonTopic.PAPERS),
        query=_asked_query(),
        born=born,
    )


def _asked_query() -> dict[str, str]:
    """The filters as they were asked, to come back to the same list."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}


def _asked_desk() -> DocumentDesk:
    """The filters of the address; what makes no sense is left out."""
    state = request.args.get("etat", "")
    return DocumentDesk(
        access.current_agent(),
        state=state if state in STATES else "a-verifier",
        kind_id=request.args.get("type", type=row_id),
        typed=request.args.get("q", "")[:100],
    )
