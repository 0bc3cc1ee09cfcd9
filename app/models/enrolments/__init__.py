"""Enrolments and what stands on their days: bookings, attendance, leaves."""

from app.models.enrolments.attendance import Attendance
from app.models.enrolments.booking import Booking, BookingState
from app.models.enrolments.enrolment import Enrolment, Leave

__all__ = [
    "Attendance",
    "Booking",
    "BookingState",
    "Enrolment",
    "Leave",
]
