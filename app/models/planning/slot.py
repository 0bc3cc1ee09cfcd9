"""A cell, to act on: one enrolment on one day. The verbs of the context menu.

`Slot.of_family` is the only way in for a parent: through a child of the family, and for acting, an enrolment that
the family pays.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app import clock, db
from app.formats import long_date, short_date
from app.models.enrolments import BookingState, Enrolment, availability
from app.models.families import Family
from app.models.families.author import Author
from app.models.places import door, offer, withdrawal
from app.models.planning.cell import CellState, Facts, known_state, state_of
from app.models.planning.day_record import Mark, load_marks, rank_waiting
from app.models.planning.days_plan import DaysPlan
from app.models.planning.many_days import Asking
from app.models.refusal import GONE, RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import Request, RequestLine, line_journal, proof, receipt
from app.models.requests.line_state import OPEN_STATES
from app.models.town import Activity
from app.models.town.calendar import Calendar
from app.models.upload import Paper


@dataclass
class Slot:
    enrolment: Enrolment
    day: date

    @classmethod
    def of_family(cls, family_id: int, enrolment_id: int, day: date) -> "Slot | None":
        """The slot of an enrolment that this family pays; None for anybody else's."""
        enrolment = db.session.scalars(
            select(Enrolment)
            .where(Enrolment.id == enrolment_id, Enrolment.family_id == family_id)
            .options(
                joinedload(Enrolment.child),
                joinedload(Enrolment.activity).options(joinedload(Activity.structure), joinedload(Activity.pool)),
            )
        ).first()
        return cls(enrolment, day) if enrolment else None

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar.between(self.day, self.day)

    @cached_property
    def mark(self) -> Mark:
        """What is known of the enrolment on this day."""
        marks = load_marks([self.enrolment.id], self.day, self.day)
        rank_waiting(marks)
        return marks.get(self.enrolment.id, {}).get(self.day, Mark())

    @cached_property
    def state(self) -> CellState:
        """The state of the cell, as the planning shows it."""
        day, activity = self.day, self.enrolment.activity
        facts = Facts.of_day(
            activity.opening,
            day,
            self.calendar,
            covered=self.enrolment.covers(day),
            past=day < clock.today(),
            too_late=not activity.booking_rule.is_met(day, self.calendar, clock.local_now()),
        )
        facts = self.mark.on(facts)
        return known_state(facts) or state_of(facts._replace(full=door.is_full(self.enrolment, day)))

    @cached_property
    def why_no_booking(self) -> str | None:
        """Why this day cannot be asked for, whatever is known of it already; None when it can."""
        if self.day < clock.today():
            return "Ce jour est passé."
        closed = availability.why_not_open(self.enrolment, self.day, self.calendar, ())
        return closed or (availability.ON_LEAVE if self.mark.on_leave else None)

    @property
    def open_line(self) -> RequestLine | None:
        """What is asked for this day, or proposed instead of another, and not decided yet."""
        asked = select(RequestLine).where(self._concerns, RequestLine.state.in_(OPEN_STATES))
        days = (joinedload(RequestLine.enrolment), joinedload(RequestLine.proposed))
        named = [one.options(joinedload(Enrolment.child), joinedload(Enrolment.activity)) for one in days]
        return db.session.scalars(asked.options(*named)).first()

    @property
    def _concerns(self) -> ColumnElement[bool]:
        """The lines that ask for this day, or to whose family it is proposed."""
        return or_(
            and_(RequestLine.enrolment_id == self.enrolment.id, RequestLine.day == self.day),
            and_(RequestLine.proposed_enrolment_id == self.enrolment.id, RequestLine.proposed_day == self.day),
        )

    @property
    def last_line(self) -> RequestLine | None:
        """The latest that was asked for this day, decided or not, with its request."""
        latest = (
            select(RequestLine)
            .where(self._concerns)
            .order_by(RequestLine.id.desc())
            .options(joinedload(RequestLine.request))
        )
        return db.session.scalars(latest.limit(1)).first()

    def ask_booking(self, *, by: Author, submission: str, instead_of: date | None = None) -> Request:
        """« Demande de Réservation »; `instead_of` a day that is booked, which is kept until this one is granted.

        Decided at once when the activity is automatic and all is well; on a full day it joins the waiting list. Sent
        twice, it is one request. Raises RefusedError.
        """
        wanted = [(self.enrolment, self.day)]
        return Asking(RequestKind.BOOKING, wanted, by, submission, gives_up=instead_of).send()

    def report_absence(self, *, by: Author, reason: str, submission: str) -> Request:
        """« Déclarer une absence ». The reason is mandatory (guide). Raises RefusedError."""
        return Asking(RequestKind.ABSENCE, [(self.enrolment, self.day)], by, submission, reason=reason).send()

    @property
    def absence_warning(self) -> str:
        """What to know before an absence is declared: a late one is billed, unless the service excuses it."""
        (planned,) = DaysPlan.of(RequestKind.ABSENCE, [(self.enrolment, self.day)]).lines
        return planned.why if planned.late else ""

    def exchange(self, new: date, *, by: Author, submission: str) -> Request:
        """« Échanger ce jour » for another of the same enrolment. Raises RefusedError."""
        return Slot(self.enrolment, new).ask_booking(by=by, submission=submission, instead_of=self.day)

    def answer_offer(self, *, takes: bool, seen: str, by: Author) -> RequestLine:
        """Take up the place that is offered, or leave it: the one that was `seen`. Said twice, it is one answer.

        Raises RefusedError when its time is over, or when another one is offered since.
        """
        asked = self.open_line or self.last_line
        line = offer.of_family(self.enrolment.family_id, asked.id) if asked else None
        if line is None:
            raise RefusedError("Cette proposition n’attend plus de réponse.")
        offer.check_seen(line, seen)
        if takes:
            offer.accept(line, by=by)
        else:
            offer.decline(line, by=by)
        return line

    def provide_proof(self, paper: Paper, *, by: Author, submission: str) -> Request:
        """« Fournir un justificatif » for a past absence, for as many days as the activity says. An agent decides.

        Raises RefusedError, with the reason of `why_no_proof`.
        """
        sent = Request.already_sent(submission, self.enrolment.family_id)
        if sent is not None:
            return sent
        if self.why_no_proof is not None:
            raise RefusedError(self.why_no_proof)
        line = self._submit_proof(by=by, submission=submission)
        proof.attach(line.request, paper)
        return line.request

    @property
    def why_no_proof(self) -> str | None:
        """Why no proof is taken for this day; None when one is."""
        mark = self.mark
        last = self.day + timedelta(days=self.enrolment.activity.proof_days)
        if self.day >= clock.today():
            return "Ce jour n’est pas passé\u00a0: déclarez plutôt une absence."
        if mark.booking is None:
            return "Ce jour n’était pas réservé."
        if mark.present:
            return "Votre enfant était présent ce jour-là."
        if mark.booking is not BookingState.BOOKED and mark.booking is not BookingState.ABSENT_BILLED:
            return "Cette absence n’est pas facturée\u00a0: il n’y a rien à justifier."
        if clock.today() > last:
            return f"Un justificatif se donnait jusqu’au {long_date(last)}."
        return None

    def withdraw(self, *, by: Author) -> RequestLine:
        """« Retirer ma demande », before the decision. Raises RefusedError."""
        line = self.open_line
        if line is None:
            raise RefusedError("Cette demande a déjà reçu sa réponse\u00a0: il n’y a plus rien à retirer.")
        withdrawal.withdraw(line.request_id, by=by, line_id=line.id)
        return line

    def _submit_proof(self, *, by: Author, submission: str) -> RequestLine:
        """Write the request, unless another one is open. Its acknowledgement leaves by mail."""
        if not Family.lock_open(self.enrolment.family_id):
            raise RefusedError(GONE)
        if self.open_line is not None:
            raise RefusedError("Une demande attend déjà sa réponse pour ce jour.")
        kind = RequestKind.PROOF
        request = Request.of(kind, self.enrolment.family_id, by=by, submission=submission)
        line = RequestLine(request=request, enrolment_id=self.enrolment.id, day=self.day, kind=kind)
        db.session.add(request)
        try:
            db.session.flush()
        except IntegrityError as error:  # both parents at the same instant: the database lets one in
            raise RefusedError("Une demande vient d’être faite pour ce jour.") from error
        line_journal.note(line, "submitted", by=by)
        receipt.acknowledge(request, by, about=f"le {short_date(self.day)}")
        return line
