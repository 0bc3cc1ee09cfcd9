"""The people of a family, and what is written of them."""

from app.models.families.child import Authority, Child, Contact, ContactRole, Custody
from app.models.families.consent import Consent
from app.models.families.family import Adult, Civility, Family
from app.models.families.finances import Finances
from app.models.families.health import AlertKind, HealthAlert, HealthSheet, Pai, Vaccination

__all__ = [
    "Adult",
    "AlertKind",
    "Authority",
    "Child",
    "Civility",
    "Consent",
    "Contact",
    "ContactRole",
    "Custody",
    "Family",
    "Finances",
    "HealthAlert",
    "HealthSheet",
    "Pai",
    "Vaccination",
]
