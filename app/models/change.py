"""What a family asks to be changed in its file, or to be made: asked, amended while it waits, applied when accepted.

Nothing changes before an agent accepts; then only if the file still says what it said when the family asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app import db
from app.formats import NBSP
from app.models import creation, history, receipt, withdrawal
from app.models.agent import Agent
from app.models.author import Author
from app.models.child import Custody
from app.models.family import Family
from app.models.job import Job
from app.models.proof import Paper, Proof, forget_once_settled
from app.models.refusal import RefusedError
from app.models.request import OPEN_STATES, LineState, Request, RequestLine
from app.models.request_kind import RequestKind
from app.models.section import Section
from app.models.sections import of_kind
from app.models.sheet import Sheet, Signature

Key = tuple[RequestKind, str]
"""Of a field among all that a file holds: its section's kind, and its name."""


@dataclass(frozen=True)
class Wish:
    """What a parent sent of one section."""

    sheet: Sheet
    wanted: dict[str, str]
    """By field, the text that the form holds."""
    seen: dict[str, str]
    """By field, the text that the form held when it was shown: what was not touched is not asked."""


def ask(
    kind: RequestKind, wishes: Sequence[Wish], *, by: Author, submission: str, paper: Paper | None = None
) -> Request:
    """Ask for these changes, in one request. A field that waits already is amended where it waits; put back to what
    the file says, it is withdrawn. Sent twice, it is one request. Raises RefusedError when nothing is changed.

    All wishes are of one family, and of one child where they are a child's.
    """
    family_id, child_id = wishes[0].sheet.family_id, wishes[0].sheet.child_id
    held = _hold(family_id, child_id)
    sent = Request.already_sent(submission, family_id)
    if sent is not None:
        return sent
    waiting = _unless_overtaken(pending(family_id, child_id), held)
    fresh: list[RequestLine] = []
    touched: list[Request] = []
    for wish in wishes:
        for name, text in _touched(wish, waiting).items():
            now, line = wish.sheet.text(wish.sheet.section.field(name)), waiting.get((wish.sheet.section.kind, name))
            if line is None:
                fresh.append(RequestLine(kind=wish.sheet.section.kind, field=name, before=now, after=text))
            else:
                _amend(line, now, text, by=by)
                touched.append(line.request)
    made = _send(kind, fresh, waiting, family_id, child_id, by=by, submission=submission) if fresh else None
    asked = made or next(iter(touched), None) or _same(kind, waiting)
    if asked is None:
        raise RefusedError("Rien n’est changé : modifiez au moins un champ, puis enregistrez.")
    if paper is not None:
        _attach(asked, paper)
    for request in touched:
        forget_once_settled(request)
    return asked


def ask_for(
    section: Section, record: dict[str, str], *, by: Author, submission: str, child_id: int | None = None
) -> Request:
    """Ask for something new to be made: a child, an enrolment, a conjoint. A conjoint asked for already is amended.

    Raises RefusedError for what waits already.
    """
    field = section.makes
    assert field is not None
    family_id = by.adult.family_id
    text = field.text(record)
    held = _hold(family_id, child_id)
    sent = Request.already_sent(submission, family_id)
    if sent is not None:
        return sent
    _unless_overtaken(pending(family_id, child_id), held)
    for line in asked_for(section, family_id, child_id):
        if section.kind is RequestKind.CONJOINT:  # there is one at most: said otherwise, it is amended
            if line.after != text:
                _amend(line, "", text, by=by)
            return line.request
        if line.after == text:
            raise RefusedError(f"Cette demande attend déjà sa réponse, sous le code {line.request.code}.")
    line = RequestLine(kind=section.kind, field=field.name, before="", after=text)
    return _send(section.kind, [line], {}, family_id, child_id, by=by, submission=submission)


def pending(family_id: int, child_id: int | None = None) -> dict[Key, RequestLine]:
    """What waits for an answer in the file, or in a child's part of it, with its request."""
    return {(line.kind, line.field or ""): line for line in _open_lines(family_id, child_id)}


def asked_for(section: Section, family_id: int, child_id: int | None = None) -> list[RequestLine]:
    """The new things of this section that wait for an answer, oldest first: there may be several."""
    made = section.makes
    assert made is not None
    lines = _open_lines(family_id, child_id)
    return [line for line in lines if line.kind is section.kind and line.field == made.name]


def _open_lines(family_id: int, child_id: int | None) -> Sequence[RequestLine]:
    lines = (
        select(RequestLine)
        .join(RequestLine.request)
        .where(
            Request.family_id == family_id,
            Request.child_id == child_id if child_id is not None else Request.child_id.is_(None),
            RequestLine.field.is_not(None),
            RequestLine.state.in_(OPEN_STATES),
        )
        .options(contains_eager(RequestLine.request))
        .order_by(RequestLine.id)
    )
    return db.session.scalars(lines).all()


def apply(line: RequestLine, *, by: Agent, address: str) -> None:
    """Write the new value, or make what was asked for. Raises RefusedError when the file changed since."""
    asked, section = line.request, of_kind(line.kind)
    if section.makes is not None and line.field == section.makes.name:
        creation.make(line, by=by, address=address)
        return
    field, sheet = line.asked_field, Sheet(section, asked.family_id, asked.child_id)
    sheet.hold()
    if not sheet.exists:
        raise RefusedError("Cette personne n’est plus dans le dossier.")
    if asked.child_id is not None and db.session.get(Custody, (asked.child_id, asked.family_id)) is None:
        raise RefusedError("Cet enfant ne vit plus dans ce foyer.")
    now = sheet.text(field)
    if now != (line.before or ""):
        said = " ; ".join(field.shown(now)) or "vide"
        raise RefusedError(f"Le dossier a changé entre-temps : {field.label} est maintenant «{NBSP}{said}{NBSP}».")
    if field.name == "direct_debit" and line.after == "oui" and not sheet.text(section.field("iban")):
        raise RefusedError("Un prélèvement demande un IBAN, et le dossier n’en a pas.")
    account = sheet.adult.account if field.name == "email" and sheet.adult else None
    if account is not None:  # the former address is warned: a link could take the account
        account.change_email(line.after or "", address="", by=by.account)
    else:
        sheet.write(field, line.after or "", signed=Signature(asked.sender.full_name, asked.submitted_on))


def waiting(family_id: int) -> list[str]:
    """The codes of the family's requests to change its file that have no answer yet."""
    lines = select(RequestLine.request_id).where(RequestLine.field.is_not(None), RequestLine.state.in_(OPEN_STATES))
    wanted = select(Request.code).where(Request.family_id == family_id, Request.id.in_(lines))
    return list(db.session.scalars(wanted.order_by(Request.id)))


def _touched(wish: Wish, waiting: dict[Key, RequestLine]) -> dict[str, str]:
    """What the parent changed in the form, and that is not asked already."""
    now, found = wish.sheet.texts(), {}
    for name, text in wish.wanted.items():
        line = waiting.get((wish.sheet.section.kind, name))
        stands = (line.after or "") if line else now[name]
        if text != stands and text != wish.seen.get(name, stands):
            found[name] = text
    return found


def _hold(family_id: int, child_id: int | None) -> set[int]:
    """Hold what waits, by request, until the transaction ends: nobody else asks, amends or decides meanwhile.

    Requests first, then lines, then the file: the order in which agents hold them. Raises RefusedError for a file
    that was merged.
    """
    if not Family.hold_open(family_id):
        raise RefusedError("Votre dossier vient d’être réuni à un autre : rechargez la page, puis recommencez.")
    requests = {line.request_id for line in _open_lines(family_id, child_id)}
    db.session.scalars(
        select(Request.id).where(Request.id.in_(requests)).order_by(Request.id).with_for_update()
    ).all()
    lines = select(RequestLine).where(RequestLine.request_id.in_(requests)).order_by(RequestLine.id)
    db.session.scalars(lines.with_for_update().execution_options(populate_existing=True)).all()
    db.session.scalar(select(Family.id).where(Family.id == family_id).with_for_update(key_share=True))
    return requests


def _unless_overtaken(waiting: dict[Key, RequestLine], held: set[int]) -> dict[Key, RequestLine]:
    """Raises RefusedError when the other adult sent a request while this one waited for its turn."""
    if not {line.request_id for line in waiting.values()} <= held:
        raise RefusedError(
            "Une autre demande vient de partir pour ce dossier : relisez, puis enregistrez de nouveau."
        )
    return waiting


def _amend(line: RequestLine, now: str, text: str, *, by: Author) -> None:
    """The family changed its mind: what an agent read before is stale."""
    if text == now:
        withdrawal.take_back(line, by=by)
        return
    line.before, line.after, line.version, line.state = now, text, line.version + 1, LineState.SUBMITTED
    history.note(line, "amended", actor=by.account)


def _send(
    kind: RequestKind,
    lines: list[RequestLine],
    waiting: dict[Key, RequestLine],
    family_id: int,
    child_id: int | None,
    *,
    by: Author,
    submission: str,
) -> Request:
    """Add these lines to the request of this kind that waits; or make one, acknowledged by mail."""
    request = _same(kind, waiting)
    if request is None or {line.field for line in lines} & {line.field for line in request.lines}:
        request = Request.of(kind, family_id, by=by, submission=submission, child_id=child_id)
        db.session.add(request)
        db.session.flush()
        receipt.acknowledge(request, by)
    request.lines.extend(lines)
    db.session.flush()
    for line in lines:
        history.note(line, "submitted", actor=by.account)
    return request


def _same(kind: RequestKind, waiting: dict[Key, RequestLine]) -> Request | None:
    return next((line.request for line in waiting.values() if line.request.kind is kind), None)


def _attach(request: Request, paper: Paper) -> None:
    """The paper replaces the one that came before it."""
    if request.proof is not None:
        Job.enqueue("forget_file", {"key": request.proof.storage_key})
        request.proof = None
        db.session.flush()
    values = {"content_type": paper.content_type, "size": paper.size, "storage_key": paper.storage_key}
    request.proof = Proof(**values)
