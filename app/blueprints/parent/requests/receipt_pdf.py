"""What the acknowledgement of a request says on paper (CRPA L112-8 ff). It is forwarded: no health value is in it."""

from typing import Any

from flask import current_app

from app import clock
from app.formats import NBSP, long_date, moment, short_date
from app.models.requests import Request, RequestLine
from app.models.requests import status as request_status
from app.models.requests import steps as request_steps
from app.models.requests.reader import Whose
from app.models.requests.rows import AskedChange
from app.models.town import Town

_KEPT_OUT = "Valeur non reproduite ici ; elle se lit sur le portail."
_REASON_KEPT_OUT = "non reproduit ici ; il se lit sur le portail."


def receipt_data(asked: Request, whose: Whose) -> dict[str, Any]:
    """For app/templates/pdf/accuse-reception.typ."""
    town = Town.current()
    return {
        "town": town.name,
        "service": town.service_name,
        "sender": [line for line in town.address.splitlines() if line.strip()],
        "phone": town.contact_phone.replace(" ", NBSP),
        "email": town.contact_email,
        "hours": town.opening_hours,
        "portal": current_app.config["PREAU"].base_url,
        "code": asked.code,
        "kind": asked.kind.label,
        "submitted": moment(asked.submitted_at),
        "author": asked.author.name,
        "family": asked.family.number,
        "child": asked.child.first_name if asked.child else "",
        "lines": [_line(line) for line in asked.in_order],
        "left_out": asked.left_out or [],
        "state": request_status.verdict(asked).text,
        "next": request_status.following(asked, entrusted=whose.opens(asked)),
        "day": long_date(clock.today()),
        "paper": asked.proof is not None,
    }


def _line(line: RequestLine) -> dict[str, Any]:
    return {
        "what": line.what,
        "state": line.verdict,
        "decided": short_date(clock.local_day(line.decided_at)) if line.decided_at else "",
        "reason": _REASON_KEPT_OUT if line.decision_reason and line.is_private else line.decision_reason or "",
        "late": line.late,
        "instead": line.instead,
        "gives_up": long_date(line.gives_up) if line.gives_up else "",
        "last_word": request_steps.last_word(line),
        **_values(line),
    }


def _values(line: RequestLine) -> dict[str, Any]:
    if line.field is None:
        return {"parts": [], "kept_out": ""}
    if line.is_private:
        return {"parts": [], "kept_out": _KEPT_OUT}
    parts = [
        {"label": one.label, "was": list(one.was), "wanted": list(one.wanted), "replaces": one.replaces}
        for one in AskedChange.of(line)
    ]
    return {"parts": parts, "kept_out": ""}
