"""Lots: many requests that an agent accepts in one go, some lines at a time, with a result for each.

Each chunk is a transaction of its own: a parent's page waits for one at most, and what is done stays done if the
agent closes the page. The lot may be taken up again where it stopped.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app import clock, db
from app.columns import ERASED_WITH
from app.models.accounts import Agent
from app.models.accounts.clerk import Clerk
from app.models.enrolments import Enrolment, scope
from app.models.places import places
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import Request, RequestLine
from app.models.requests.line_state import OWED_STATES
from app.models.reviews.review import Review

CHUNK = 25
LARGEST = 1000
"""Requests that one lot may take."""


class Batch(db.Base):
    __tablename__ = "batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    agent: Mapped[Agent] = relationship()

    @classmethod
    def open(cls, by: Clerk, request_ids: list[int]) -> "Batch":
        """A lot of the days that wait in these requests; the one that this agent began, when all are in it (a button
        pressed five times makes one lot). Raises RefusedError when none waits.

        Changes of a family's file are left out: those are read before they are accepted.
        """
        db.session.scalar(select(Agent.id).where(Agent.id == by.agent.id).with_for_update())
        wanted = (
            select(RequestLine.id)
            .join(Enrolment, Enrolment.id == RequestLine.enrolment_id)
            .where(
                RequestLine.request_id.in_(request_ids[:LARGEST]),
                RequestLine.state.in_(OWED_STATES),
                scope.enrolments(by.agent),
            )
        )
        found = list(db.session.scalars(wanted.order_by(RequestLine.id)))
        if not found:
            raise RefusedError("Rien n’attend de réponse dans ce que vous avez choisi.")
        begun = cls._begun(by.agent, found)
        left = [number for number in found if number not in begun]
        if not left:
            return db.session.get_one(cls, max(begun.values()))
        batch = cls(agent_id=by.agent.id)
        db.session.add(batch)
        db.session.flush()
        db.session.add_all(BatchLine(batch_id=batch.id, line_id=number) for number in left)
        by.note("batch_opened", batch, after={"requests": len(request_ids)})
        return batch

    @classmethod
    def _begun(cls, agent: Agent, lines: list[int]) -> dict[int, int]:
        """Those of these lines whose turn is still to come in a lot of this agent, with its number."""
        mine = select(BatchLine.line_id, BatchLine.batch_id).join(cls, cls.id == BatchLine.batch_id)
        coming = mine.where(cls.agent_id == agent.id, BatchLine.accepted.is_(None), BatchLine.line_id.in_(lines))
        return dict(iter(db.session.execute(coming)))

    @classmethod
    def of_agent(cls, agent: Agent, batch_id: int) -> "Batch | None":
        return db.session.scalars(select(cls).where(cls.id == batch_id, cls.agent_id == agent.id)).first()

    def advance(self, *, by: Clerk) -> None:
        """Accept the next lines, as many as a chunk holds. Another page that advances the same lot waits."""
        db.session.scalar(select(Batch.id).where(Batch.id == self.id).with_for_update())
        left = select(BatchLine).where(BatchLine.batch_id == self.id, BatchLine.accepted.is_(None))
        chunk = db.session.scalars(left.order_by(BatchLine.line_id).limit(CHUNK)).all()
        numbers = [one.line_id for one in chunk]
        asked = {line.id: line.request_id for line in _lock(numbers)}
        for one in chunk:
            one.accepted, one.sentence = self._accept(one.line_id, asked[one.line_id], by)

    def _accept(self, line_id: int, request_id: int, by: Clerk) -> tuple[bool, str]:
        review = Review.locked(by, request_id)
        line = next((line for line in review.lines if line.id == line_id), None) if review else None
        if review is None or line is None:
            return False, "Cette demande n’est pas de vos structures."
        if line.kind is RequestKind.PROOF:
            return False, "Un justificatif se lit avant d’être accepté."
        try:
            with db.session.begin_nested():  # a line that cannot be leaves nothing behind, and stops no other
                review.accept(line_id, version=line.version)
        except RefusedError as refused:
            return False, str(refused)
        return True, ""

    @property
    def counts(self) -> dict[bool | None, int]:
        """How many are accepted (True), could not be (False), and are left (None): one query."""
        counted = select(BatchLine.accepted, func.count()).where(BatchLine.batch_id == self.id)
        found = dict(db.session.execute(counted.group_by(BatchLine.accepted)).all())
        return {key: found.get(key, 0) for key in (True, False, None)}

    def results(self, *, accepted: bool) -> list["BatchLine"]:
        """The lines done, with what they are about: one query."""
        line = joinedload(BatchLine.line)
        enrolment = line.joinedload(RequestLine.enrolment)
        wanted = (
            select(BatchLine)
            .where(BatchLine.batch_id == self.id, BatchLine.accepted.is_(accepted))
            .options(
                line.joinedload(RequestLine.request),
                enrolment.joinedload(Enrolment.child),
                enrolment.joinedload(Enrolment.activity),
            )
            .order_by(BatchLine.line_id)
        )
        return list(db.session.scalars(wanted))


class BatchLine(db.Base):
    """A line to accept. `accepted` stays None until its turn; `sentence` says why it could not be."""

    __tablename__ = "batch_line"

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("batch.id", ondelete="CASCADE"), primary_key=True, info=ERASED_WITH
    )
    line_id: Mapped[int] = mapped_column(
        ForeignKey("request_line.id"), primary_key=True, index=True, info=ERASED_WITH
    )
    accepted: Mapped[bool | None]
    sentence: Mapped[str] = mapped_column(default="")

    line: Mapped[RequestLine] = relationship()


def _lock(line_ids: Sequence[int]) -> list[RequestLine]:
    """A chunk's requests, lines and places, locked in the order in which everybody locks: two lots never deadlock."""
    concerned = select(RequestLine.request_id).where(RequestLine.id.in_(line_ids))
    db.session.scalars(
        select(Request.id).where(Request.id.in_(concerned)).order_by(Request.id).with_for_update()
    ).all()
    # All lines of these requests, as `Review.locked` takes them: none is left to wait for once places are locked.
    lines = select(RequestLine).where(RequestLine.request_id.in_(concerned)).order_by(RequestLine.id)
    locked = list(db.session.scalars(lines.with_for_update().execution_options(populate_existing=True)))
    asked = [line for line in locked if line.id in line_ids]
    places.lock_lines(asked)
    return asked
