"""Asking for several days in one request: bookings, or an absence over a range. Inside a transaction.

« Demande de Réservation » and « Déclarer une absence » of a single cell are the same, with one day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.formats import NBSP, long_date, short_date
from app.models.enrolments import BookingState, Enrolment
from app.models.families import Family
from app.models.families.author import Author
from app.models.places import door, grant, places
from app.models.places.places import EnrolmentDay
from app.models.planning import exchange
from app.models.planning.days_plan import DayOutcome, DaysPlan, PlannedLine
from app.models.refusal import GONE, RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine, decision, line_journal, receipt
from app.models.town.calendar import Calendar

MOST_DAYS = 400
"""In one request: a school year of two children's Wednesdays and canteen."""
_APART = timedelta(microseconds=10)
"""Between the turns of a request's lines: an agent may put another family between a brother and a sister."""


def too_many(count: int) -> str:
    """Why so many days are not asked at once."""
    return f"C’est trop à la fois{NBSP}: {count}{NBSP}jours, et {MOST_DAYS} au plus par demande."


@dataclass(frozen=True)
class Asking:
    kind: RequestKind
    wanted: Sequence[EnrolmentDay]
    by: Author
    submission: str
    reason: str = ""
    """Of an absence: mandatory (guide)."""
    gives_up: date | None = None
    """The booked day that the only one wanted is exchanged for."""

    def send(self) -> Request:
        """One request with a line for each day that can be asked; sent twice, it is one.

        Raises RefusedError when no day can be: with the reason itself when there is one reason only.
        """
        if len(self.wanted) > MOST_DAYS:
            raise RefusedError(too_many(len(self.wanted)))
        if self.kind is RequestKind.ABSENCE and not self.reason.strip():
            raise RefusedError("Écrivez la raison de l’absence, n’importe laquelle.")
        if not Family.lock_open(self.by.adult.family_id):
            raise RefusedError(GONE)
        given_back = [(enrolment, self.gives_up) for enrolment, _ in self.wanted if self.gives_up]
        places.lock_all([*self.wanted, *given_back])
        sent = Request.already_sent(self.submission, self.by.adult.family_id)  # under the lock: its twin came first
        if sent is not None:
            return sent
        now = clock.local_now()
        if self.gives_up is not None:
            self._check_exchange(self.gives_up, now)
        plan = DaysPlan.of(self.kind, self.wanted, at=now)
        if not plan.askable:
            raise RefusedError(_why_nothing(plan))
        request = Request.of(self.kind, self.by.adult.family_id, by=self.by, submission=self.submission)
        request.submitted_at = now
        request.left_out = [{"what": _what(line), "why": line.why} for line in plan.of_outcome(DayOutcome.IMPOSSIBLE)]
        lines = [self._line(request, planned, turn) for turn, planned in enumerate(plan.askable)]
        try:
            self._carry_out(plan, lines)
        except IntegrityError as error:  # the other household, or another activity of the group, at the same instant
            raise RefusedError("Une autre réservation vient d’être faite pour un de ces jours.") from error
        db.session.add(request)
        try:
            db.session.flush()
        except IntegrityError as error:  # both parents at the same instant: the database lets one in
            raise RefusedError("Une demande vient d’être faite pour un de ces jours.") from error
        self._tell_journal(lines)
        about = f"le {short_date(plan.askable[0].day)}" if len(lines) == 1 else f"{len(lines)}{NBSP}jours"
        receipt.acknowledge(request, self.by, about=about)
        return request

    def _check_exchange(self, old: date, now: datetime) -> None:
        ((enrolment, _),) = self.wanted
        why_not = exchange.why_not(enrolment, old, Calendar.between(old, old), at=now)
        if why_not is not None:
            raise RefusedError(why_not)

    def _line(self, request: Request, planned: PlannedLine, turn: int) -> RequestLine:
        return RequestLine(
            request=request,
            enrolment_id=planned.enrolment.id,
            enrolment=planned.enrolment,
            day=planned.day,
            kind=self.kind,
            motif=self.reason.strip() or None,
            late=planned.late,
            waiting_from=request.submitted_at + turn * _APART,
            gives_up=self.gives_up,
        )

    def _carry_out(self, plan: DaysPlan, lines: Sequence[RequestLine]) -> None:
        """Do at once what the rules decide at once; the rest waits for an agent, or for a place."""
        done = [line for line, planned in zip(lines, plan.askable, strict=True) if planned.outcome is DayOutcome.DONE]
        for enrolment, days in _by_enrolment(done):
            if self.kind is RequestKind.ABSENCE:
                door.release(enrolment, *days, into=BookingState.ABSENT_EXCUSED)
            elif self.gives_up is None:
                at = clock.local_now()
                refused = door.book_days(enrolment, days, plan.calendar, submitted_at=at)
                if refused:  # what the plan did not see: rather nothing than half of what was told
                    raise RefusedError(f"Rien n’est envoyé\u00a0: {next(iter(refused.values()))}")
        for line in done:
            if self.gives_up is not None:
                grant.grant(line, plan.calendar)
            decision.conclude(line, LineState.ACCEPTED)
        for line, planned in zip(lines, plan.askable, strict=True):
            if planned.outcome is DayOutcome.WAITING_LIST:
                line.state = LineState.WAITING_LIST

    def _tell_journal(self, lines: Sequence[RequestLine]) -> None:
        """That all were sent, and then what the rules made of each at once: the receipt tells each step of many lines
        in one sentence."""
        for line in lines:
            line_journal.note(line, "submitted", by=self.by)
        for line in lines:
            if line.state is LineState.ACCEPTED:
                line_journal.note(line, "accepted")
            elif line.state is LineState.WAITING_LIST:
                line_journal.note(line, "waiting")


def _by_enrolment(lines: Iterable[RequestLine]) -> list[tuple[Enrolment, list[date]]]:
    found: dict[int, tuple[Enrolment, list[date]]] = {}
    for line in lines:
        enrolment, day = line.asked_slot
        found.setdefault(enrolment.id, (enrolment, []))[1].append(day)
    return list(found.values())


def _what(line: PlannedLine) -> str:
    return f"{line.enrolment.child.first_name}, {line.enrolment.activity.name}, {long_date(line.day)}"


def _why_nothing(plan: DaysPlan) -> str:
    whys = {line.why for line in plan.lines}
    if len(whys) == 1:
        return whys.pop()
    return (
        "Aucun de ces jours ne peut être demandé\u00a0: la liste le dit." if whys else "Choisissez au moins un jour."
    )
