"""Pièces demandées: which documents the town asks for, and what each opens or blocks."""

from typing import Any

from flask import abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue as Answer
from sqlalchemy.exc import IntegrityError
from wtforms import BooleanField, IntegerField, RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app import access, db, htmx
from app.blueprints.agent import bp
from app.csrf import Form, checks_token_itself
from app.forms.checks import tidy
from app.models.accounts import Permission
from app.models.documents import DocumentKind, DocumentSubject

_YES_OR_NO = ("mandatory", "with_pai", "blocking", "keeps_file", "is_health")
_TOLD = ("name", "months_valid", *_YES_OR_NO)


class KindForm(Form):
    name = StringField(
        "Nom du document",
        [DataRequired("Écrivez le nom du document, tel que la famille le lira."), Length(max=100)],
        filters=[tidy],
    )
    subject = RadioField(
        "À donner",
        [InputRequired("Dites pour qui.")],
        choices=[SelectChoice("child", "pour chaque enfant"), SelectChoice("family", "une fois pour le foyer")],
        default="child",
    )
    months_valid = IntegerField(
        "Valable combien de mois",
        [Optional(), NumberRange(1, 120, "De 1 à 120 mois.")],
        description="À partir du jour de la vérification. Laissez vide si le document ne se périme pas.",
    )
    mandatory = BooleanField("Obligatoire")
    with_pai = BooleanField("Obligatoire, au moins, pour un enfant qui a un PAI")
    blocking = BooleanField("Sans ce document, aucune inscription n’est acceptée")
    keeps_file = BooleanField("Garder le fichier une fois vérifié\u00a0: l’équipe en a besoin (un PAI, par exemple)")
    is_health = BooleanField(
        "Document de santé\u00a0: lu par peu d’agents, chaque lecture est notée",
        description="Un document demandé pour un PAI l’est toujours.",
    )

    def values(self) -> dict[str, Any]:
        """Of a child who has a PAI, that the document is asked for says so: it is of health."""
        told = {name: self[name].data for name in _TOLD}
        return told | {"is_health": told["is_health"] or told["with_pai"]}


@bp.get("/pieces/types")
@access.needs(Permission.PIECE_KINDS)
def document_kinds() -> Answer:
    return render_template(
        "agent/documents/kinds.html", kinds=DocumentKind.all(), retired=DocumentKind.all(retired=True)
    )


@bp.get("/pieces/types/nouveau")
@access.needs(Permission.PIECE_KINDS)
def document_kind_new() -> Answer:
    return _page(KindForm(None, data={"mandatory": True, "subject": "child"}))


@bp.post("/pieces/types/nouveau")
@access.needs(Permission.PIECE_KINDS)
@checks_token_itself
def document_kind_add() -> Answer:
    form = KindForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        with db.transaction():
            made = DocumentKind.add(subject=DocumentSubject(form.subject.data), **form.values())
            access.current_clerk().note("piece_kind_added", made, after=form.values())
    except IntegrityError:
        return _taken(form)
    flash("Le document est maintenant demandé aux familles.", "success")
    return htmx.go_to(url_for(".document_kinds"))


@bp.get("/pieces/types/<int:kind_id>")
@access.needs(Permission.PIECE_KINDS)
def document_kind_edit(kind_id: int) -> Answer:
    kind = _kind_or_404(kind_id)
    return _page(KindForm(None, data={"subject": kind.subject.value, **_values(kind)}), kind)


@bp.post("/pieces/types/<int:kind_id>")
@access.needs(Permission.PIECE_KINDS)
@checks_token_itself
def document_kind_change(kind_id: int) -> Answer:
    form, kind = KindForm(), _kind_or_404(kind_id)
    del form.subject  # what families gave is about a child, or about the household, for good
    if not form.validate_on_submit():
        return _page(form, kind), 422
    try:
        with db.transaction() as writing:
            kind = _kind_or_404(kind_id)
            before = _values(kind)
            for name, value in form.values().items():
                setattr(kind, name, value)
            writing.flush()
            access.current_clerk().note("piece_kind_changed", kind, before=before, after=form.values())
    except IntegrityError:
        return _taken(form, _kind_or_404(kind_id))
    flash("C’est enregistré.", "success")
    return htmx.go_to(url_for(".document_kinds"))


@bp.post("/pieces/types/<int:kind_id>/retrait")
@access.needs(Permission.PIECE_KINDS)
def document_kind_withdraw(kind_id: int) -> Answer:
    with db.transaction():
        kind = _kind_or_404(kind_id)
        kind.retire()
        access.current_clerk().note("piece_kind_withdrawn", kind, after={"name": kind.name})
    flash("Ce document n’est plus demandé. Ce que les familles ont donné reste dans leur dossier.", "success")
    return htmx.go_to(url_for(".document_kinds"))


@bp.post("/pieces/types/<int:kind_id>/retablissement")
@access.needs(Permission.PIECE_KINDS)
def document_kind_restore(kind_id: int) -> Answer:
    with db.transaction():
        kind = _kind_or_404(kind_id)
        kind.restore()
        access.current_clerk().note("piece_kind_restored", kind, after={"name": kind.name})
    flash("Ce document est de nouveau demandé aux familles.", "success")
    return htmx.go_to(url_for(".document_kinds"))


def _values(kind: DocumentKind) -> dict[str, Any]:
    return {name: getattr(kind, name) for name in _TOLD}


def _kind_or_404(kind_id: int) -> DocumentKind:
    found = db.session.get(DocumentKind, kind_id)
    if found is None:
        abort(404)
    return found


def _taken(form: KindForm, kind: DocumentKind | None = None) -> Answer:
    form.name.errors = ["Un document porte déjà ce nom. S’il n’est plus demandé, rétablissez-le depuis la liste."]
    return _page(form, kind), 422


def _page(form: KindForm, kind: DocumentKind | None = None) -> str:
    return render_template("agent/documents/kind.html", form=form, kind=kind)
