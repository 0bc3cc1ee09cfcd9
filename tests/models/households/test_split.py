"""A family that separates: what goes where, what is refused, and what each household sees afterwards."""

from datetime import date

import pytest
from sqlalchemy import select

from app import clock, db
from app.models.accounts import Account
from app.models.billing import Invoice, LedgerEntry
from app.models.changes import DuiDraft
from app.models.documents import Document, DocumentKind
from app.models.enrolments import Booking, Enrolment
from app.models.event import Event
from app.models.families import Adult, Authority, Child, Custody, Family, Finances
from app.models.families.author import Author
from app.models.households.split import Split
from app.models.messages import Thread
from app.models.planning import CalendarFeed
from app.models.planning.month import Month
from app.models.planning.slot import Slot
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests.code import new_code
from app.models.requests.listing import Listing
from app.models.requests.reader import Whose
from tests.builders import DAY, activity, clerk, dupont, durand, enrolment
from tests.models.places.test_door import two_at_once

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def lea() -> int:
    return db.session.query(Child.id).filter_by(first_name="LEA").scalar()


@pytest.fixture
def nino() -> int:
    """A second child, without any enrolment."""
    with db.transaction() as writing:
        child = Child(last_name="DUPONT", first_name="NINO", birth_date=date(2011, 2, 3))
        writing.add(child)
        writing.flush()
        writing.add(Custody(child_id=child.id, family_id=dupont().family_id, note="Jugement du 2 mars"))
        return child.id


def jeanne() -> Adult:
    return db.session.query(Adult).filter_by(first_name="JEANNE").one()


def split(homes, leaving=None) -> int:
    """Split the Duponts: the id of the new family."""
    first, leaving_id = dupont().family_id, (leaving or jeanne()).id
    with db.transaction():
        (family,) = Family.lock(first)
        made = Split(family, leaving_id, homes).carry_out(by=clerk(address="192.0.2.1"))
        number = made.id
    db.session.expire_all()
    return number


def obstacles(homes, leaving=None) -> list[str]:
    return Split(dupont().family, (leaving or jeanne()).id, homes).obstacles


def children_of(family_id) -> list[str]:
    return [child.first_name for child in Child.of_family(family_id)]


def test_the_second_adult_gets_a_file_of_their_own(lea):
    first = dupont().family
    with db.transaction() as writing:
        writing.get_one(Adult, jeanne().id).account = Account.create("jeanne.dupont", "hash")
    highest = db.session.query(Family.number).order_by(Family.number.desc()).first()[0]
    new = db.session.get(Family, split({lea: None}))
    assert [(one.first_name, one.rank) for one in first.adults] == [("JEAN", 1)]
    assert [(one.first_name, one.rank) for one in new.adults] == [("JEANNE", 1)]
    assert jeanne().account.identifiant == "jeanne.dupont"
    assert (first.situation, new.situation) == ("Séparé", "Séparé")
    assert new.number == str(int(highest) + 1)
    assert len(new.number) == 13


def test_the_first_adult_may_be_the_one_who_leaves(lea):
    first, jean = dupont().family_id, dupont().id
    new = split({lea: None}, leaving=dupont())
    assert (jeanne().family_id, jeanne().rank) == (first, 1)
    assert (db.session.get(Adult, jean).family_id, db.session.get(Adult, jean).rank) == (new, 1)


def test_each_child_lives_where_the_agent_says(lea, nino):
    first = dupont().family_id
    new = split({lea: None, nino: jeanne().id})
    assert (children_of(first), children_of(new)) == (["LEA"], ["LEA", "NINO"])
    assert db.session.get(Custody, (nino, new)).note == "Jugement du 2 mars"
    assert db.session.get(Family, first).left_on == clock.today()


def test_a_child_may_stay_with_the_first_household_alone(lea):
    first, new = dupont().family_id, split({lea: dupont().id})
    assert (children_of(first), children_of(new)) == (["LEA"], [])


def test_both_parents_keep_their_authority(lea, nino):
    with db.transaction() as writing:
        writing.add_all(Authority(adult_id=adult.id, child_id=nino) for adult in (dupont(), jeanne()))
    held = {(row.adult_id, row.child_id) for row in db.session.query(Authority)}
    split({lea: None, nino: jeanne().id})
    assert {(row.adult_id, row.child_id) for row in db.session.query(Authority)} == held
    assert (jeanne().id, lea) in held


def test_what_was_enrolled_asked_written_and_billed_stays_with_the_first_household(lea):
    first = dupont().family_id
    with db.transaction():
        number = enrolment(activity(), dupont().family, db.session.get(Child, lea)).id
        Slot.of_family(first, number, DAY).ask_booking(by=Author(jeanne()), submission="one")
    tables = (Enrolment, Request, Thread, Invoice)
    before = [db.session.query(of).filter_by(family_id=first).count() for of in tables]
    booked, owed = db.session.query(Booking).count(), LedgerEntry.balance(first, clock.today())
    new = split({lea: None})
    assert [db.session.query(of).filter_by(family_id=first).count() for of in tables] == before
    assert [db.session.query(of).filter_by(family_id=new).count() for of in tables] == [0, 0, 0, 0]
    assert all(before)
    assert db.session.query(Booking).count() == booked
    assert (LedgerEntry.balance(first, clock.today()), LedgerEntry.balance(new, clock.today())) == (owed, 0)


def test_afterwards_each_household_reads_the_other_s_rows_and_acts_on_its_own_only(lea):
    first, child = dupont().family_id, db.session.get(Child, lea)
    new = split({lea: None})
    with db.transaction() as writing:
        own = enrolment(activity("Le soir"), writing.get_one(Family, new), child).id
    theirs = db.session.query(Enrolment.id).filter_by(family_id=first).order_by(Enrolment.id).first()[0]
    assert Slot.of_family(new, own, DAY) is not None
    assert Slot.of_family(new, theirs, DAY) is None
    assert Slot.of_family(first, own, DAY) is None
    (shown,) = Month.load(new, date(2015, 5, 1)).children
    assert {row.responsible for row in shown.rows if not row.mine} == {"DUPONT JEAN"}
    assert [row.activity for row in shown.rows if row.mine] == ["Le soir"]


def test_the_calendar_of_the_one_who_leaves_shows_only_the_new_household_s_days(lea):
    with db.transaction() as writing:
        writing.get_one(Adult, jeanne().id).account = Account.create("jeanne.dupont", "hash")
        enrolled = enrolment(activity(), dupont().family, writing.get_one(Child, lea))
        Slot.of_family(dupont().family_id, enrolled.id, DAY).ask_booking(by=Author(jeanne()), submission="one")
        CalendarFeed.open(jeanne().id)
    feed = CalendarFeed.of_adult(jeanne().id)
    assert [one.day for one in feed.days() if one.day == DAY] == [DAY]
    split({lea: None})
    assert list(CalendarFeed.of_adult(jeanne().id).days()) == []


def test_a_child_cannot_leave_the_household_that_holds_its_enrolments(lea):
    (sentence,) = obstacles({lea: jeanne().id})
    assert "LEA ne peut pas quitter le dossier de JEAN DUPONT" in sentence
    assert "Garderie matin" in sentence
    assert "dans les deux foyers" in sentence
    with pytest.raises(RefusedError, match="Rien n’est changé"):
        split({lea: jeanne().id})
    db.session.expire_all()
    assert jeanne().family_id == dupont().family_id
    assert obstacles({lea: jeanne().id}, leaving=dupont()) == []  # the way out that the sentence names


def ask_change(kind: RequestKind) -> str:
    with db.transaction() as writing:
        made = Request(
            code=new_code(), kind=kind, family_id=dupont().family_id, submitted_by=jeanne().id, submission="x"
        )
        made.lines.append(RequestLine(kind=kind, field="phone_mobile", before="", after="06 00 00 00 01"))
        writing.add(made)
        return made.code


def test_a_change_request_must_be_answered_first(lea):
    code = ask_change(RequestKind.CONJOINT)
    (sentence,) = obstacles({lea: None})
    assert code in sentence


def test_a_change_asked_of_a_child_s_file_must_be_answered_first(lea, nino):
    with db.transaction() as writing:
        family_id, kind = dupont().family_id, RequestKind.HEALTH
        made = Request(
            code="SAN-TE2", kind=kind, family_id=family_id, child_id=nino, submitted_by=jeanne().id, submission="x"
        )
        made.lines.append(RequestLine(kind=kind, field="doctor", before="", after="Dr Petit"))
        writing.add(made)
    assert "SAN-TE2" in obstacles({lea: None, nino: jeanne().id})[0]


def test_money_stays_with_the_first_file_and_both_are_told(lea):
    first = dupont().family_id
    with db.transaction() as writing:
        writing.get_one(Finances, first).iban = "FR1420041010050500013M02606"
    stays, leaves = Split(dupont().family, jeanne().id, {lea: None}).files()
    assert any("vérifiez qu’elles ne sont pas de JEANNE DUPONT" in told for told in stays.has)
    assert any("ce foyer donnera les siennes" in told for told in leaves.loses)
    new = split({lea: None})
    assert db.session.get(Finances, first).iban == "FR1420041010050500013M02606"
    assert db.session.get(Finances, new) is None


def test_without_money_or_documents_nothing_is_said_of_them(lea):
    with db.transaction() as writing:
        writing.delete(writing.get_one(Finances, dupont().family_id))
        for document in writing.query(Document):
            writing.delete(document)
    told = " ".join(line for home in Split(dupont().family, jeanne().id, {lea: None}).files()
                    for line in (*home.has, *home.loses))  # fmt: skip
    assert "fiscales" not in told
    assert "pièces" not in told


def test_the_one_who_leaves_takes_what_they_gave_for_the_children_who_leave(lea, nino):
    first = dupont().family_id
    with db.transaction() as writing:
        kind = writing.query(DocumentKind).first()
        for who, of in ((jeanne(), nino), (dupont(), nino), (jeanne(), lea), (jeanne(), None)):
            paper = {"content_type": "image/png", "size": 1, "submission": f"{who.id} {of}"}
            writing.add(Document(kind=kind, family_id=first, child_id=of, given_by=who.id, **paper))
        answers = {"sante": {"wanted": {"doctor": "Dr Petit"}, "done": False}}
        writing.add_all(DuiDraft(child_id=one, family_id=first, answers=answers) for one in (lea, nino))
    stays, _ = Split(dupont().family, jeanne().id, {lea: None, nino: jeanne().id}).files()
    assert any("sauf celles que JEANNE DUPONT a données pour le foyer ou NINO" in told for told in stays.has)
    new = split({lea: None, nino: jeanne().id})
    moved = db.session.query(Document).filter_by(family_id=new).order_by(Document.id).all()
    assert [(one.child_id, one.given_by) for one in moved] == [(nino, jeanne().id), (None, jeanne().id)]
    drafts = {(one.child_id, one.family_id) for one in db.session.query(DuiDraft)}
    assert drafts == {(lea, first), (nino, new)}


def decided(kind: RequestKind, field: str, after: str, *, by: Adult, code: str) -> None:
    with db.transaction() as writing:
        made = Request(code=code, kind=kind, family_id=dupont().family_id, submitted_by=by.id, submission=code)
        accepted = {"state": LineState.ACCEPTED, "decided_at": clock.now()}
        made.lines.append(RequestLine(kind=kind, field=field, before="", after=after, **accepted))
        writing.add(made)


@pytest.mark.parametrize("leaving", ["JEAN", "JEANNE"])
def test_what_was_asked_of_each_one_s_own_details_follows_them(lea, leaving):
    first, left = dupont().family_id, {"JEAN": dupont, "JEANNE": jeanne}[leaving]()
    record = '{"last_name": "DUPONT", "first_name": "JEANNE", "phone_mobile": "06 00 00 00 03"}'
    decided(RequestKind.RESPONSABLE, "address", "1 rue de Jean", by=jeanne(), code="JEAN-1")
    decided(RequestKind.RESPONSABLE, "situation", "Séparé", by=dupont(), code="JEAN-2")
    decided(RequestKind.CONJOINT, "address", "2 rue de Jeanne", by=dupont(), code="JEANNE-1")
    decided(RequestKind.CONJOINT, "conjoint", record, by=dupont(), code="JEANNE-2")
    decided(RequestKind.CAF, "quotient", "650", by=jeanne(), code="CAF-1")
    new = split({lea: None}, leaving=left)
    jean_s, jeanne_s = (new, first) if leaving == "JEAN" else (first, new)
    found = {one.code: one for one in db.session.query(Request)}
    homes = {code: found[code].family_id for code in ("JEAN-1", "JEAN-2", "JEANNE-1", "JEANNE-2", "CAF-1")}
    assert homes == {"JEAN-1": jean_s, "JEAN-2": jean_s, "JEANNE-1": jeanne_s, "JEANNE-2": jeanne_s, "CAF-1": first}
    kinds = {code: (found[code].kind, found[code].lines[0].kind) for code in homes}
    assert kinds["JEAN-1"] == kinds["JEAN-2"] == kinds["JEANNE-1"] == (RequestKind.RESPONSABLE,) * 2
    assert kinds["JEANNE-2"] == (RequestKind.CONJOINT,) * 2  # only this kind knows what it made
    for code in homes:
        assert found[code].lines[0].wanted, code
    listed = Listing(Whose(jeanne()), (RequestKind.RESPONSABLE,)).tables()
    assert [(row.head, row.request.code) for table in listed for row in table.rows] == [("JEANNE DUPONT", "JEANNE-1")]


def test_a_child_added_or_removed_meanwhile_is_told(lea, nino):
    assert "ont changé entre-temps" in obstacles({lea: None})[0]
    assert "ont changé entre-temps" in obstacles({lea: None, nino: None, 999: None})[0]
    assert "ont changé entre-temps" in obstacles({lea: None, nino: durand().id})[0]


def test_a_file_with_one_adult_or_merged_has_nothing_to_split(lea):
    with pytest.raises(RefusedError, match="n’a qu’un adulte"):
        Split(durand().family, durand().id, {})
    first, jean = dupont().family, dupont().id
    split({lea: None})
    with pytest.raises(RefusedError, match="n’a qu’un adulte"):
        Split(first, jean, {lea: None})
    with db.transaction():
        durand().family.merged_into = first.id
    assert "réuni à un autre" in Split.why_not(durand().family)


def test_someone_of_another_family_cannot_be_chosen(lea):
    with pytest.raises(RefusedError, match="ont changé entre-temps"):
        split({lea: None}, leaving=durand())


def test_the_journal_of_both_files_tells_it(lea):
    first, new = dupont().family_id, split({lea: None})
    told = db.session.scalars(select(Event).where(Event.kind == "family_split").order_by(Event.family_id)).all()
    assert [one.family_id for one in told] == [first, new]
    for one in told:
        assert one.actor_id == clerk().account.id
        assert one.address == "192.0.2.1"
        assert one.before["adults"] == ["JEAN DUPONT", "JEANNE DUPONT"]
        assert one.after["leaving"] == "JEANNE DUPONT"
        assert one.after["homes"] == {"LEA": "les deux foyers"}


def test_each_household_is_found_by_its_own_names(lea):
    first, new = dupont().family_id, split({lea: None})
    words = dict(db.session.execute(select(Family.id, Family.search_text)).all())
    assert " jeanne" not in words[first]
    assert " jeanne" in words[new]
    assert " lea" in words[first]
    assert " lea" in words[new]
    keys = dict(db.session.execute(select(Family.id, Family.sort_key)).all())
    assert (keys[first], keys[new]) == ("dupont jean", "dupont jeanne")


def test_the_split_is_offered_to_a_separated_family_with_two_accounts():
    family = dupont().family
    assert family.lives_apart is False  # Jeanne has no account
    with db.transaction() as writing:
        writing.get_one(Adult, jeanne().id).account = Account.create("jeanne.dupont", "hash")
    assert dupont().family.lives_apart is True
    with db.transaction():
        dupont().family.situation = "Marié"
    assert dupont().family.lives_apart is False


def test_two_agents_at_once_split_it_once(lea):
    first, leaving = dupont().family_id, jeanne().id
    db.session.remove()

    def work(which, meet):
        meet()
        with db.transaction():
            (family,) = Family.lock(first)
            return Split(family, leaving, {lea: None}).carry_out(by=clerk()).number

    told = two_at_once(work)
    assert sum(isinstance(one, RefusedError) for one in told) == 1
    assert db.session.query(Family).filter_by(situation="Séparé").count() == 2
