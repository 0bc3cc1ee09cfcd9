"""Where a request stands, told to its family: a badge, what comes next, each line of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.formats import NBSP
from app.models.request_kind import RequestKind
from app.models.requests.line_state import ANSWERABLE_STATES, OPEN_STATES, OWED_STATES, VERDICTS, LineState
from app.models.requests.request import Request, RequestLine

_NEXT = {
    LineState.SUBMITTED: "Le service va l’examiner ; rien ne change avant sa réponse, que vous lirez sur le portail.",
    LineState.IN_REVIEW: "Le service l’examine ; rien ne change avant sa réponse, que vous lirez sur le portail.",
    LineState.WAITING_LIST: "C’est complet : si une place se libère, un courriel vous la proposera.",
    LineState.OFFERED: "Une place est gardée pour vous\u00a0: répondez ci-dessus avant la fin du délai.",
    LineState.COUNTERED: "Le service vous propose autre chose\u00a0: répondez ci-dessus avant la fin du délai.",
    LineState.ACCEPTED: "Elle est acceptée : il ne vous reste rien à faire.",
    LineState.REFUSED: "Le service en a dit le motif ; si quelque chose n’est pas clair, contactez-le.",
    LineState.WITHDRAWN: "Vous l’avez retirée : le service ne la traitera pas.",
    LineState.DECLINED: "Vous avez décliné la proposition : elle n’a pas de suite.",
    LineState.EXPIRED: "La proposition n’est plus valable ; vous pouvez faire une nouvelle demande.",
    LineState.CANCELLED_BY_TOWN: "La commune n’accueille pas ce jour-là.",
}
_ENTRUSTED = "Elle est acceptée : vous pouvez maintenant remplir le dossier unique d’inscription de votre enfant."
_NOT_ENTRUSTED = (
    "Elle est acceptée\u00a0: l’enfant est dans votre dossier. La mairie l’y a mis sans autorité parentale pour "
    "vous, et sa fiche ne s’ouvre pas\u00a0: si c’est à tort, contactez le service."
)
_BILLED = "L’absence est notée, hors délai\u00a0: ce que le service n’a pas excusé est facturé."
_NOUNS = {RequestKind.BOOKING: "réservation", RequestKind.ABSENCE: "absence"}
_TOLD = (
    (("attend", "attendent"), "votre réponse, ci-dessus, avant la fin du délai", ANSWERABLE_STATES),
    (("est acceptée", "sont acceptées"), "", (LineState.ACCEPTED,)),
    (
        ("attend", "attendent"),
        "la réponse du service, que vous lirez sur le portail",
        OWED_STATES,
    ),
    (
        ("est", "sont"),
        "en liste d’attente : si une place se libère, un courriel vous la proposera",
        (LineState.WAITING_LIST,),
    ),
    (("est refusée", "sont refusées"), "", (LineState.REFUSED,)),
    (
        ("est", "sont"),
        "sans suite",
        (LineState.DECLINED, LineState.EXPIRED, LineState.CANCELLED_BY_TOWN, LineState.WITHDRAWN),
    ),
)
"""Of one line and of several, when they do not all stand alike: what each state means for the family."""
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
    """The lines with where each stands, those of an enrolment together, child by child."""
    found: dict[tuple[int, int, str], list[tuple[RequestLine, Verdict]]] = {}
    for line in request.in_order:
        enrolment = line.enrolment if len(request.lines) > 1 else None
        key = (0, 0, "")
        if enrolment:
            key = (enrolment.child_id, enrolment.id, f"{enrolment.child.first_name}, {enrolment.activity.name}")
        found.setdefault(key, []).append((line, verdict_of(line)))
    return [Group(name, found[child, number, name]) for child, number, name in sorted(found)]


def verdict(request: Request) -> Verdict:
    """The request's state, from its lines'."""
    states = {line.state for line in request.lines if line.state not in _set_aside(request)}
    waiting = [line for line in request.lines if line.state in OPEN_STATES]
    if len(states) == 1:
        alike = [verdict_of(line) for line in request.lines if line.state in states]
        return alike[0] if len(set(alike)) == 1 else Verdict(VERDICTS[states.pop()], alike[0].tone)
    if not waiting:
        return Verdict("acceptée en partie" if LineState.ACCEPTED in states else "refusée", "warning")
    if len(waiting) < len([line for line in request.lines if line.state in states]):
        return Verdict("répondue en partie", "info")
    answerable = [line for line in waiting if line.state in ANSWERABLE_STATES]
    return verdict_of(answerable[0]) if answerable else Verdict("en attente", "info")


def following(request: Request, *, entrusted: bool = True) -> str:
    """What happens next, or what there is left to do. `entrusted`: whether who reads may open the file of the child
    that it made.
    """
    states = [line.state for line in request.lines if line.state not in _set_aside(request)]
    waiting = [state for state in states if state in OPEN_STATES]
    if waiting and len(set(states)) > 1:
        return _of_each(request, Counter(states))
    if not waiting and len(set(states)) > 1:
        return "Le service a répondu ligne par ligne ; si quelque chose n’est pas clair, contactez-le."
    if not waiting and request.kind is RequestKind.NEW_CHILD and LineState.ACCEPTED in states:
        return _ENTRUSTED if entrusted else _NOT_ENTRUSTED
    if any(line.excused is False for line in request.lines):
        return _BILLED
    return _NEXT[states[0]]


def _of_each(request: Request, counts: Counter[LineState]) -> str:
    """What happens next with lines that stand differently."""
    noun = _NOUNS.get(request.kind, "ligne")
    told = []
    for verbs, what, states in _TOLD:
        count = sum(counts[state] for state in states)
        if count:
            told.append(f"{count}{NBSP}{noun}{'s' if count > 1 else ''} {verbs[count > 1]} {what}".rstrip() + ".")
    return " ".join(told)


def _set_aside(request: Request) -> Sequence[LineState]:
    """A withdrawn line says nothing of the others."""
    return () if all(line.state is LineState.WITHDRAWN for line in request.lines) else (LineState.WITHDRAWN,)
