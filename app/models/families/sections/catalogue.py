"""Every section of a file, found by its kind or by its address. Pure."""

from app.models.families.sections.account import BANQUE, CAF, CONJOINT, FISCALES, RESPONSABLE
from app.models.families.sections.child import (
    AUTHORISATIONS,
    CHILD,
    ENROLMENT,
    FORBIDDEN,
    GLASSES,
    HEALTH,
    INSURANCE,
    NEW_CHILD,
    PERSONS,
)
from app.models.families.sections.section import Section
from app.models.request_kind import RequestKind

ACCOUNT = (RESPONSABLE, CONJOINT, FISCALES, CAF, BANQUE)
"""Mon compte, in the guide's order."""
OF_CHILD = (CHILD, PERSONS, GLASSES, HEALTH, AUTHORISATIONS, INSURANCE)
"""A child's file."""
AT_THE_DESK = (*OF_CHILD[:2], FORBIDDEN, *OF_CHILD[2:])
"""What agents write of a child."""
_ALL = (*ACCOUNT, *OF_CHILD, NEW_CHILD, ENROLMENT)
_BY_KIND = {section.kind: section for section in _ALL}
LABELS = {
    one.name: one.label for section in (*_ALL, FORBIDDEN) for one in (*section.fields, *filter(None, [section.makes]))
}
"""The French of every field, by its name."""


def place_of(kind: RequestKind, field: str | None) -> tuple[int, int]:
    """Where a field stands among all that the files hold, in the order of their pages; what is none, first."""
    for number, section in enumerate((*ACCOUNT, *OF_CHILD), start=1):
        if section.kind is kind and field in section.names:
            return number, section.names.index(field)
    return 0, 0


def of_kind(kind: RequestKind) -> Section:
    """Raises KeyError for a kind that is not about a file."""
    return _BY_KIND[kind]


def named(slug: str, among: tuple[Section, ...]) -> Section | None:
    """The section of this address."""
    return next((section for section in among if section.slug == slug), None)
