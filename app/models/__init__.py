"""The domain. No module here knows Flask, the pages or the outside world.

Importing it loads every package, and so every row: the metadata is whole.
"""

from app.models import (  # noqa: F401
    accounts,
    billing,
    changes,
    documents,
    enrolments,
    event,
    exports,
    families,
    households,
    jobs,
    journal,
    letters,
    messages,
    overviews,
    places,
    planning,
    privacy,
    requests,
    reviews,
    town,
)
from app.models.families import search  # noqa: F401 - it keeps the words of families up to date
