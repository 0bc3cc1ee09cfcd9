"""A request told to its family: where it stands, what comes next, and each step that it went through.

The journal keeps the steps for a year at most; what the request itself remembers is told for longer. No agent is
named but the one who entered it: « le service » answers.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app import clock, db
from app.formats import NBSP, moment
from app.models.answered import from_family
from app.models.author import Author
from app.models.event import Event
from app.models.family import Adult
from app.models.journal_words import LABELS
from app.models.line_state import ANSWERABLE_STATES, OPEN_STATES, LineState
from app.models.request import Request, RequestLine
from app.models.request_kind import RequestKind

_FEW = 3
_AT_ONCE = timedelta(minutes=1)
_OF_REQUEST = {
    "request_taken": "Prise en charge par le service",
    "request_released": "De nouveau en attente",
}
_OF_NOBODY = ("line_waiting", "line_waiting_list", "line_offered", "line_expired", "line_cancelled_by_town")
"""What comes of itself, or says who did it."""
_WORDS = {kind: label for kind, label in LABELS.items() if kind.startswith("line_")} | _OF_REQUEST
_NEXT = {
    LineState.SUBMITTED: "Le service va l’examiner ; rien ne change avant sa réponse, que vous lirez sur le portail.",
    LineState.IN_REVIEW: "Le service l’examine ; rien ne change avant sa réponse, que vous lirez sur le portail.",
    LineState.WAITING_LIST: "C’est complet : si une place se libère, elle vous sera proposée, ici et par courriel.",
    LineState.OFFERED: "Une place est gardée pour vous : répondez ci-dessus avant la fin du délai.",
    LineState.COUNTERED: "Le service vous propose autre chose : répondez ci-dessus avant la fin du délai.",
    LineState.ACCEPTED: "Elle est acceptée : il ne vous reste rien à faire.",
    LineState.REFUSED: "Le service en a dit le motif ; si quelque chose n’est pas clair, contactez-le.",
    LineState.WITHDRAWN: "Vous l’avez retirée : le service ne la traitera pas.",
    LineState.DECLINED: "Vous avez décliné la proposition : elle n’a pas de suite.",
    LineState.EXPIRED: "La proposition n’est plus valable ; vous pouvez faire une nouvelle demande.",
    LineState.CANCELLED_BY_TOWN: "La commune n’accueille pas ce jour-là.",
}
_TONES = {
    LineState.ACCEPTED: "success",
    LineState.REFUSED: "danger",
    LineState.EXPIRED: "danger",
    LineState.CANCELLED_BY_TOWN: "danger",
    LineState.WITHDRAWN: "neutral",
    LineState.DECLINED: "neutral",
}


@dataclass(frozen=True)
class Verdict:
    """Where a request or a line stands: a word, and its colour."""

    text: str
    tone: str


@dataclass(frozen=True)
class Step:
    at: datetime
    what: str
    who: str
    """« par JEAN DUPONT (Père) », « selon la règle de la prestation »; empty when it goes without saying."""
    about: list[str]
    """The lines that it concerns; empty for all of them."""


def verdict_of(line: RequestLine) -> Verdict:
    return Verdict(line.verdict, _TONES.get(line.state, "info"))


@dataclass(frozen=True)
class Group:
    """The days that are asked of one enrolment, when there are several lines; else the lines, without a name."""

    name: str
    lines: list[tuple[RequestLine, Verdict]]

    @property
    def counts(self) -> list[str]:
        """« acceptée : 38 », « en liste d’attente : 2 »."""
        found = Counter(verdict.text for _, verdict in self.lines)
        return [f"{text}{NBSP}: {count}" for text, count in found.items()]


def grouped(request: Request) -> list[Group]:
    """The lines with where each stands, those of an enrolment together."""
    found: dict[str, list[tuple[RequestLine, Verdict]]] = {}
    for line in request.in_order:
        enrolment = line.enrolment if len(request.lines) > 1 else None
        name = f"{enrolment.child.first_name}, {enrolment.activity.name}" if enrolment else ""
        found.setdefault(name, []).append((line, verdict_of(line)))
    return [Group(name, lines) for name, lines in found.items()]


def last_word(line: RequestLine) -> str:
    """« Modifié par JEANNE DUPONT (Mère), … »; empty where it is as the request was sent."""
    if line.asked_at is None:
        return ""
    return f"{'Modifié' if line.version > 1 else 'Ajouté'} par {line.author.name}, {moment(line.asked_at)}"


def verdict(request: Request) -> Verdict:
    """The request's state, from its lines'."""
    states = {line.state for line in request.lines if line.state not in _set_aside(request)}
    waiting = [line for line in request.lines if line.state in OPEN_STATES]
    if len(states) == 1:
        return verdict_of(next(line for line in request.lines if line.state in states))
    if not waiting:
        return Verdict("acceptée en partie" if LineState.ACCEPTED in states else "refusée", "warning")
    if len(waiting) < len([line for line in request.lines if line.state in states]):
        return Verdict("répondue en partie", "info")
    return verdict_of(waiting[0])


def following(request: Request) -> str:
    """What happens next, or what there is left to do."""
    states = [line.state for line in request.lines if line.state not in _set_aside(request)]
    waiting = [state for state in states if state in OPEN_STATES]
    if not waiting and len(set(states)) > 1:
        return "Le service a répondu ligne par ligne ; si quelque chose n’est pas clair, contactez-le."
    if not waiting and request.kind is RequestKind.NEW_CHILD and LineState.ACCEPTED in states:
        return "Elle est acceptée : vous pouvez maintenant remplir le dossier unique d’inscription de votre enfant."
    answerable = [state for state in waiting if state in ANSWERABLE_STATES]
    return _NEXT[(answerable or waiting or states)[0]]


def steps(request: Request) -> list[Step]:
    """What happened to it, oldest first."""
    lines = {line.id: line for line in request.lines}
    rows = _noted(request.id, list(lines))
    theirs = from_family(rows)
    names = _family_side({row.actor_id for row, is_theirs in zip(rows, theirs, strict=True) if is_theirs}, request)
    told = []
    for row, is_theirs in zip(rows, theirs, strict=True):
        line = lines.get(row.subject_id) if row.subject_kind == "request_line" else None
        who = _asker(row, line or request, names) if is_theirs else _decider(row)
        told.append(_Told(_shifted(row.at), row.kind, who, line))
    return _joined([*_unnoted_start(request, told), *told, *_unnoted_end(request, told)], len(lines))


@dataclass(frozen=True)
class _Told:
    at: datetime
    kind: str
    who: str
    line: RequestLine | None
    """None for what concerns the whole request."""


def _set_aside(request: Request) -> Sequence[LineState]:
    """A withdrawn line says nothing of the others."""
    return () if all(line.state is LineState.WITHDRAWN for line in request.lines) else (LineState.WITHDRAWN,)


def _noted(request_id: int, line_ids: list[int]) -> Sequence[Any]:
    """Without what each line of the journal holds, which is not to be told here."""
    of_lines = (Event.subject_kind == "request_line") & Event.subject_id.in_(line_ids)
    of_request = (Event.subject_kind == "request") & (Event.subject_id == request_id) & Event.kind.in_(_OF_REQUEST)
    wanted = select(Event.at, Event.kind, Event.actor_id, Event.subject_kind, Event.subject_id)
    kept = wanted.where(of_lines | of_request, Event.kind.in_(_WORDS)).order_by(Event.id)
    return db.session.execute(kept).all()


def _family_side(accounts: set[int | None], request: Request) -> dict[int, str]:
    """By account, the adults, and the agent who entered the request for them."""
    found = db.session.scalars(select(Adult).where(Adult.account_id.in_(accounts - {None}))) if accounts else ()
    names = {adult.account_id: Author(adult).name for adult in found if adult.account_id is not None}
    return names | ({request.clerk.account_id: request.author.name} if request.clerk else {})


def _asker(row: Any, asked: Request | RequestLine, names: dict[int, str]) -> str:
    unknown = "le service, pour la famille" if row.actor_id else asked.author.name
    return f"par {names.get(row.actor_id, unknown)}"


def _decider(row: Any) -> str:
    if row.kind in _OF_REQUEST or row.kind in _OF_NOBODY:
        return ""
    return "par le service" if row.actor_id else "selon la règle de la prestation"


def _unnoted_start(request: Request, told: list[_Told]) -> list[_Told]:
    """The sending, when the journal does not hold it (any more): lines may have been added since."""
    if any(one.kind == "line_submitted" and one.at < request.submitted_at + _AT_ONCE for one in told):
        return []
    return [_Told(request.submitted_at, "line_submitted", f"par {request.author.name}", None)]


def _unnoted_end(request: Request, told: list[_Told]) -> list[_Told]:
    """The decisions that the journal does not hold (any more)."""
    noted = {(one.line.id, one.kind) for one in told if one.line}
    return [
        _Told(line.decided_at, f"line_{line.state}", "", line)
        for line in request.lines
        if line.decided_at and (line.id, f"line_{line.state}") not in noted
    ]


def _joined(told: list[_Told], count: int) -> list[Step]:
    """What happened to several lines at once is one step."""
    found: list[tuple[_Told, list[RequestLine]]] = []
    for one in told:
        last = found[-1][0] if found else None
        if last is None or (last.kind, last.who, moment(last.at)) != (one.kind, one.who, moment(one.at)):
            found.append((one, []))
        if one.line is not None:
            found[-1][1].append(one.line)
    return [Step(one.at, _WORDS[one.kind], one.who, _about(lines, count)) for one, lines in found]


def _about(lines: list[RequestLine], count: int) -> list[str]:
    """Which lines, when not all: by name as long as they are few."""
    if len(lines) == count:
        return []
    return [line.what for line in lines] if len(lines) <= _FEW else [f"{len(lines)}{NBSP}lignes sur {count}"]


def _shifted(instant: datetime) -> datetime:
    """As the portal tells dates: the journal is written at the real date, whatever day a demonstration shows."""
    local, shift = instant.astimezone(clock.PARIS), clock.today() - clock.local_day(clock.now())
    return datetime.combine(local.date() + shift, local.time(), clock.PARIS)
