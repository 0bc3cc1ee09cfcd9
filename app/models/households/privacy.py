"""Lives that come to an end here: children who left, accounts that nobody uses, households where nobody is left.

The rows are of the packages below; each goes with the person or the household that it is about.
"""

from app.models.households import account_retention, child_retention, household_retention
from app.models.personal_data import PersonalData

DATA = PersonalData(rules=(*child_retention.RULES, *account_retention.RULES, *household_retention.RULES))
