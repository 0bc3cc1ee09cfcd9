"""What became of a line, in the journal: its day, or its field from old to new, and the reason of a refusal.

Never the family's own reason, which is often about health, nor that of a refusal about it; of what is secret, the
name of the field alone.
"""

from app.models.accounts import Account
from app.models.event import Event
from app.models.requests.request import RequestLine


def note(line: RequestLine, what: str, *, actor: Account | None = None, address: str = "") -> None:
    """Write one line of the journal. The request's line must have its number."""
    before: dict[str, str | None] = {}
    after: dict[str, str | None] = {}
    if line.field is None or line.is_secret:
        after["line"] = line.what
    else:
        before, after = {line.field: " ; ".join(line.was)}, {line.field: " ; ".join(line.wanted)}
    if line.decision_reason and not line.is_private:
        after["reason"] = line.decision_reason
    Event.record(
        f"line_{what}",
        actor=actor,
        subject=line,
        family_id=line.request.family_id,
        address=address,
        before=before or None,
        after=after,
    )
