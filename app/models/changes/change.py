"""What a family asks to be changed in its file, or to be made: asked, and amended while it waits.

Nothing changes before an agent accepts (see app.models.changes.apply_change); then only if the file still says what
it said when the family asked.
"""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import contains_eager

from app import clock, db
from app.models.changes.three_way import FieldKey, Wish, touched
from app.models.families import Family
from app.models.families.author import Author
from app.models.families.sections.section import Section
from app.models.families.sections.values import RANKS, Sheet
from app.models.places import withdrawal
from app.models.refusal import GONE, RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import Amendment, LineState, Request, RequestLine, line_journal, proof, receipt
from app.models.requests.line_state import OPEN_STATES
from app.models.upload import Paper

UNCHANGED = "Rien n’est changé\u00a0: modifiez au moins un champ, puis enregistrez."


def ask(
    kind: RequestKind, wishes: Sequence[Wish], *, by: Author, submission: str, paper: Paper | None = None
) -> Request:
    """Ask for these changes, in one request. A field that waits already is amended where it waits; put back to what
    the file says, it is withdrawn. Sent twice, it is asked once. A paper may come alone.

    All wishes are of one family, and of one child where they are a child's. Raises RefusedError when nothing is
    changed, ChangedMeanwhileError when a field that was touched no longer says what the page showed.
    """
    family_id, child_id = wishes[0].sheet.family_id, wishes[0].sheet.child_id
    locked = _lock(family_id, child_id)
    sent = Request.already_sent(submission, family_id)
    if sent is not None:
        return sent
    waiting = _unless_overtaken(pending(family_id, child_id), locked)
    fresh: list[RequestLine] = []
    amended: list[RequestLine] = []
    for wish in wishes:
        for name, text in touched(wish, waiting).items():
            _check_owner(wish.sheet, name, by)
            now, line = wish.sheet.text(wish.sheet.section.field(name)), waiting.get((wish.sheet.section.kind, name))
            if line is None:
                fresh.append(RequestLine(kind=wish.sheet.section.kind, field=name, before=now, after=text))
            else:
                _amend(line, now, text, by=by)
                amended.append(line)
    made = _send(kind, fresh, waiting, family_id, child_id, by=by, submission=submission) if fresh else None
    asked = made or next((line.request for line in amended), None)
    if paper is not None and (asked is None or not asked.pending):
        still = {key: line for key, line in waiting.items() if line.state in OPEN_STATES}
        proven = [_confirmation(wishes[0].sheet)]
        asked = _same(kind, still) or _send(kind, proven, still, family_id, child_id, by=by, submission=submission)
    if asked is None:
        raise RefusedError(UNCHANGED)
    if paper is not None:
        replaces = proof.attach(asked, paper)
        if asked.id in locked:  # whoever read it before this paper came has not read all of it
            _read_again(asked, fresh, replaces=replaces, by=by)
    for line in amended:
        proof.forget_once_settled(line.request)
    if made or amended or paper:
        more = [line.request for line in amended if line.state in OPEN_STATES]
        _acknowledge([asked, *more] if made or paper else more, by)
        _remember(asked, submission)
    return asked


def _check_owner(sheet: Sheet, field: str, by: Author) -> None:
    """Raises RefusedError for the address that opens another person's account: who reads it can take the account."""
    if field != "email" or sheet.section.kind not in RANKS:
        return
    owner = sheet.adult
    if owner is not None and owner.account is not None and (owner.id != by.adult.id or by.agent):
        raise RefusedError(
            f"L’adresse de courriel de {owner.full_name} ouvre son compte du portail\u00a0: cette personne seule "
            "peut demander à la changer, ou un agent la corrige dans le dossier. Remettez l’adresse d’avant pour "
            "envoyer le reste."
        )


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
    locked = _lock(family_id, child_id)
    sent = Request.already_sent(submission, family_id)
    if sent is not None:
        return sent
    _unless_overtaken(pending(family_id, child_id), locked)
    for line in asked_for(section, family_id, child_id):
        if section.kind is RequestKind.CONJOINT:  # there is one at most: said otherwise, it is amended
            if line.after == text:
                raise RefusedError(UNCHANGED)
            _amend(line, "", text, by=by)
            _acknowledge([line.request], by)
            _remember(line.request, submission)
            return line.request
        if line.after == text:
            raise RefusedError(f"Cette demande attend déjà sa réponse, sous le code {line.request.code}.")
    line = RequestLine(kind=section.kind, field=field.name, before="", after=text)
    made = _send(section.kind, [line], {}, family_id, child_id, by=by, submission=submission)
    _acknowledge([made], by)
    return made


def pending(family_id: int, child_id: int | None = None) -> dict[FieldKey, RequestLine]:
    """What waits for an answer in the file, or in a child's part of it, with its request."""
    return {(line.kind, line.field or ""): line for line in _open_lines(family_id, child_id)}


def asked_for(section: Section, family_id: int, child_id: int | None = None) -> list[RequestLine]:
    """The new things of this section that wait for an answer, oldest first: there may be several."""
    made = section.makes
    assert made is not None
    lines = _open_lines(family_id, child_id)
    return [line for line in lines if line.kind is section.kind and line.field == made.name]


def _open_lines(family_id: int, child_id: int | None) -> Sequence[RequestLine]:
    return db.session.scalars(_open(child_id is not None), {"family": family_id, "child": child_id}).all()


@cache
def _open(of_a_child: bool) -> Select[RequestLine]:
    """Built once for a child's part of a file, and once for the household's."""
    child = Request.child_id == bindparam("child") if of_a_child else Request.child_id.is_(None)
    asked = (Request.family_id == bindparam("family"), child, RequestLine.field.is_not(None))
    lines = select(RequestLine).join(RequestLine.request).where(*asked, RequestLine.state.in_(OPEN_STATES))
    return lines.options(contains_eager(RequestLine.request)).order_by(RequestLine.id)


def waiting(family_id: int) -> list[str]:
    """The codes of the family's requests to change its file that have no answer yet."""
    lines = select(RequestLine.request_id).where(RequestLine.field.is_not(None), RequestLine.state.in_(OPEN_STATES))
    wanted = select(Request.code).where(Request.family_id == family_id, Request.id.in_(lines))
    return list(db.session.scalars(wanted.order_by(Request.id)))


def _lock(family_id: int, child_id: int | None) -> set[int]:
    """Lock what waits, by request, until the transaction ends: nobody else asks, amends or decides meanwhile.

    Requests first, then lines, then the file: the order in which agents lock them. Raises RefusedError for a file
    that was merged.
    """
    if not Family.lock_open(family_id):
        raise RefusedError(GONE)
    requests = {line.request_id for line in _open_lines(family_id, child_id)}
    db.session.scalars(
        select(Request.id).where(Request.id.in_(requests)).order_by(Request.id).with_for_update()
    ).all()
    lines = select(RequestLine).where(RequestLine.request_id.in_(requests)).order_by(RequestLine.id)
    db.session.scalars(lines.with_for_update().execution_options(populate_existing=True)).all()
    db.session.scalar(select(Family.id).where(Family.id == family_id).with_for_update(key_share=True))
    return requests


def _unless_overtaken(waiting: dict[FieldKey, RequestLine], locked: set[int]) -> dict[FieldKey, RequestLine]:
    """Raises RefusedError when the other adult sent a request while this one waited for its turn."""
    if not {line.request_id for line in waiting.values()} <= locked:
        raise RefusedError(
            "Une autre demande vient de partir pour ce dossier\u00a0: relisez, puis enregistrez de nouveau."
        )
    return waiting


def _amend(line: RequestLine, now: str, text: str, *, by: Author) -> None:
    """The family changed its mind: what an agent read before is stale."""
    if text == now:
        withdrawal.take_back(line, by=by)
        return
    line.before, line.after, line.version, line.state = now, text, line.version + 1, LineState.SUBMITTED
    _sign(line, by)
    line_journal.note(line, "amended", by=by)


def _send(
    kind: RequestKind,
    lines: list[RequestLine],
    waiting: dict[FieldKey, RequestLine],
    family_id: int,
    child_id: int | None,
    *,
    by: Author,
    submission: str,
) -> Request:
    """Add these lines to the request of this kind that waits; or make one."""
    request = _same(kind, waiting)
    if request is None or {line.field for line in lines} & {line.field for line in request.lines}:
        request = Request.of(kind, family_id, by=by, submission=submission, child_id=child_id)
        db.session.add(request)
    else:
        for line in lines:
            _sign(line, by)
    request.lines.extend(lines)
    db.session.flush()
    for line in lines:
        line_journal.note(line, "submitted", by=by)
    return request


def _sign(line: RequestLine, by: Author) -> None:
    """It is theirs now, whoever sent the request or asked it first."""
    line.asker, line.acting_agent, line.asked_at = by.adult, by.agent, clock.local_now()


def _confirmation(sheet: Sheet) -> RequestLine:
    """What a paper that comes alone is about: the field that it proves, as the file says it."""
    now = sheet.text(sheet.section.field(sheet.section.attests))
    return RequestLine(kind=sheet.section.kind, field=sheet.section.attests, before=now, after=now)


def _acknowledge(requests: Sequence[Request], by: Author) -> None:
    """To whoever asks, adds or amends; once for each request."""
    for request in dict.fromkeys(requests):
        receipt.acknowledge(request, by)


def _remember(request: Request, submission: str) -> None:
    """A form that changed a request that was there is told from another one when it is sent again."""
    if request.submission != submission:
        db.session.add(Amendment(submission=submission, request_id=request.id))


def _same(kind: RequestKind, waiting: dict[FieldKey, RequestLine]) -> Request | None:
    return next((line.request for line in waiting.values() if line.request.kind is kind), None)


def _read_again(request: Request, fresh: Sequence[RequestLine], *, replaces: bool, by: Author) -> None:
    """What waits leans on the paper: with another one, it is another demand."""
    for line in request.pending:
        if line not in fresh:
            line.version, line.state = line.version + 1, LineState.SUBMITTED
        if replaces:
            line_journal.note(line, "paper_replaced", by=by)
        else:
            line_journal.note(line, "paper_joined", by=by)
