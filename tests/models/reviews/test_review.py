"""Prise en charge and decisions: who may answer, once, and what the family and the journal get."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import update

from app import clock, db
from app.models.accounts import Account
from app.models.enrolments import Booking, BookingState
from app.models.event import Event
from app.models.families.author import Author
from app.models.jobs import Job
from app.models.places import PoolDay
from app.models.places.door import Override
from app.models.planning.slot import Slot
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.reviews import Batch
from app.models.reviews.review import Review
from app.models.town import Approval, Structure
from tests.builders import DAY, activity, clerk, dupont, durand, enrolment

pytestmark = pytest.mark.usefixtures("inside")


def asked(*days, adult=None, **how) -> int:
    """A request of these days of one enrolment, in an activity where an agent decides."""
    with db.transaction():
        who = adult or dupont()
        row = enrolment(activity(approval=Approval.MANUAL, **how), who.family)
        request = Slot.of_family(who.family_id, row.id, days[0] if days else DAY).ask_booking(
            by=Author(who), submission=f"s{row.id}"
        )
        for day in days[1:]:
            request.lines.append(RequestLine(enrolment_id=row.id, day=day, kind=RequestKind.BOOKING))
        db.session.flush()
        return request.id


def agent(name="guichet"):
    return Account.named(name).agent


def review(number, who="guichet") -> Review:
    return Review.locked(clerk(who), number)


def act(number, verb, who="guichet"):
    with db.transaction():
        verb(review(number, who))


def accept(number, who="guichet", *, line=0, version=1, **how):
    act(number, lambda one: one.accept(one.request.lines[line].id, version=version, **how), who)


def refuse(number, reason, who="guichet"):
    act(number, lambda one: one.refuse(one.request.lines[0].id, version=1, reason=reason), who)


def states(number) -> list[LineState]:
    db.session.rollback()
    return [line.state for line in db.session.get(Request, number).lines]


def test_taking_tells_the_family_that_it_is_being_dealt_with():
    number = asked()
    act(number, lambda one: one.take())
    assert states(number) == [LineState.IN_REVIEW]
    assert db.session.get(Request, number).taker.name == "Claire Vidal"
    act(number, lambda one: one.release())
    assert states(number) == [LineState.SUBMITTED]
    assert db.session.get(Request, number).taken_by is None


def test_what_one_agent_has_another_takes_over_but_does_not_decide():
    number = asked()
    act(number, lambda one: one.take())
    for verb in (lambda: accept(number, "admin"), lambda: act(number, lambda one: one.release(), "admin")):
        with pytest.raises(RefusedError, match="Claire Vidal traite cette demande"):
            verb()
    taker = agent().id
    act(number, lambda one: one.take_over(taken_by=taker), "admin")
    with pytest.raises(RefusedError, match="changé de mains"):
        act(number, lambda one: one.take_over(taken_by=taker), "admin")
    accept(number, "admin")
    assert states(number) == [LineState.ACCEPTED]


def test_accepting_books_and_is_written_with_the_agent_s_name():
    number = asked(places=1)
    accept(number)
    assert db.session.query(Booking).filter_by(day=DAY, state=BookingState.BOOKED).count() >= 1
    line = db.session.get(Request, number).lines[0]
    assert line.decider.name == "Claire Vidal"
    noted = db.session.query(Event).filter_by(kind="line_accepted", subject_id=line.id).one()
    assert noted.actor_id == agent().account_id
    assert noted.family_id == dupont().family_id


def test_a_refusal_needs_a_reason():
    number = asked()
    with pytest.raises(RefusedError, match="dire pourquoi"):
        refuse(number, "  ")
    assert states(number) == [LineState.SUBMITTED]
    refuse(number, "Plus de place")
    assert db.session.get(Request, number).lines[0].decision_reason == "Plus de place"


def test_a_decided_line_is_not_decided_again_and_says_by_whom():
    number = asked()
    accept(number)
    with pytest.raises(RefusedError, match="déjà acceptée par Claire Vidal"):
        refuse(number, "Trop tard", "admin")
    assert states(number) == [LineState.ACCEPTED]


def test_a_line_that_the_family_withdrew_is_not_decided():
    number = asked()
    with db.transaction():
        line = db.session.get(Request, number).lines[0]
        Slot.of_family(dupont().family_id, line.enrolment_id, DAY).withdraw(by=Author(dupont()))
    with pytest.raises(RefusedError, match="déjà retirée"):
        accept(number)


def test_a_line_that_the_family_amended_is_read_again_first():
    number = asked()
    with db.transaction():
        db.session.get(Request, number).lines[0].version = 2
    with pytest.raises(RefusedError, match="a modifié sa demande"):
        accept(number, version=1)
    accept(number, version=2)
    assert states(number) == [LineState.ACCEPTED]


def test_a_full_day_takes_an_explicit_override_which_is_logged():
    number = asked(places=0)
    with pytest.raises(RefusedError, match="ne reste plus de place"):
        accept(number)
    accept(number, override=Override(capacity=True))
    assert db.session.query(PoolDay).filter_by(day=DAY).one().forced == 1
    noted = db.session.query(Event).filter_by(kind="override_used").one()
    assert noted.after["override"] == ["capacity"]


def test_an_override_needs_the_permission():
    number = asked(places=0)
    with db.transaction():
        agent("animation").structures = db.session.query(Structure).all()
    with pytest.raises(RefusedError, match="passer outre"):
        accept(number, "animation", override=Override(capacity=True))
    assert states(number) == [LineState.WAITING_LIST]


def test_who_is_limited_to_structures_sees_only_their_requests():
    number = asked()
    db.session.rollback()
    assert Review.of(clerk("animation"), number) is None
    with db.transaction():
        agent("animation").structures = [db.session.get(Request, number).lines[0].enrolment.activity.structure]
    assert Review.of(clerk("animation"), number) is not None


def test_everything_at_once_or_nothing():
    days = (DAY, DAY + timedelta(days=1), DAY + timedelta(days=3))  # the last is a Saturday: not open
    number = asked(*days)
    with pytest.raises(RefusedError, match="Rien n’a été accepté"):
        act(number, lambda one: one.accept_all(seen=one.stamp))
    assert set(states(number)) == {LineState.SUBMITTED}
    act(number, lambda one: one.refuse_all(reason="Fermé", seen=one.stamp))
    assert set(states(number)) == {LineState.REFUSED}


def test_the_family_gets_one_mail_when_all_is_answered_and_it_tells_no_reason():
    number = asked(DAY, DAY + timedelta(days=1))
    accept(number)
    assert decided_mails() == []
    act(number, lambda one: one.refuse(one.request.lines[1].id, version=1, reason="Secret de famille"))
    (mail,) = decided_mails()
    assert mail["context"]["code"] == db.session.get(Request, number).code
    assert "Secret" not in str(mail)


def decided_mails() -> list[dict]:
    db.session.rollback()
    sent = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
    return [payload for payload in sent if payload["template"] == "request_decided"]


def changed(field="phone_mobile", before="", after="06 00 00 00 00") -> int:
    with db.transaction() as writing:
        adult = dupont()
        request = Request(
            code="CHG-001",
            kind=RequestKind.RESPONSABLE,
            family_id=adult.family_id,
            submitted_by=adult.id,
            submission="change",
            submitted_at=clock.local_now(),
        )
        request.lines.append(RequestLine(kind=RequestKind.RESPONSABLE, field=field, before=before, after=after))
        writing.add(request)
        writing.flush()
        return request.id


def test_a_change_is_written_when_accepted_and_not_before():
    number = changed()
    assert dupont().phone_mobile == ""
    accept(number)
    db.session.rollback()
    assert dupont().phone_mobile == "06 00 00 00 00"


def test_a_change_is_refused_when_the_file_changed_meanwhile():
    number = changed()
    with db.transaction():
        dupont().phone_mobile = "07 11 11 11 11"
    with pytest.raises(RefusedError, match="07 11 11 11 11"):
        accept(number)
    assert states(number) == [LineState.SUBMITTED]


def test_changes_to_files_are_not_for_who_is_limited_to_structures():
    number = changed()
    with db.transaction():
        agent("animation").structures = db.session.query(Structure).all()
    assert Review.of(clerk("animation"), number) is None


def test_the_old_and_new_values_are_not_readable_in_the_file():
    changed(after="06 98 76 54 32")
    raw = db.session.connection().exec_driver_sql("SELECT after FROM request_line WHERE field IS NOT NULL").scalar()
    assert "06 98" not in raw


def decided_by_two(app, monkeypatch, number) -> list[str]:
    """Two agents decide at once, and each waits, once the line was found free, for the other to find it so."""
    outcomes, together, found_free = [], threading.Barrier(2), Review.to_decide

    def wait_for_the_other(self, *what):
        line = found_free(self, *what)
        with suppress(threading.BrokenBarrierError):
            together.wait(timeout=1)
        return line

    def decide(who: str) -> None:
        with app.app_context():
            try:
                accept(number, who) if who == "guichet" else refuse(number, "Plus de place", who)
                outcomes.append("done")
            except RefusedError as closed:
                outcomes.append(str(closed))

    monkeypatch.setattr(Review, "to_decide", wait_for_the_other)
    threads = [threading.Thread(target=decide, args=(who,)) for who in ("guichet", "admin")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()  # the threads wrote in sessions of their own: nothing kept here is fresh
    return outcomes


def test_of_two_agents_at_the_same_instant_one_wins_the_other_reads_why(app, monkeypatch):
    number = asked(places=1)
    outcomes = decided_by_two(app, monkeypatch, number)
    assert outcomes.count("done") == 1
    assert any("Cette ligne est déjà" in told for told in outcomes)
    line = db.session.get(Request, number).lines[0]
    booked = db.session.query(Booking).filter_by(enrolment_id=line.enrolment_id, day=DAY).count()
    assert booked == (1 if line.state is LineState.ACCEPTED else 0)


def test_without_the_lock_both_would_decide(app, monkeypatch, engine_name):
    """The negative control, on PostgreSQL: SQLite lets one transaction write at a time in any case."""
    if engine_name == "sqlite":
        pytest.skip("one writer at a time")
    number = asked(places=1)
    monkeypatch.setattr(Review, "locked", Review.of)
    assert decided_by_two(app, monkeypatch, number) == ["done", "done"]


def test_the_family_s_other_requests_stand_beside_it_and_nobody_else_s():
    first, second, theirs = asked(), asked(name="Deux"), asked(adult=durand(), name="Autre")
    db.session.rollback()
    assert [one.id for one in Review.of(clerk(), first).others()] == [second]
    assert Review.of(clerk(), theirs).others() == []


def shared_by_two_structures() -> int:
    """A request about two structures; animation works for the first."""
    with db.transaction() as writing:
        other = Structure(name="Autre structure")
        writing.add(other)
        writing.flush()
        number = activity("Ailleurs", structure=other)
        row = enrolment(number, dupont().family)
        agent("animation").structures = db.session.query(Structure).filter(Structure.id != other.id).all()
        other_row = row.id
    number = asked()
    with db.transaction():
        secret = RequestLine(enrolment_id=other_row, day=DAY, kind=RequestKind.ABSENCE, motif="Chez le cardiologue")
        about = db.session.get(Request, number)
        about.lines.append(secret)
    return number


def test_the_lines_of_other_structures_are_neither_read_nor_decided():
    number = shared_by_two_structures()
    db.session.rollback()
    seen = Review.of(clerk("animation"), number)
    assert len(seen.lines) == 1
    assert len(seen.request.lines) == 2
    assert len(Review.of(clerk(), number).lines) == 2
    with pytest.raises(RefusedError, match="pas de vos structures"):
        act(number, lambda one: one.accept(one.request.lines[1].id, version=1), "animation")


def test_a_lot_holds_only_the_lines_of_the_agent_s_structures():
    number = shared_by_two_structures()
    with db.transaction():
        lot = Batch.open(clerk("animation"), [number])
        assert sum(lot.counts.values()) == 1
        assert sum(Batch.open(clerk(), [number]).counts.values()) == 2


def test_what_was_read_before_the_lock_is_read_again_under_it():
    number = asked()
    with db.transaction() as writing:
        line = writing.get(Request, number).lines[0]
        writing.execute(update(RequestLine.__table__).where(RequestLine.id == line.id).values(state="withdrawn"))
        assert line.state is LineState.SUBMITTED  # as it was read
        assert review(number).request.lines[0].state is LineState.WITHDRAWN


def test_the_former_address_is_warned_of_a_new_one():
    with db.transaction():
        dupont().email = "ancienne@famille.example"
    accept(changed("email", "ancienne@famille.example", "nouvelle@famille.example"), opens_account=True)
    db.session.rollback()
    assert dupont().email == "nouvelle@famille.example"
    mails = [job.payload for job in db.session.query(Job).filter_by(kind="mail")]
    assert "ancienne@famille.example" in [mail["to"] for mail in mails if mail["template"] == "email_changed"]
