"""The copies of their data that families ask for."""

from app.models.exports.data_export import DataExport

__all__ = [
    "DataExport",
]
