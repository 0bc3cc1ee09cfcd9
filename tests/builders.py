"""Making activities, children and enrolments for tests, in few words. Inside a transaction."""

from datetime import date, time

from app import db
from app.models.accounts import Account
from app.models.accounts.clerk import Clerk
from app.models.enrolments import Enrolment
from app.models.families import Adult, Child, Custody, Family
from app.models.planning.activity_days import Cell
from app.models.planning.month import Month
from app.models.town import Activity, Approval, CapacityPool, DeadlineKind, Structure
from app.models.town.activity import weekday_bits
from app.models.town.deadline import DeadlineRule

DAY = date(2015, 5, 6)  # a Wednesday, two days after the guide's day
EVE = DeadlineRule(DeadlineKind.DAYS, 1, time(23, 59))


def activity(name="Essai", *, places: int | None = None, **changes) -> Activity:
    structure = db.session.query(Structure).first()
    pool = CapacityPool(structure_id=structure.id, name=name, capacity=places) if places is not None else None
    made = Activity(
        **{
            "structure": structure,
            "name": name,
            "weekdays": weekday_bits(0, 1, 2, 3, 4),
            "pool": pool,
            "uses_morning": pool is not None,
            "approval": Approval.AUTOMATIC,
            "booking_rule": EVE,
            "cancelling_rule": EVE,
            **changes,
        }
    )
    db.session.add_all([one for one in (pool, made) if one is not None])
    db.session.flush()
    return made


def enrolment(of: Activity, family: Family, child: Child | None = None, **changes) -> Enrolment:
    if child is None:
        child = Child(last_name="DUPONT", first_name="Léa", birth_date=date(2008, 9, 1))
        db.session.add(child)
        db.session.flush()
    if db.session.get(Custody, (child.id, family.id)) is None:
        db.session.add(Custody(child_id=child.id, family_id=family.id))
        db.session.flush()
    made = Enrolment(
        **{"child": child, "activity": of, "family_id": family.id, "first_day": date(2014, 9, 1), **changes}
    )
    db.session.add(made)
    db.session.flush()
    return made


def dupont() -> Adult:
    return db.session.query(Adult).filter_by(last_name="DUPONT", rank=1).one()


def durand() -> Adult:
    return db.session.query(Adult).filter_by(last_name="DURAND").one()


def clerk(identifiant: str = "guichet", address: str = "") -> Clerk:
    """An agent, to do something with."""
    account = Account.named(identifiant)
    assert account is not None
    assert account.agent is not None
    return Clerk(account.agent, address)


def cell_of(month: Month, enrolment_id: int, day: date) -> Cell:
    (cell,) = next(row for row in month.rows if row.enrolment_id == enrolment_id).on([day])
    return cell
