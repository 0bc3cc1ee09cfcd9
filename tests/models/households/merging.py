"""What the tests of merge share."""

from datetime import date

from sqlalchemy import select

from app import db
from app.models.accounts import Account
from app.models.enrolments import Booking, Enrolment
from app.models.families import (
    Adult,
    Child,
    Civility,
    Custody,
    Family,
)
from app.models.households.merge import Merge
from app.models.town import Activity
from tests.builders import DAY, activity, clerk, enrolment

BORN = date(2008, 3, 12)  # LEA's birth date in the guide's town


def family(
    last_name="Dupont", first_name="Jean", *, login: str | None = None, number="2000000000001", **fields
) -> int:
    """A file with one adult, by default the guide's Jean Dupont once more."""
    with db.transaction() as writing:
        made = Family(number=number)
        writing.add(made)
        writing.flush()
        account = Account.create(login, Account.named("jean.dupont").password_hash) if login else None
        person = {"civility": Civility.MONSIEUR, "last_name": last_name, "first_name": first_name, **fields}
        writing.add(Adult(family_id=made.id, rank=1, account=account, **person))
        return made.id


def child(family_id, first_name="Léa", last_name="Dupont", born=BORN, **fields) -> int:
    with db.transaction() as writing:
        made = Child(first_name=first_name, last_name=last_name, birth_date=born, **fields)
        writing.add(made)
        writing.flush()
        writing.add(Custody(child_id=made.id, family_id=family_id))
        return made.id


def enrol(family_id, child_id, name="Essai", **how) -> int:
    with db.transaction() as writing:
        of = writing.scalars(select(Activity).where(Activity.name == name)).first() or activity(name, **how)
        return enrolment(of, writing.get_one(Family, family_id), writing.get_one(Child, child_id)).id


def book(number, day=DAY) -> None:
    with db.transaction() as writing:
        enrolled = writing.get_one(Enrolment, number)
        writing.add(
            Booking(
                enrolment_id=number,
                day=day,
                child_id=enrolled.child_id,
                activity_id=enrolled.activity_id,
                exclusive_group=enrolled.activity.exclusive_group,
            )
        )


def first() -> int:
    return db.session.query(Family.id).filter_by(number="1001001818331").scalar()


def lea() -> int:
    return db.session.query(Child.id).filter_by(first_name="LEA").scalar()


def plan(absorbed, kept=None) -> Merge:
    db.session.rollback()
    return Merge(db.session.get(Family, kept or first()), db.session.get(Family, absorbed))


def merge(absorbed, kept=None) -> None:
    kept = kept or first()
    with db.transaction():
        Merge(*Family.lock(kept, absorbed)).carry_out(by=clerk(address="192.0.2.1"))
    db.session.expire_all()
