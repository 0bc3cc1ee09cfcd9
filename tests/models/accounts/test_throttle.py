"""The growing pause and the lock, as pure figures."""

from datetime import timedelta

from app.models.accounts import ThrottleKind
from app.models.accounts.throttle import LIMITS


def test_pauses_grow_and_stay_bearable():
    pauses = [LIMITS[ThrottleKind.IDENTIFIANT].pause(n).total_seconds() for n in range(11)]
    assert pauses == [0, 0, 0, 0, 0, 2, 4, 8, 16, 30, 30]


def test_a_lock_comes_after_ten_failures_at_most():
    """CNIL 2022-100, for a password of eight characters."""
    for kind in (ThrottleKind.IDENTIFIANT, ThrottleKind.CODE):
        assert LIMITS[kind].lock_at <= 10
        assert LIMITS[kind].lock_for >= timedelta(minutes=15)
