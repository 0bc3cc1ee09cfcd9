"""Documents of a child's file: what the town asks for, where each stands, giving one and taking one's own back."""

import io
import uuid

from flask import abort, flash, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue as Answer
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from app import access, bodies, db, htmx
from app.blueprints.parent import bp
from app.blueprints.parent.children.file import child_or_404
from app.csrf import Form, checks_token_itself
from app.forms.section_form import read_paper
from app.integrations import proofs
from app.models.changes.dossier import DOCUMENTS, Dossier
from app.models.documents import Document, DocumentKind
from app.models.documents.checklist import Expected, expected
from app.models.families import Child
from app.models.refusal import RefusedError
from app.models.upload import MAX_BYTES


class DocumentForm(Form):
    submission = HiddenField(validators=[InputRequired(), Length(max=40)])
    fichier = FileField("Fichier", [FileRequired("Choisissez un fichier.")])
    content = b""

    def validate_fichier(self, field: FileField) -> None:
        self.content = read_paper(field)


@bp.get("/enfants/<int:child_id>/documents")
def child_documents(child_id: int) -> Answer:
    return render_template("parent/children/documents/index.html", **documents_of(child_or_404(child_id)))


@bp.post("/enfants/<int:child_id>/documents/<int:kind_id>")
@bodies.takes_file
@checks_token_itself
def give_document(child_id: int, kind_id: int) -> Answer:
    child, form = child_or_404(child_id), DocumentForm()
    if kind_id not in {one.kind.id for one in asked_of(child)}:
        abort(404)
    if not form.validate_on_submit():
        return _refused(child, kind_id, form), 422
    paper = proofs.keep(form.content)  # outside the transaction; taken back if it is refused
    try:
        with db.transaction() as writing:
            kind, by = writing.get_one(DocumentKind, kind_id), access.current_author()
            Document.give(kind, child_or_404(child_id), paper, by=by, submission=form.submission.data)
    except RefusedError as closed:
        form.refuse(str(closed))
        return _refused(child, kind_id, form), 422
    finally:
        proofs.forget_unless_claimed(paper)
    return _given(child_id)


@bp.get("/documents-du-dossier/<int:document_id>")
@access.personal
def own_document(document_id: int) -> Answer:
    document = Document.of_adult(access.current_adult(), document_id)
    if document is None or document.storage_key is None:
        abort(404)
    content = io.BytesIO(proofs.read(document))
    return send_file(content, mimetype=document.content_type, as_attachment=True, download_name=document.filename)


def asked_of(child: Child, *, has_pai: bool = False) -> list[Expected]:
    """An agent who acts for the family reads nothing of health here: their own desk notes each reading."""
    author = access.current_author()
    found = expected(child, author.adult.family_id, has_pai=has_pai)
    return [one for one in found if author.agent is None or not one.kind.is_health]


def documents_of(
    child: Child, *, form: DocumentForm | None = None, kind_id: int | None = None, has_pai: bool = False
) -> dict[str, object]:
    """What the list of documents shows. `kind_id`: the one whose form was refused; `has_pai`: says the dossier."""
    documents = asked_of(child, has_pai=has_pai)
    numbers = {"fresh": lambda: str(uuid.uuid4()), "max_bytes": MAX_BYTES}
    return {"child": child, "documents": documents, "form": form, "failed_kind": kind_id, **numbers}


def around_step(dossier: Dossier, slug: str) -> dict[str, object]:
    """What every page of a dossier shows besides its step of this name."""
    shown = {"child": dossier.child, "steps": dossier.steps, "under_way": dossier.under_way, "draft": dossier.draft}
    return {**shown, "step": dossier.step(slug)}


def _refused(child: Child, kind_id: int, form: DocumentForm) -> str:
    if not _in_dossier():
        return render_template(
            "parent/children/documents/index.html", **documents_of(child, form=form, kind_id=kind_id)
        )
    dossier = Dossier(child, access.current_adult().family_id)
    shown = documents_of(child, form=form, kind_id=kind_id, has_pai=dossier.has_pai)
    return render_template("parent/children/dossier/documents.html", **around_step(dossier, DOCUMENTS) | shown)


def _given(child_id: int) -> Answer:
    flash("Le document est reçu\u00a0: le service va le vérifier.", "success")
    if _in_dossier():
        return htmx.go_to(url_for(".dossier_step", child_id=child_id, step=DOCUMENTS))
    return htmx.go_to(url_for(".child_documents", child_id=child_id))


def _in_dossier() -> bool:
    """Whether it was sent from the step of the dossier, to come back there. An agent who acts never was."""
    return request.form.get("depuis") == "dossier" and access.current_author().agent is None
