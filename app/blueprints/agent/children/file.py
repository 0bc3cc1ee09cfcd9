"""A child: its whole file on one page, and its health apart, where each reading is noted."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue as Answer

from app import access, clock, db
from app.blueprints.agent import bp
from app.blueprints.agent.documents.desk import hand_over
from app.blueprints.agent.loading import child_or_404, home_of
from app.models.accounts import Permission
from app.models.documents import Document
from app.models.enrolments.scope import homes_for
from app.models.families import health
from app.models.overviews.child import ChildDossier, health_of


@bp.get("/enfants/<int:child_id>")
@access.needs(Permission.FAMILIES)
def child_page(child_id: int) -> Answer:
    child, family_id = child_or_404(child_id), home_of(child_id)
    return render_template(
        "agent/children/show.html",
        child=child,
        family_id=family_id,
        homes=homes_for(access.current_agent(), child_id),
        dossier=ChildDossier.of(child, family_id, access.current_agent()),
        today=clock.today(),
    )


@bp.get("/enfants/<int:child_id>/sante")
@access.needs(Permission.HEALTH)
@access.writes_on_get("an agent who reads of a child's health leaves a trace (domain.md §7)")
def child_health(child_id: int) -> Answer:
    child_or_404(child_id)
    with db.transaction():
        health.note_reading(child_or_404(child_id), home_of(child_id), by=access.current_clerk())
    child, family_id = child_or_404(child_id), home_of(child_id)
    return render_template(
        "agent/children/health.html", child=child, family_id=family_id, sections=health_of(child, family_id)
    )


@bp.get("/enfants/<int:child_id>/pieces/<int:document_id>/fichier")
@access.needs(Permission.HEALTH)
@access.writes_on_get("an agent who reads of a child's health leaves a trace (domain.md §7)")
def child_document(child_id: int, document_id: int) -> Answer:
    return hand_over(lambda: _kept_or_404(child_id, document_id))


def _kept_or_404(child_id: int, document_id: int) -> Document:
    """A document of this child's health, kept for those who look after it."""
    return Document.kept_of(child_or_404(child_id), document_id) or abort(404)
