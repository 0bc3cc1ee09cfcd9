"""What a family asks, and what became of each line of it."""

from app.models.requests.amendment import Amendment
from app.models.requests.line_state import LineState
from app.models.requests.proof import Proof
from app.models.requests.request import Request, RequestLine

__all__ = [
    "Amendment",
    "LineState",
    "Proof",
    "Request",
    "RequestLine",
]
