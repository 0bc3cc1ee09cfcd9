"""Places of the structures: counted, taken, waited for, offered."""

from app.models.places.pool_day import PoolDay

__all__ = [
    "PoolDay",
]
