"""What is kept, for how long, and the copy that a family may ask of it."""

from app.models.privacy.data_export import DataExport

__all__ = [
    "DataExport",
]
