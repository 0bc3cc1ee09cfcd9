"""Requests and messages: some years after the last answer. One that nobody ever answered goes too."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, delete, exists, func, or_, select

from app import db
from app.models.durations import REQUESTS
from app.models.messages import Message, Thread
from app.models.privacy.retention.papers import file_number
from app.models.requests import Amendment, Proof, Request, RequestLine
from app.models.retention_rule import Rows, Rule, before_end_of, forget_files
from app.models.reviews import BatchLine


def _requests(cutoff: date) -> Rows:
    """The day that a line asks for counts as well: its planning shows it; and the last time that it was amended."""
    late = before_end_of(cutoff)
    used = or_(RequestLine.decided_at >= late, RequestLine.asked_at >= late, RequestLine.day > cutoff)
    alive = exists().where(RequestLine.request_id == Request.id, used)
    said = (RequestLine.decided_at, RequestLine.asked_at, RequestLine.day)
    last = (select(func.max(one)).where(RequestLine.request_id == Request.id).scalar_subquery() for one in said)
    return select(Request.id, "demande " + Request.code, Request.submitted_at, *last).where(
        Request.submitted_at < late, ~alive
    )


def erase_requests(keys: Sequence[int], cutoff: date) -> None:
    lines = select(RequestLine.id).where(RequestLine.request_id.in_(keys))
    erase_lines(lines)
    db.session.execute(delete(Amendment).where(Amendment.request_id.in_(keys)))
    papers = delete(Proof).where(Proof.request_id.in_(keys)).returning(Proof.storage_key)
    forget_files(db.session.scalars(papers).all())
    db.session.execute(delete(Request).where(Request.id.in_(keys)))


def erase_lines(lines: Select[int]) -> None:
    """These lines (a query of ids), with what the agents' lots say of them."""
    db.session.execute(delete(BatchLine).where(BatchLine.line_id.in_(lines)))
    db.session.execute(delete(RequestLine).where(RequestLine.id.in_(lines)))


def _threads(cutoff: date) -> Rows:
    alive = exists().where(Message.thread_id == Thread.id, Message.sent_at >= before_end_of(cutoff))
    last = select(func.max(Message.sent_at)).where(Message.thread_id == Thread.id).scalar_subquery()
    written = exists().where(Message.thread_id == Thread.id)
    return select(Thread.id, file_number(Thread.family_id), last).where(~alive, written)


def _erase_threads(keys: Sequence[int], cutoff: date) -> None:
    db.session.execute(delete(Message).where(Message.thread_id.in_(keys)))
    db.session.execute(delete(Thread).where(Thread.id.in_(keys)))


RULES = (
    Rule("Demandes", REQUESTS, _requests, erase_requests, held=Request.id),
    Rule("Messages", REQUESTS, _threads, _erase_threads, held=Thread.id),
)
