"""What is said of a line of a request: its verdict, its day or field, what it asks. In French."""

from datetime import date
from typing import TYPE_CHECKING

from app.formats import long_date
from app.models.request_kind import RequestKind
from app.models.requests.line_state import VERDICTS, LineState

if TYPE_CHECKING:
    from app.models.enrolments import Enrolment
    from app.models.families.sections.section import Field
    from app.models.requests.request import Request


class LineWords:
    """The half of a RequestLine that only reads its columns."""

    if TYPE_CHECKING:
        kind: RequestKind
        state: LineState
        late: bool
        excused: bool | None
        day: date | None
        proposed_day: date | None
        enrolment: Enrolment | None
        proposed: Enrolment | None
        request: Request
        before: str | None
        after: str | None

        @property
        def asked_field(self) -> Field: ...

    @property
    def verdict(self) -> str:
        """« acceptée », « refusée », « en cours de traitement »…"""
        said = VERDICTS[self.state]
        if self.state is not LineState.ACCEPTED or self.excused is None:
            return said
        return f"{said}, {'excusée' if self.excused else 'facturée'}"

    @property
    def is_late_absence(self) -> bool:
        """Whether an agent must say if the day is excused or billed."""
        return self.kind is RequestKind.ABSENCE and self.late

    @property
    def may_excuse(self) -> bool:
        """Whether accepting it may take a day off the bill when the rules do not: that is not everybody's to say."""
        return self.is_late_absence or self.kind is RequestKind.PROOF

    @property
    def what(self) -> str:
        """« Léa, Garderie matin, mercredi 6 mai 2015 », or the name of the field: « Léa, Allergies », « Mobile »."""
        if self.enrolment is None or self.day is None:
            child = self.request.child
            return ", ".join(part for part in (child.first_name if child else "", self.asked_field.label) if part)
        return f"{self.enrolment.child.first_name}, {self.enrolment.activity.name}, {long_date(self.day)}"

    @property
    def instead(self) -> str:
        """What an agent proposed instead: « Cantine, lundi 11 mai 2015 »; empty when nothing was."""
        if self.proposed is None or self.proposed_day is None:
            return ""
        return f"{self.proposed.activity.name}, {long_date(self.proposed_day)}"

    @property
    def was(self) -> list[str]:
        """What the file said when it was asked, as people read it; several for a list."""
        return self.asked_field.shown(self.before or "")

    @property
    def wanted(self) -> list[str]:
        """What it should say, in the same way."""
        return self.asked_field.shown(self.after or "")
