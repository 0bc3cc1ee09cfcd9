"""A request to answer: taken, given back, decided line by line or whole."""

import io
from collections.abc import Callable
from typing import Any

from flask import abort, flash, render_template, send_file, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired, Optional
from wtforms.widgets import HiddenInput

from app import access, db, htmx
from app.blueprints.agent import bp
from app.blueprints.agent.requests.queue import asked_query, asked_queue
from app.csrf import Form, checks_token_itself
from app.forms.refusal import RefusalForm
from app.integrations import proofs
from app.models.accounts import Permission
from app.models.places import door, occupancy, waiting_list
from app.models.planning.planned_day import Fate
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import RequestLine
from app.models.requests.answered_by import answered
from app.models.reviews import StandardReason
from app.models.reviews.proposal import enrolments_by_line
from app.models.reviews.queue import is_overdue
from app.models.reviews.review import Review

_PAPERS = {RequestKind.FISCALES: "l’avis d’imposition", RequestKind.CAF: "l’attestation de la caisse"}


class DecisionForm(RefusalForm):
    version = IntegerField(validators=[Optional()], widget=HiddenInput())
    seen = StringField(validators=[Optional()], widget=HiddenInput())  # where the answer is for every line
    deadline = BooleanField("Accepter hors délai")
    capacity = BooleanField("Accepter au-delà des places")
    opens_account = BooleanField("Accepter l’adresse qui ouvre un compte")
    suite = StringField("Absence tardive", validators=[Optional(), AnyOf(("excusee", "facturee"))])

    @property
    def excused(self) -> bool | None:
        """Of a late absence; None where nothing was chosen."""
        return self.suite.data == "excusee" if self.suite.data else None

    @property
    def override(self) -> door.Override:
        return door.Override(deadline=self.deadline.data, capacity=self.capacity.data)


class TakeOverForm(Form):
    holder = IntegerField(validators=[InputRequired()], widget=HiddenInput())


@bp.get("/demandes/<int:request_id>")
@access.needs(Permission.REQUESTS, Permission.EXCUSE)
@access.writes_on_get("an agent who reads of a child's health leaves a trace (domain.md §7)")
def request_page(request_id: int) -> Answer:
    return _page(_noted(request_id), DecisionForm(None))


@bp.post("/demandes/<int:request_id>/prise-en-charge")
@access.needs(Permission.REQUESTS, Permission.EXCUSE)
@checks_token_itself
def request_take(request_id: int) -> Answer:
    return act(request_id, Form(), lambda review: review.take(), "Vous traitez cette demande.")


@bp.post("/demandes/<int:request_id>/liberation")
@access.needs(Permission.REQUESTS, Permission.EXCUSE)
@checks_token_itself
def request_release(request_id: int) -> Answer:
    return act(request_id, Form(), lambda review: review.release(), "La demande est rendue à la file.")


@bp.post("/demandes/<int:request_id>/reprise")
@access.needs(Permission.REQUESTS, Permission.EXCUSE)
@checks_token_itself
def request_take_over(request_id: int) -> Answer:
    form = TakeOverForm()
    return act(
        request_id, form, lambda review: review.take_over(taken_by=form.holder.data), "Vous traitez cette demande."
    )


@bp.post("/demandes/<int:request_id>/lignes/<int:line_id>/acceptation")
@access.needs(Permission.REQUESTS, Permission.EXCUSE)
@checks_token_itself
def request_accept_line(request_id: int, line_id: int) -> Answer:
    form = DecisionForm()
    return act(request_id, form, lambda review: review.accept(
        line_id,
        version=form.version.data,
        override=form.override,
        opens_account=form.opens_account.data,
        excused=form.excused,
    ), "C’est accepté : la famille est prévenue.", line_id)  # fmt: skip


@bp.post("/demandes/<int:request_id>/lignes/<int:line_id>/refus")
@access.needs(Permission.REQUESTS, Permission.EXCUSE)
@checks_token_itself
def request_refuse_line(request_id: int, line_id: int) -> Answer:
    form = DecisionForm()
    return act(request_id, form, lambda review: review.refuse(
        line_id, version=form.version.data, reason=form.reason
    ), "C’est refusé : la famille lira le motif.", line_id)  # fmt: skip


@bp.post("/demandes/<int:request_id>/acceptation")
@access.needs(Permission.REQUESTS, Permission.EXCUSE)
@checks_token_itself
def request_accept_all(request_id: int) -> Answer:
    form = DecisionForm()
    return act(request_id, form, lambda review: review.accept_all(
        seen=form.seen.data or "", excused=form.excused
    ), "Tout est accepté : la famille est prévenue.")  # fmt: skip


@bp.post("/demandes/<int:request_id>/refus")
@access.needs(Permission.REQUESTS, Permission.EXCUSE)
@checks_token_itself
def request_refuse_all(request_id: int) -> Answer:
    form = DecisionForm()
    return act(request_id, form, lambda review: review.refuse_all(
        reason=form.reason, seen=form.seen.data or ""
    ), "Tout est refusé : la famille lira le motif.")  # fmt: skip


@bp.get("/demandes/<int:request_id>/justificatif")
@access.needs(Permission.REQUESTS)
@access.writes_on_get("an agent who reads a medical paper leaves a trace (domain.md §7)")
def request_proof(request_id: int) -> Answer:
    review = _review_or_404(request_id)
    given = review.request.proof
    if given is None:
        abort(404)
    with db.transaction():
        review.note_reading()
    content = io.BytesIO(proofs.read(given))
    return send_file(content, mimetype=given.content_type, as_attachment=True, download_name=given.filename)


def act(
    request_id: int, form: Form, verb: Callable[[Review], object], done: str, line_id: int | None = None
) -> Answer:
    """Validate, do it under the lock, answer with the request as it stands. A refusal says why.

    What is done is in the journal, and tells who read it; what is refused is read again.
    """
    if not form.validate_on_submit():
        return _page(_noted(request_id), form, line_id), 422
    try:
        with db.transaction():
            review = _review_or_404(request_id, locked=True)
            verb(review)
    except RefusedError as closed:
        form.refuse(str(closed))
        return _page(_noted(request_id), form, line_id), 422
    if not htmx.is_fragment():
        flash(done, "success")
        return htmx.go_to(url_for(".request_page", request_id=request_id))
    return _page(review, DecisionForm(None), said=done)


def _review_or_404(request_id: int, *, locked: bool = False) -> Review:
    found = (Review.locked if locked else Review.of)(access.current_clerk(), request_id)
    if found is None:
        abort(404)
    return found


def _noted(request_id: int) -> Review:
    """The request, to be shown; of health, the reading is noted first."""
    review = _review_or_404(request_id)
    if not review.told_health:
        return review
    with db.transaction():
        _review_or_404(request_id).note_health_reading()
    return _review_or_404(request_id)


def _page(review: Review, form: Form, line_id: int | None = None, said: str = "") -> str:
    """The request; with htmx, only its changing regions. `line_id` is the line that the form was about."""
    whole = not htmx.is_fragment()
    return render_template(
        "agent/requests/show.html" if whole else "agent/requests/change.html",
        review=review,
        asked=review.request,
        overdue=is_overdue(review.request),
        form=form,
        line_id=line_id,
        said=said,
        paper=_PAPERS.get(review.request.kind, "le justificatif"),
        query=asked_query(),
        **_about_its_lines(review),
        **(_around(review) if whole else {}),
    )


def _about_its_lines(review: Review) -> dict[str, Any]:
    """What the page says of the lines, read for all of them at once."""
    lines, pending = review.lines, review.pending
    places = occupancy.of_lines(pending)
    return {
        "lines": lines,
        "pending": pending,
        "weighed_lines": review.weighed,
        "calendar": review.calendar,
        "places": places,
        "answered": answered(lines),
        "queues": waiting_list.in_lines(pending),
        "proposable": enrolments_by_line(pending, review.agent),
        "blocked": _blocked(review, places),
        "reasons": StandardReason.all() if pending else [],
        "Fate": Fate,
    }


def _around(review: Review) -> dict[str, Any]:
    """What the whole page shows besides the request."""
    return {"others": review.others(), "following": asked_queue().following(review.request)}


def _blocked(review: Review, places: dict[int, list[occupancy.Occupancy]]) -> str:
    """Why the lines cannot be accepted all at once; empty when they can."""
    if any(_needs_override(line, places.get(line.id, [])) for line in review.pending):
        return "Une ligne au moins est hors délai, ou d’un jour complet : répondez-y une à une."
    if any(review.weighed[line.id].opens for line in review.pending):
        return "Une ligne au moins change l’adresse qui ouvre un compte\u00a0: répondez-y une à une."
    if any(line.may_excuse for line in review.pending) and not review.agent.may(Permission.EXCUSE):
        return "Une ligne au moins est à transmettre\u00a0: répondez une à une."
    if any(review.weighed[line.id].is_stuck for line in review.pending):
        return "Une ligne au moins ne peut pas être acceptée en l’état : répondez-y une à une."
    return ""


def _needs_override(line: RequestLine, places: list[occupancy.Occupancy]) -> bool:
    return line.kind is RequestKind.BOOKING and (line.late or any(place.full for place in places))
