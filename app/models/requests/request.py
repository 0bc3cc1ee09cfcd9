"""Demandes: what a parent asks, line by line, and what becomes of each."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, db
from app.columns import ERASED_WITH, Encrypted, EncryptedJSON
from app.models.accounts import Agent
from app.models.enrolments import Enrolment
from app.models.families import Adult, Child, Family
from app.models.families.author import Author
from app.models.families.sections.catalogue import of_kind, place_of
from app.models.families.sections.section import Field
from app.models.refusal import ALREADY_USED, RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import line_state
from app.models.requests.amendment import Amendment
from app.models.requests.code import new_code
from app.models.requests.line_state import OPEN_STATES, PENDING_STATES, LineState
from app.models.requests.line_words import LineWords

if TYPE_CHECKING:
    from app.models.requests.proof import Proof


class Request(db.Base):
    """One submission of a parent. Its `submission` is the form's own number: sent twice, it is one request."""

    __tablename__ = "request"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[RequestKind]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), index=True)
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"), index=True)
    """The child whose file it would change."""
    submitted_by: Mapped[int] = mapped_column(ForeignKey("adult.id"))
    submitted_at: Mapped[datetime] = mapped_column(default=clock.now)
    submission: Mapped[str] = mapped_column(unique=True)
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    """The agent who asked on behalf of the family."""
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    """The agent who deals with it (prise en charge); others are told."""
    taken_at: Mapped[datetime | None]

    left_out: Mapped[Any | None] = mapped_column(EncryptedJSON, deferred=True)
    """The days that were wanted too and could not be asked: what each was, and why."""

    lines: Mapped[list["RequestLine"]] = relationship(back_populates="request", order_by="RequestLine.id")
    proof: Mapped["Proof | None"] = relationship(cascade="all, delete-orphan")
    family: Mapped[Family] = relationship()
    child: Mapped[Child | None] = relationship()
    sender: Mapped[Adult] = relationship()
    taker: Mapped[Agent | None] = relationship(foreign_keys=[taken_by])
    acting_agent: Mapped[Agent | None] = relationship(foreign_keys=[entered_by])

    @classmethod
    def already_sent(cls, submission: str, family_id: int) -> "Request | None":
        """The request that this very form made or changed already, when it is sent a second time.

        Raises RefusedError for a form of another family: its number serves once.
        """
        changed = select(Amendment.request_id).where(Amendment.submission == submission)
        same = select(cls).where(or_(cls.submission == submission, cls.id.in_(changed)))
        found = db.session.scalars(same).first()
        if found is not None and found.family_id != family_id:
            raise RefusedError(ALREADY_USED)
        return found

    @classmethod
    def of(
        cls, kind: RequestKind, family_id: int, *, by: Author, submission: str, child_id: int | None = None
    ) -> "Request":
        """A request as it is sent now, not stored yet and without lines."""
        return cls(
            code=new_code(),
            kind=kind,
            family_id=family_id,
            child_id=child_id,
            submitted_by=by.adult.id,
            entered_by=by.agent.id if by.agent else None,
            submitted_at=clock.local_now(),
            submission=submission,
        )

    @property
    def author(self) -> Author:
        return Author(self.sender, self.acting_agent)

    @property
    def submitted_on(self) -> date:
        """The local day."""
        return clock.local_day(self.submitted_at)

    @property
    def pending(self) -> list["RequestLine"]:
        """The lines that still want an answer of the town hall."""
        return [line for line in self.lines if line.state in PENDING_STATES]

    @property
    def open(self) -> list["RequestLine"]:
        """The lines that are not decided: those, and what waits for an answer of the family."""
        return [line for line in self.lines if line.state in OPEN_STATES]

    @property
    def in_order(self) -> list["RequestLine"]:
        """The lines as the file's own pages have their fields, however they were added; days as they were asked."""
        return sorted(self.lines, key=lambda line: place_of(line.kind, line.field))

    @property
    def days(self) -> set[date]:
        """Those that it asks for, that it would give back, and that were proposed instead."""
        return {day for line in self.lines for day in (line.day, line.gives_up, line.proposed_day) if day}


class RequestLine(LineWords, db.Base):
    """What is asked: one day of one enrolment (at most one open line for both), or one field, old → new."""

    __tablename__ = "request_line"
    __table_args__ = (
        db.partial_index("uq_request_line_open", "enrolment_id", "day", where=line_state.OPEN, unique=True),
        Index(None, "enrolment_id", "day"),
        db.partial_index("ix_request_line_offered", "answer_until", where=line_state.ANSWERABLE),
        db.partial_index("ix_request_line_proposed", "proposed_enrolment_id", where=line_state.PROPOSED),
        db.partial_index("ix_request_line_waiting", "day", where=line_state.WAITING),
        CheckConstraint("state <> 'refused' OR decision_reason IS NOT NULL", name="refused_with_a_reason"),
        CheckConstraint("(state IN ('offered', 'countered')) = (answer_until IS NOT NULL)", name="answer_has_an_end"),
        CheckConstraint("(proposed_enrolment_id IS NULL) = (proposed_day IS NULL)", name="proposes_a_day"),
        CheckConstraint(
            "(enrolment_id IS NULL) = (day IS NULL) AND (day IS NULL) <> (field IS NULL)", name="a_day_or_a_field"
        ),
        CheckConstraint("(asked_by IS NULL) = (asked_at IS NULL)", name="asked_by_somebody"),
        UniqueConstraint("request_id", "field"),
        db.partial_index("ix_request_line_pending", "state", where=line_state.PENDING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True, info=ERASED_WITH)
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    day: Mapped[date | None]
    field: Mapped[str | None]
    """What a change request wants changed (see app.models.changes.change), from `before` to `after`."""
    before: Mapped[str | None] = mapped_column(Encrypted)
    after: Mapped[str | None] = mapped_column(Encrypted)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("adult.id"), index=True)
    """Who asked it last, and when, where it was added or amended; else it is as the request was sent."""
    asked_at: Mapped[datetime | None]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    kind: Mapped[RequestKind]
    state: Mapped[LineState] = mapped_column(default=LineState.SUBMITTED)
    late: Mapped[bool] = mapped_column(default=False)
    """« Hors délai » : asked after the deadline; the agent decides."""
    excused: Mapped[bool | None]
    """Of a late absence that was accepted: whether its day is not billed."""
    passed_on: Mapped[str | None] = mapped_column(Encrypted)
    """What an agent who may not decide of it wrote for who may, after their name."""
    motif: Mapped[str | None] = mapped_column(Encrypted)
    """The parent's reason, often about health."""
    decision_reason: Mapped[str | None] = mapped_column(Encrypted)
    """Of a refusal of what touches on health, it tells of it too."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    """None for what was decided at once, by rule."""
    answer_until: Mapped[datetime | None]
    waiting_from: Mapped[datetime] = mapped_column(default=clock.local_now)
    """Its turn in the waiting list: when it was submitted, unless an agent moved it."""
    proposed_enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    proposed_day: Mapped[date | None]
    """What an agent proposes instead (autre proposition)."""
    gives_up: Mapped[date | None]
    """The booked day of the same enrolment that it is exchanged for: kept until this one is granted."""
    version: Mapped[int] = mapped_column(default=1)

    request: Mapped[Request] = relationship(back_populates="lines")
    enrolment: Mapped[Enrolment | None] = relationship(foreign_keys=[enrolment_id])
    proposed: Mapped[Enrolment | None] = relationship(foreign_keys=[proposed_enrolment_id])
    decider: Mapped[Agent | None] = relationship(foreign_keys=[decided_by])
    asker: Mapped[Adult | None] = relationship()
    acting_agent: Mapped[Agent | None] = relationship(foreign_keys=[entered_by])

    @property
    def author(self) -> Author:
        """Who asked it last."""
        return Author(self.asker, self.acting_agent) if self.asker else self.request.author

    @property
    def asked_slot(self) -> tuple[Enrolment, date]:
        """The enrolment and day that a booking would be of: those proposed instead, where there are."""
        enrolment, day = (self.proposed, self.proposed_day) if self.proposed else (self.enrolment, self.day)
        assert enrolment is not None
        assert day is not None
        return enrolment, day

    @property
    def slot_name(self) -> str:
        """That enrolment and day, as a form names them: « 12:2015-05-11 »."""
        return "{.id}:{}".format(*self.asked_slot)

    @property
    def asked_field(self) -> Field:
        """The field that it would change, or the new thing to be made; only where it is not about a day."""
        return of_kind(self.kind).field(self.field or "")

    @property
    def confirms(self) -> bool:
        """Whether it changes nothing: a paper was joined to prove what the file says already."""
        return self.field is not None and self.before == self.after

    def is_overtaken_by(self, now: str) -> bool:
        """Whether the file, which says `now`, changed since it was asked."""
        return not self.confirms and now != (self.before or "")

    @property
    def is_secret(self) -> bool:
        """Whether its values are kept out of the journal."""
        return self.field is not None and of_kind(self.kind).is_secret

    @property
    def is_health(self) -> bool:
        return self.field is not None and of_kind(self.kind).is_health

    @property
    def tells_of_health(self) -> bool:
        """Whether its words, the family's or those of a refusal, may: a change of health, an absence, its paper."""
        return self.is_health or self.kind in (RequestKind.ABSENCE, RequestKind.PROOF)

    @property
    def is_private(self) -> bool:
        """Whether it touches on the child's body: neither it nor its reason leaves the portal, be it on paper."""
        return self.tells_of_health or self.field == "diet"
