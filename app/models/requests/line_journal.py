"""What became of a line, in the journal: its day, or its field from old to new, and the reason of a refusal.

Never the family's own reason, which is often about health, nor that of a refusal about it; of what is secret, the
name of the field alone.
"""

from app.models.event import Actor, Event
from app.models.requests.request import RequestLine


def note(line: RequestLine, what: str, *, by: Actor | None = None) -> None:
    """Write one line of the journal; `by` nobody where a rule decides. The request's line must have its number."""
    before: dict[str, str | None] = {}
    after: dict[str, str | None] = {}
    if line.field is None or line.is_secret:
        after["line"] = line.what
    else:
        before, after = {line.field: " ; ".join(line.was)}, {line.field: " ; ".join(line.wanted)}
    if line.excused is not None:
        after["verdict"] = line.verdict
    if line.decision_reason and not line.is_private:
        after["reason"] = line.decision_reason
    Event.record(
        f"line_{what}",
        actor=by.account if by else None,
        subject=line,
        family_id=line.request.family_id,
        address=by.address if by else "",
        before=before or None,
        after=after,
    )
