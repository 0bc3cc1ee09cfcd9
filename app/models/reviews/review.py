"""Prise en charge: an agent before a request. Takes it, gives it back, decides its lines. Inside a transaction.

The request's row is locked first, by every agent who acts on it, and then its lines, which the family may be
withdrawing: of two who decide the same line, the second reads what the first did.
"""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from app import clock, db
from app.formats import moment
from app.models.accounts import Agent, Permission
from app.models.accounts.clerk import Clerk
from app.models.families import Child, health
from app.models.places import door, places
from app.models.refusal import RefusedError
from app.models.requests import LineState, Request, RequestLine, decision, receipt
from app.models.requests import scope as request_scope
from app.models.requests.line_state import ANSWERABLE_STATES, OWED_STATES, PENDING_STATES
from app.models.reviews import acceptance, evidence
from app.models.reviews.queue import whole, with_lines
from app.models.town.calendar import Calendar

_AMENDED = "La famille a modifié sa demande entre-temps : relisez-la avant de répondre."


@dataclass
class Review:
    request: Request
    clerk: Clerk

    @classmethod
    def of(cls, clerk: Clerk, request_id: int) -> "Review | None":
        """The request, to look at; None outside of what this agent may see."""
        return cls._find(clerk, request_id)

    @classmethod
    def locked(cls, clerk: Clerk, request_id: int) -> "Review | None":
        """The request, to act on: nobody else does until the transaction ends."""
        rows = select(Request.id, RequestLine.id).join(RequestLine).where(Request.id == request_id)
        db.session.execute(rows.order_by(RequestLine.id).with_for_update()).all()
        return cls._find(clerk, request_id, populate_existing=True)  # what was read before the lock may be stale

    @classmethod
    def _find(cls, clerk: Clerk, request_id: int, **how: bool) -> "Review | None":
        in_reach = request_scope.requests(clerk.agent)
        wanted = select(Request).where(Request.id == request_id, in_reach).options(*whole())
        found = db.session.scalars(wanted.execution_options(**how)).unique().first()
        return cls(found, clerk) if found else None

    @property
    def agent(self) -> Agent:
        return self.clerk.agent

    def take(self) -> None:
        """« Prendre en charge »: the family reads « en cours de traitement ». Raises RefusedError."""
        self._check_free()
        if not self.request.pending:
            raise RefusedError("Cette demande a déjà reçu sa réponse.")
        self._take()

    def release(self) -> None:
        """Give it back to the queue. Raises RefusedError when another agent has it."""
        self._check_free()
        self.request.taken_by = self.request.taken_at = self.request.taker = None
        for line in self.request.lines:
            if line.state is LineState.IN_REVIEW:
                line.state = LineState.SUBMITTED
        self.note("request_released")

    def take_over(self, *, taken_by: int) -> None:
        """Take it from the agent who was seen to have it. Raises RefusedError when that changed meanwhile."""
        if self.request.taken_by != taken_by:
            raise RefusedError("Cette demande a changé de mains entre-temps : voyez qui l’a.")
        was = self.request.taker.name if self.request.taker else ""
        self._hand_to_agent()
        self.note("request_taken_over", before={"holder": was}, after={"holder": self.agent.name})

    def accept(
        self,
        line_id: int,
        *,
        version: int,
        override: door.Override = door.NO_OVERRIDE,
        opens_account: bool = False,
        excused: bool | None = None,
    ) -> None:
        """Accept one line. Raises RefusedError, with the reason, and then nothing is written.

        `opens_account`: the agent read that the address asked for opens an account, and whose.
        """
        if override != door.NO_OVERRIDE and not self.agent.may(Permission.OVERRIDE):
            raise RefusedError("Votre rôle ne permet pas de passer outre.")
        line = self.to_decide(line_id, version)
        acceptance.accept(
            line, self.calendar, by=self.clerk, override=override, opens_account=opens_account, excused=excused
        )
        if override != door.NO_OVERRIDE:
            let_pass = [name for name in ("deadline", "capacity") if getattr(override, name)]
            self.note("override_used", after={"line": line.what, "override": let_pass})
        self.tell_the_family()

    def refuse(self, line_id: int, *, version: int, reason: str) -> None:
        """Refuse one line. Raises RefusedError without a reason."""
        line = self.to_decide(line_id, version)
        decision.refuse(line, reason=reason, by=self.clerk)
        self.tell_the_family()

    def accept_all(self, *, seen: str, excused: bool | None = None) -> None:
        """Accept every line that waits, or none; `seen` is the stamp of what the agent read. Late absences among them
        are all `excused`, or all billed.

        Raises RefusedError, naming the line that cannot be.
        """
        lines = self._all_pending(seen)
        places.lock_lines(lines)
        for line in lines:
            try:
                self.accept(line.id, version=line.version, excused=excused)
            except RefusedError as closed:
                raise RefusedError(
                    f"{line.what} : {closed} Rien n’a été accepté : répondez ligne par ligne."
                ) from closed

    def refuse_all(self, *, reason: str, seen: str) -> None:
        """Refuse every line that waits, as it was `seen`. Raises RefusedError without a reason."""
        for line in self._all_pending(seen):
            self.refuse(line.id, version=line.version, reason=reason)

    @property
    def stamp(self) -> str:
        """The lines that wait, as they are written now: a family may amend them, or add some."""
        return " ".join(f"{line.id}.{line.version}" for line in self.pending)

    def _all_pending(self, seen: str) -> list[RequestLine]:
        if not self.pending:
            raise RefusedError("Cette demande a déjà reçu sa réponse.")
        if not set(self.stamp.split()) <= set(seen.split()):
            raise RefusedError(_AMENDED)
        return self.pending

    def others(self) -> list[Request]:
        """The family's other requests, newest first, a few: what else it asks helps to answer."""
        wanted = select(Request).where(
            Request.family_id == self.request.family_id,
            Request.id != self.request.id,
            request_scope.requests(self.agent),
        )
        return list(db.session.scalars(wanted.order_by(Request.id.desc()).limit(8).options(*with_lines())))

    def note_reading(self) -> None:
        """The journal keeps who read the family's paper."""
        self.note("proof_read")

    @property
    def told_health(self) -> list[Child]:
        """The children of whose health this agent reads something: a field of it, or the reason of an absence."""
        of_file = [self.request.child for line in self.lines if line.is_health]
        away = [line.enrolment.child for line in self.lines if line.enrolment and self.reads_reason(line)]
        return list(dict.fromkeys(child for child in [*of_file, *away] if child))

    def reads_reason(self, line: RequestLine) -> bool:
        """Whether this agent reads why a child is away, which often tells of its health."""
        return bool(line.motif) and self.agent.may(Permission.HEALTH)

    def note_health_reading(self) -> None:
        """The journal keeps who read it (domain.md §7)."""
        for child in self.told_health:
            health.note_reading(child, self.request.family_id, by=self.clerk)

    @cached_property
    def weighed(self) -> dict[int, evidence.Weighed]:
        """What helps to answer, by line; nothing for days."""
        return evidence.weigh(self.lines)

    @property
    def lines(self) -> list[RequestLine]:
        """Those that this agent may decide."""
        mine = {line.id for line in request_scope.lines(self.agent, self.request)}
        return [line for line in self.request.in_order if line.id in mine]

    def lines_of(self, other: Request) -> list[RequestLine]:
        return request_scope.lines(self.agent, other)

    @property
    def pending(self) -> list[RequestLine]:
        return [line for line in self.lines if line.state in PENDING_STATES]

    @property
    def taken_by_another(self) -> bool:
        """Whether another agent deals with what this one may decide, and has not finished."""
        taker = self.request.taker
        if taker is None or taker.id == self.agent.id:
            return False
        theirs = request_scope.lines(taker, self.request)
        return any(line in theirs and line in self.request.pending for line in self.lines)

    @cached_property
    def calendar(self) -> Calendar:
        days = [line.day for line in self.request.lines if line.day] or [clock.today()]
        return Calendar.between(min(days), max(days))

    def to_decide(self, line_id: int, version: int) -> RequestLine:
        line = next((line for line in self.lines if line.id == line_id), None)
        if line is None:
            raise RefusedError("Cette ligne n’est pas de vos structures.")
        if line.state in ANSWERABLE_STATES:
            raise RefusedError("La famille doit déjà répondre à une proposition.")
        if line.state not in PENDING_STATES:
            who = f" par {line.decider.name}" if line.decider else ""
            when = f", {moment(line.decided_at)}" if line.decided_at else ""
            raise RefusedError(f"Cette ligne est déjà {line.verdict}{who}{when}.")
        if line.may_excuse and not self.agent.may(Permission.EXCUSE):
            raise RefusedError("Votre rôle ne permet pas d’excuser ou de facturer\u00a0: transmettez avec une note.")
        self._check_free()
        if line.version != version:
            raise RefusedError(_AMENDED)
        if self.request.taken_by is None:
            self._take()
        return line

    def reopen(self, line: RequestLine) -> None:
        """The line waits for this agent's answer again. Raises RefusedError when another one has the request."""
        self._check_free()
        line.state, line.answer_until = LineState.IN_REVIEW, None
        if self.request.taken_by != self.agent.id:
            self._take()

    def _check_free(self) -> None:
        if self.taken_by_another:
            name = self.request.taker.name if self.request.taker else "Un autre agent"
            raise RefusedError(f"{name} traite cette demande : reprenez-la d’abord.")

    def _take(self) -> None:
        self._hand_to_agent()
        self.note("request_taken")

    def _hand_to_agent(self) -> None:
        self.request.taken_by, self.request.taken_at = self.agent.id, clock.local_now()
        self.request.taker = self.agent
        for line in self.lines:
            if line.state is LineState.SUBMITTED:
                line.state = LineState.IN_REVIEW

    def tell_the_family(self) -> None:
        """A mail once no line waits for the town hall any more, to each who asked some of it: code, date, kind and
        link, never the reason.
        """
        request = self.request
        if any(line.state in OWED_STATES for line in request.lines):
            return
        receipt.tell(request, request.lines, "request_decided")

    def note(self, kind: str, *, before: object = None, after: object = None) -> None:
        self.clerk.note(kind, self.request, family_id=self.request.family_id, before=before, after=after)
