"""The state of a request's line: what it waits for, or what became of it; in French, and in the database's words."""

import enum

from sqlalchemy import text


class LineState(enum.StrEnum):
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    WAITING_LIST = "waiting_list"
    OFFERED = "offered"
    COUNTERED = "countered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED_BY_TOWN = "cancelled_by_town"


OPEN_STATES = (
    LineState.SUBMITTED,
    LineState.IN_REVIEW,
    LineState.WAITING_LIST,
    LineState.OFFERED,
    LineState.COUNTERED,
)
OWED_STATES = (LineState.SUBMITTED, LineState.IN_REVIEW)
"""What an agent owes an answer to; in the waiting list, it is a place that the family waits for."""
PENDING_STATES = (*OWED_STATES, LineState.WAITING_LIST)
"""What an agent can still answer."""
ANSWERABLE_STATES = (LineState.OFFERED, LineState.COUNTERED)
"""What the family is to answer, before `answer_until`; its place is taken meanwhile."""
OPEN = text("state IN ('submitted', 'in_review', 'waiting_list', 'offered', 'countered')")
PENDING = text("state IN ('submitted', 'in_review', 'waiting_list')")
IS_PENDING = text("request_line.state IN ('submitted', 'in_review', 'waiting_list')")
"""In a query: SQLite takes the partial index of what is pending only when told so in the index's own words."""
IS_ANSWERABLE = text("request_line.state IN ('offered', 'countered')")
ANSWERABLE = text("state IN ('offered', 'countered')")
PROPOSED = text("proposed_enrolment_id IS NOT NULL")
WAITING = text("state = 'waiting_list'")

VERDICTS = {
    LineState.SUBMITTED: "en attente",
    LineState.IN_REVIEW: "en cours de traitement",
    LineState.WAITING_LIST: "en liste d’attente",
    LineState.OFFERED: "place proposée",
    LineState.COUNTERED: "autre proposition",
    LineState.ACCEPTED: "acceptée",
    LineState.REFUSED: "refusée",
    LineState.WITHDRAWN: "retirée",
    LineState.DECLINED: "déclinée",
    LineState.EXPIRED: "expirée",
    LineState.CANCELLED_BY_TOWN: "annulée par la commune",
}
