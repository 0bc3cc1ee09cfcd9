"""On a request's line: another day proposed, the waiting list, another turn in it, a note to colleagues."""

from flask.typing import ResponseReturnValue as Answer
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length

from app import access
from app.blueprints.agent import bp
from app.blueprints.agent.requests.review import act
from app.csrf import Form, checks_token_itself
from app.forms.fields import DayField
from app.models.accounts import Permission
from app.models.reviews import proposal


class WaitForm(Form):
    version = IntegerField(validators=[InputRequired()])


class ProposalForm(WaitForm):
    inscription = IntegerField("Prestation", [InputRequired("Choisissez la prestation.")])
    jour = DayField("Jour proposé", [InputRequired("Choisissez le jour proposé.")])


class MoveForm(Form):
    avant = IntegerField("Passer avant", [InputRequired("Choisissez avant qui.")])
    raison = StringField("Raison", [InputRequired("Dites pourquoi l’ordre change."), Length(max=300)])


class PassOnForm(Form):
    note = StringField("Note pour vos collègues", [Length(max=500, message="500 caractères au plus.")])


@bp.post("/demandes/<int:request_id>/lignes/<int:line_id>/proposition")
@access.needs(Permission.REQUESTS)
@checks_token_itself
def request_propose(request_id: int, line_id: int) -> Answer:
    form = ProposalForm()
    return act(request_id, form, lambda review: proposal.counter(
        review, line_id, version=form.version.data, enrolment_id=form.inscription.data, day=form.jour.data
    ), "C’est proposé\u00a0: la place est gardée le temps que la famille réponde.", line_id)  # fmt: skip


@bp.post("/demandes/<int:request_id>/lignes/<int:line_id>/proposition/retrait")
@access.needs(Permission.REQUESTS)
@checks_token_itself
def request_recall(request_id: int, line_id: int) -> Answer:
    return act(
        request_id,
        Form(),
        lambda review: proposal.recall(review, line_id),
        "La proposition est retirée\u00a0: la famille en est prévenue, et sa demande attend votre réponse.",
        line_id,
    )


@bp.post("/demandes/<int:request_id>/lignes/<int:line_id>/liste-attente")
@access.needs(Permission.REQUESTS)
@checks_token_itself
def request_put_in_line(request_id: int, line_id: int) -> Answer:
    form = WaitForm()
    return act(request_id, form, lambda review: proposal.put_in_line(
        review, line_id, version=form.version.data
    ), "C’est en liste d’attente, à la date de la demande.", line_id)  # fmt: skip


@bp.post("/demandes/<int:request_id>/lignes/<int:line_id>/rang")
@access.needs(Permission.OVERRIDE)
@checks_token_itself
def request_move(request_id: int, line_id: int) -> Answer:
    form = MoveForm()
    return act(request_id, form, lambda review: proposal.move_up(
        review, line_id, before_id=form.avant.data, reason=form.raison.data
    ), "L’ordre de la liste d’attente est changé, et c’est noté.", line_id)  # fmt: skip


@bp.post("/demandes/<int:request_id>/lignes/<int:line_id>/transmission")
@access.needs(Permission.REQUESTS)
@checks_token_itself
def request_pass_on(request_id: int, line_id: int) -> Answer:
    form = PassOnForm()
    return act(request_id, form, lambda review: proposal.pass_on(
        review, line_id, note=form.note.data or ""
    ), "C’est transmis à vos collègues, avec votre note.", line_id)  # fmt: skip
