"""What each package declares of its tables in its `privacy.py`, gathered. A new package takes its place here."""

from app.models.accounts.privacy import DATA as ACCOUNTS
from app.models.billing.privacy import DATA as BILLING
from app.models.changes.privacy import DATA as CHANGES
from app.models.documents.privacy import DATA as DOCUMENTS
from app.models.enrolments.privacy import DATA as ENROLMENTS
from app.models.exports.privacy import DATA as EXPORTS
from app.models.families.privacy import DATA as FAMILIES
from app.models.households.privacy import DATA as HOUSEHOLDS
from app.models.jobs.privacy import DATA as JOBS
from app.models.journal.privacy import DATA as JOURNAL
from app.models.messages.privacy import DATA as MESSAGES
from app.models.places.privacy import DATA as PLACES
from app.models.planning.privacy import DATA as PLANNING
from app.models.requests.privacy import DATA as REQUESTS
from app.models.reviews.privacy import DATA as REVIEWS
from app.models.town.privacy import DATA as TOWN

PACKAGES = {
    "jobs": JOBS,
    "town": TOWN,
    "accounts": ACCOUNTS,
    "families": FAMILIES,
    "enrolments": ENROLMENTS,
    "billing": BILLING,
    "messages": MESSAGES,
    "documents": DOCUMENTS,
    "requests": REQUESTS,
    "places": PLACES,
    "planning": PLANNING,
    "changes": CHANGES,
    "reviews": REVIEWS,
    "exports": EXPORTS,
    "households": HOUSEHOLDS,
    "journal": JOURNAL,
}
"""From the ground up."""
FROM_THE_GROUND = tuple(PACKAGES.values())
FROM_THE_TOP = FROM_THE_GROUND[::-1]
