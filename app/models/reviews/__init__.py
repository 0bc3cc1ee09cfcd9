"""The agents' answers to what families ask."""

from app.models.reviews.batch import Batch, BatchLine
from app.models.reviews.reason import ReasonTopic, StandardReason

__all__ = [
    "Batch",
    "BatchLine",
    "ReasonTopic",
    "StandardReason",
]
