"""Asking for a change of the file: amended while it waits, applied when accepted, refused when it is stale."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from app import db
from app.models.accounts import Account
from app.models.changes import change
from app.models.changes.three_way import Wish, standing
from app.models.event import Event
from app.models.families import Adult, Authority, Child, Consent, Contact, Family, Finances, HealthAlert
from app.models.families.author import Author
from app.models.families.sections.account import BANQUE, CAF, CONJOINT, FISCALES, RESPONSABLE
from app.models.families.sections.child import AUTHORISATIONS, ENROLMENT, HEALTH, INSURANCE, PERSONS
from app.models.families.sections.values import Sheet
from app.models.jobs import Job
from app.models.refusal import RefusedError
from app.models.requests import Amendment, LineState, Request, RequestLine
from app.models.reviews.review import Review
from app.models.stale import ChangedMeanwhileError
from app.models.upload import Paper
from tests.builders import activity, clerk, dupont, durand

IBAN = "FR7630006000011234567890189"
OTHER = "FR1420041010050500013M02606"
NOTHING = {"phone_mobile": ""}
GARCIA = {"civility": "Monsieur", "last_name": "GARCIA", "first_name": "Paul", "phone_mobile": "06 39 98 00 11"}


@pytest.fixture(autouse=True)
def inside(app):
    with app.app_context():
        yield


def jeanne() -> Adult:
    return db.session.query(Adult).filter_by(first_name="JEANNE").one()


def ask(section=RESPONSABLE, *, by=dupont, submission="one", paper=None, seen=None, **wanted) -> int:
    """`seen`: what the page showed; of what is not there, what stood at that instant."""
    with db.transaction():
        adult = by()
        sheet = Sheet(section, adult.family_id)
        wish = Wish(sheet, wanted, seen or {})
        return change.ask(section.kind, [wish], by=Author(adult), submission=submission, paper=paper).id


def decide(number: int, verb, who: str = "guichet") -> None:
    with db.transaction():
        verb(Review.locked(clerk(who), number))


def accept(number: int, version: int = 1) -> None:
    decide(number, lambda one: [one.accept(line.id, version=version) for line in one.pending])


def lines() -> list[RequestLine]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.query(RequestLine).filter(RequestLine.field.is_not(None)).order_by(RequestLine.id))


def test_the_form_sent_twice_is_one_request():
    first = ask(phone_mobile="06 39 98 00 11")
    assert ask(phone_mobile="06 39 98 00 11") == first
    assert len(lines()) == 1
    assert db.session.query(Job).filter_by(kind="mail").count() == 1


def test_what_the_other_adult_asked_meanwhile_is_not_undone_by_an_older_page():
    seen = Sheet(RESPONSABLE, dupont().family_id).texts()
    ask(by=jeanne, phone_mobile="06 39 98 00 11")
    ask(submission="two", seen=seen, **{**seen, "profession": "Boulanger"})
    assert {line.field: line.after for line in lines()} == {
        "phone_mobile": "06 39 98 00 11",
        "profession": "Boulanger",
    }


def test_amended_while_an_agent_has_it_it_goes_back_to_the_queue_and_the_old_answer_is_refused():
    number = ask(phone_mobile="06 39 98 00 11")
    decide(number, lambda one: one.take())
    assert lines()[0].state is LineState.IN_REVIEW
    assert ask(submission="two", phone_mobile="06 39 98 00 22") == number
    (line,) = lines()
    assert (line.state, line.version, line.after) == (LineState.SUBMITTED, 2, "06 39 98 00 22")
    with pytest.raises(RefusedError, match="La famille a modifié sa demande entre-temps"):
        accept(number)
    assert dupont().phone_mobile == ""
    accept(number, version=2)
    db.session.expire_all()
    assert dupont().phone_mobile == "06 39 98 00 22"
    assert {event.kind for event in db.session.query(Event)} >= {"line_submitted", "line_amended", "line_accepted"}


def test_nothing_changed_is_refused_though_something_waits():
    ask(phone_mobile="06 39 98 00 11")
    with pytest.raises(RefusedError, match="Rien n’est changé"):
        ask(submission="two", phone_mobile="06 39 98 00 11")
    assert [(line.after, line.version) for line in lines()] == [("06 39 98 00 11", 1)]


def test_a_field_added_while_an_agent_has_the_request_joins_it_and_waits():
    number = ask(phone_mobile="06 39 98 00 11")
    decide(number, lambda one: one.take())
    assert ask(submission="two", profession="Boulanger") == number
    assert [line.state for line in lines()] == [LineState.IN_REVIEW, LineState.SUBMITTED]


def test_one_decided_is_not_amended_but_asked_anew():
    first = ask(phone_mobile="06 39 98 00 11")
    accept(first)
    second = ask(submission="two", phone_mobile="06 39 98 00 22")
    assert second != first
    assert [(line.before, line.after) for line in lines()] == [
        ("", "06 39 98 00 11"),
        ("06 39 98 00 11", "06 39 98 00 22"),
    ]


def test_an_amendment_starts_from_what_the_file_says_now():
    number = ask(phone_mobile="06 39 98 00 11")
    with db.transaction():
        dupont().phone_mobile = "07 00 00 00 00"
    with pytest.raises(RefusedError, match=r"Mobile est maintenant «\s07 00 00 00 00\s»"):
        accept(number)
    ask(submission="two", phone_mobile="06 39 98 00 33", seen={"phone_mobile": "06 39 98 00 11"})
    accept(number, version=2)
    db.session.expire_all()
    assert dupont().phone_mobile == "06 39 98 00 33"


def test_sent_again_as_it_waits_it_starts_from_what_the_file_says_now():
    number = ask(phone_mobile="06 39 98 00 11")
    with db.transaction():
        dupont().phone_mobile = "07 00 00 00 00"
    page = standing(Sheet(RESPONSABLE, dupont().family_id), change.pending(dupont().family_id))
    assert page["phone_mobile"] == "06 39 98 00 11"
    assert ask(submission="two", seen=page, **page) == number
    (line,) = lines()
    assert (line.before, line.after, line.version) == ("07 00 00 00 00", "06 39 98 00 11", 2)
    accept(number, version=2)
    db.session.expire_all()
    assert dupont().phone_mobile == "06 39 98 00 11"


def test_what_the_file_says_by_itself_meanwhile_is_not_asked_any_more_once_sent_again():
    ask(phone_mobile="06 39 98 00 11")
    with db.transaction():
        dupont().phone_mobile = "06 39 98 00 11"
    ask(submission="two", phone_mobile="06 39 98 00 11")
    assert lines()[0].state is LineState.WITHDRAWN


def test_an_account_number_left_blank_is_asked_again_when_the_file_got_another():
    ask(BANQUE, iban=IBAN)
    with db.transaction() as writing:
        writing.get_one(Finances, dupont().family_id).iban = OTHER
    ask(BANQUE, submission="two")
    (line,) = lines()
    assert (line.before, line.after, line.version) == (OTHER, IBAN, 2)


def test_a_paper_that_waits_does_not_keep_the_old_figure_in_the_form():
    known(quotient="650")
    ask(CAF, paper=paper(), quotient="650")
    known(quotient="742")
    sheet = Sheet(CAF, dupont().family_id)
    assert standing(sheet, change.pending(sheet.family_id))["quotient"] == "742"


def test_a_merged_file_takes_no_more_requests():
    with db.transaction() as writing:
        writing.get_one(Family, dupont().family_id).merged_into = durand().family_id
    with pytest.raises(RefusedError, match="réuni à un autre"):
        ask(phone_mobile="06 39 98 00 11")


def test_a_direct_debit_without_an_account_is_not_accepted():
    number = ask(BANQUE, direct_debit="oui")
    with pytest.raises(RefusedError, match="demande un IBAN"):
        accept(number)
    ask(BANQUE, submission="two", iban=IBAN)
    decide(number, lambda one: one.accept(one.request.lines[1].id, version=1))
    accept(number)
    db.session.expire_all()
    kept = db.session.get(Finances, dupont().family_id)
    assert (kept.iban, kept.direct_debit) == (IBAN, "oui")


def ask_conjoint(submission="one", **values) -> int:
    with db.transaction():
        return change.ask_for(CONJOINT, {**GARCIA, **values}, by=Author(durand()), submission=submission).id


def test_a_conjoint_that_is_accepted_is_an_adult_of_the_file():
    number = ask_conjoint()
    assert ask_conjoint() == number
    assert len(durand().family.adults) == 1
    accept(number)
    db.session.expire_all()
    made = durand().family.adults[1]
    assert (made.full_name, made.rank, made.phone_mobile, made.account) == ("PAUL GARCIA", 2, "06 39 98 00 11", None)
    assert db.session.query(Event).filter_by(kind="adult_added", subject_id=made.id).count() == 1


def test_a_conjoint_asked_for_twice_is_one_line_amended():
    number = ask_conjoint()
    assert ask_conjoint("two", first_name="Pablo") == number
    (line,) = lines()
    assert line.version == 2
    with pytest.raises(RefusedError, match="a modifié sa demande"):
        accept(number)
    accept(number, version=2)
    db.session.expire_all()
    assert "PABLO" in durand().family.adults[1].full_name


def test_a_conjoint_is_not_added_to_a_file_that_got_one_meanwhile():
    number = ask_conjoint()
    with db.transaction() as writing:
        values = {"civility": "Monsieur", "last_name": "AUTRE", "first_name": "Luc"}
        writing.add(Adult(family_id=durand().family_id, rank=2, **values))
    with pytest.raises(RefusedError, match="déjà deux adultes"):
        accept(number)


def both_at_once(app, monkeypatch, *wanted: dict[str, str]) -> list[object]:
    """Two adults send a form at the same instant: each waits, before it takes its turn, for the other to be there."""
    outcomes, together, lock = [], threading.Barrier(len(wanted)), change._lock

    def wait_for_the_other(*what):
        if together.n_waiting < len(wanted) and not together.broken:
            with suppress(threading.BrokenBarrierError):  # on SQLite the other waits for the file
                together.wait(timeout=1)
        return lock(*what)

    def send(number: int, fields: dict[str, str]) -> None:
        with app.app_context():
            try:
                sent = ask(by=dupont if number == 0 else jeanne, submission=f"s{number}", seen=NOTHING, **fields)
                outcomes.append(sent)
            except (RefusedError, ChangedMeanwhileError) as told:
                outcomes.append(str(told))

    monkeypatch.setattr(change, "_lock", wait_for_the_other)
    threads = [threading.Thread(target=send, args=one) for one in enumerate(wanted)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    return outcomes


def test_two_adults_at_the_same_instant_never_leave_two_open_lines_of_one_field(app, monkeypatch):
    outcomes = both_at_once(app, monkeypatch, {"phone_mobile": "06 39 98 00 11"}, {"phone_mobile": "06 39 98 00 22"})
    (line,) = lines()
    (told,) = (one for one in outcomes if isinstance(one, str))
    assert line.version == 1
    assert told == "phone_mobile" or "Une autre demande vient de partir" in told


def test_without_the_turn_both_would(app, monkeypatch, engine_name):
    """The negative control, on PostgreSQL: SQLite lets one transaction write at a time in any case."""
    if engine_name == "sqlite":
        pytest.skip("one writer at a time")
    together = threading.Barrier(2)

    def see_the_same(family_id, child_id):
        together.wait(timeout=5)
        return set(range(1000))

    def send(number: int) -> None:
        with app.app_context():
            ask(by=dupont if number == 0 else jeanne, submission=f"s{number}", phone_mobile=f"06 39 98 00 {number}1")

    pending = change.pending

    def read_together(*what):
        found = pending(*what)
        together.wait(timeout=5)
        return found

    monkeypatch.setattr(change, "_lock", see_the_same)
    monkeypatch.setattr(change, "pending", read_together)
    threads = [threading.Thread(target=send, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines()) == 2


def test_a_family_that_amends_and_an_agent_who_accepts_at_once_never_lock_each_other_out(app):
    number = ask(phone_mobile="06 39 98 00 11")
    told: list[str] = []

    def amend() -> None:
        with app.app_context():
            for turn in range(8):
                ask(submission=f"a{turn}", phone_mobile=f"06 39 98 01 {turn:02d}")
            told.append("asked")

    def answer() -> None:
        with app.app_context():
            for _ in range(8):
                with db.transaction():
                    review = Review.locked(clerk(), number)
                    for line in review.pending:
                        review.accept(line.id, version=line.version)
            told.append("answered")

    threads = [threading.Thread(target=work) for work in (amend, answer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(told) == ["answered", "asked"]


def test_a_paper_is_forgotten_when_nothing_waits_any_more_and_not_before():
    paper = Paper("a" * 32, "application/pdf", 12)
    number = ask(CAF, paper=paper, quotient="742", fund_number="1234567")
    decide(number, lambda one: one.accept(one.pending[0].id, version=1))
    assert db.session.get(Request, number).proof is not None
    assert db.session.query(Job).filter_by(kind="forget_file").count() == 0
    decide(number, lambda one: one.refuse(one.pending[0].id, version=1, reason="Illisible"))
    db.session.expire_all()
    assert db.session.get(Request, number).proof is None
    (job,) = db.session.query(Job).filter_by(kind="forget_file")
    assert job.payload == {"key": "a" * 32}


def test_another_paper_takes_the_place_of_the_first():
    number = ask(CAF, paper=Paper("a" * 32, "application/pdf", 12), quotient="742")
    ask(CAF, submission="two", paper=Paper("b" * 32, "image/png", 5), quotient="743")
    db.session.expire_all()
    assert db.session.get(Request, number).proof.storage_key == "b" * 32
    (job,) = db.session.query(Job).filter_by(kind="forget_file")
    assert job.payload == {"key": "a" * 32}


def steps() -> list[tuple[str, dict[str, str] | None]]:
    """What the journal says of the lines, oldest first."""
    noted = db.session.query(Event).filter(Event.kind.startswith("line_")).order_by(Event.id)
    return [(event.kind, event.after) for event in noted]


def test_a_paper_that_replaces_the_one_an_agent_read_sends_the_line_back_and_is_noted():
    number = ask(FISCALES, paper=paper("a"), tax_income="21000")
    decide(number, lambda one: one.take())
    assert ask(FISCALES, submission="two", paper=paper("b")) == number
    (line,) = lines()
    assert (line.state, line.version, line.after) == (LineState.SUBMITTED, 2, "21000")
    with pytest.raises(RefusedError, match="La famille a modifié sa demande entre-temps"):
        accept(number)
    accept(number, version=2)
    assert [kind for kind, _ in steps()] == ["line_submitted", "line_paper_replaced", "line_accepted"]
    assert steps()[1] == ("line_paper_replaced", {"line": "Revenu fiscal de référence"})


def test_a_first_paper_sends_back_what_waited_without_one_and_not_what_comes_with_it():
    number = ask(CAF, quotient="742")
    decide(number, lambda one: one.take())
    ask(CAF, submission="two", paper=paper(), fund_number="1234567")
    assert [(line.field, line.version, line.state) for line in lines()] == [
        ("quotient", 2, LineState.SUBMITTED),
        ("fund_number", 1, LineState.SUBMITTED),
    ]
    assert {kind for kind, _ in steps()} == {"line_submitted", "line_paper_joined"}


def test_a_paper_sent_with_the_first_demand_is_part_of_it():
    ask(CAF, paper=paper(), quotient="742")
    assert [line.version for line in lines()] == [1]
    assert [kind for kind, _ in steps()] == ["line_submitted"]


def test_what_is_secret_is_named_in_the_journal_and_not_told():
    number = ask(BANQUE, iban=IBAN)
    ask(BANQUE, submission="two", iban=OTHER)
    accept(number, version=2)
    noted = [event for event in db.session.query(Event) if event.kind.startswith("line_")]
    assert {event.kind for event in noted} == {"line_submitted", "line_amended", "line_accepted"}
    assert all(event.before is None and event.after == {"line": "IBAN"} for event in noted)


def test_the_receipt_is_for_who_asked_added_or_amended():
    with db.transaction():
        jeanne().email = "jeanne@example.org"
    number = ask(phone_mobile="06 39 98 00 11")
    ask(by=jeanne, submission="two", profession="Boulanger", phone_mobile="06 39 98 00 22")
    ask(by=jeanne, submission="three", phone_mobile="06 39 98 00 33")
    ask(by=jeanne, submission="four", phone_mobile="")
    code = db.session.get_one(Request, number).code
    sent = [
        (job.payload["to"], job.payload["context"]["code"]) for job in db.session.query(Job).filter_by(kind="mail")
    ]
    assert sent == [("jean.dupont@wanadoo.fr", code), ("jeanne@example.org", code), ("jeanne@example.org", code)]


# What an older page shows


PEANUT, PENICILLIN, WASPS = ["food", "arachide"], ["drug", "pénicilline"], ["other", "guêpes"]


def lea() -> int:
    return Child.of_family(dupont().family_id)[0].id


def rows(*said: list[str]) -> str:
    return HEALTH.field("alerts").text([{"kind": kind, "text": text} for kind, text in said])


def ask_of_lea(section, *, by=dupont, submission="one", seen=None, agent="", **wanted) -> int:
    with db.transaction():
        author = Author(by(), Account.named(agent).agent if agent else None)
        wish = Wish(Sheet(section, author.adult.family_id, lea()), wanted, seen or {})
        return change.ask(section.kind, [wish], by=author, submission=submission).id


def alerts() -> list[list[str]]:
    return [[one.kind, one.text] for one in db.session.query(HealthAlert).order_by(HealthAlert.id)]


def test_what_two_pages_add_to_a_list_is_all_asked():
    ask_of_lea(HEALTH, seen={"alerts": ""}, alerts=rows(PEANUT))
    number = ask_of_lea(HEALTH, submission="two", seen={"alerts": ""}, alerts=rows(PENICILLIN))
    assert [line.after for line in lines()] == [rows(PEANUT, PENICILLIN)]
    accept(number, version=2)
    third = ask_of_lea(HEALTH, submission="three", seen={"alerts": ""}, alerts=rows(WASPS))
    accept(third)
    assert alerts() == [PEANUT, PENICILLIN, WASPS]


def test_what_an_older_page_takes_off_a_list_goes_and_nothing_else():
    accept(ask_of_lea(HEALTH, alerts=rows(PEANUT, WASPS)))
    seen = {"alerts": rows(PEANUT, WASPS)}
    ask_of_lea(HEALTH, submission="two", alerts=rows(PEANUT, WASPS, PENICILLIN))
    number = ask_of_lea(HEALTH, submission="three", seen=seen, alerts=rows(WASPS))
    accept(number, version=2)
    assert alerts() == [WASPS, PENICILLIN]


def test_what_the_file_gained_while_a_list_waited_is_kept_by_the_amendment():
    number = ask_of_lea(HEALTH, alerts=rows(PEANUT))
    with db.transaction() as writing:
        writing.add(HealthAlert(child_id=lea(), kind="drug", text="pénicilline"))
    with pytest.raises(RefusedError, match="a changé entre-temps"):
        accept(number)
    shown = standing(Sheet(HEALTH, dupont().family_id, lea()), change.pending(dupont().family_id, lea()))
    assert shown["alerts"] == rows(PENICILLIN, PEANUT)
    ask_of_lea(HEALTH, submission="two", seen=shown, alerts=rows(PENICILLIN, PEANUT, WASPS))
    accept(number, version=2)
    assert alerts() == [PENICILLIN, PEANUT, WASPS]


def test_a_list_of_people_is_joined_too():
    who = [{"role": "collects", "name": name, "link": "", "phone": ""} for name in ("Paul PETIT", "Rose PETIT")]
    paul, rose = (PERSONS.field("contacts").text([one]) for one in who)
    ask_of_lea(PERSONS, seen={"contacts": ""}, contacts=paul)
    accept(ask_of_lea(PERSONS, by=jeanne, submission="two", seen={"contacts": ""}, contacts=rose), version=2)
    assert [one.name for one in Contact.of_child(lea())] == ["Paul PETIT", "Rose PETIT"]


def test_a_field_that_changed_since_the_page_was_shown_is_told_and_nothing_is_asked():
    ask(by=jeanne, phone_mobile="06 39 98 00 11")
    with pytest.raises(ChangedMeanwhileError) as told:
        ask(submission="two", seen=NOTHING, phone_mobile="06 39 98 00 22", profession="Boulanger")
    assert told.value.now == {"phone_mobile": "06 39 98 00 11"}
    assert [(line.field, line.after) for line in lines()] == [("phone_mobile", "06 39 98 00 11")]
    assert db.session.query(Amendment).count() == 0


def test_what_an_older_page_leaves_or_asks_alike_is_no_matter():
    ask(by=jeanne, phone_mobile="06 39 98 00 11", csp="Employé")
    seen = NOTHING | {"csp": "", "profession": ""}
    ask(submission="two", seen=seen, phone_mobile="06 39 98 00 11", csp="", profession="Boulanger")
    assert {line.field: line.after for line in lines()} == {
        "phone_mobile": "06 39 98 00 11",
        "csp": "Employé",
        "profession": "Boulanger",
    }


def test_an_account_number_that_changed_meanwhile_is_told_by_its_end():
    ask(BANQUE, by=jeanne, iban=IBAN)
    with pytest.raises(ChangedMeanwhileError) as told:
        ask(BANQUE, submission="two", seen={"iban": ""}, iban=OTHER)
    assert told.value.now == {"iban": "••••\u00a00189"}
    ask(BANQUE, submission="two", seen=told.value.now, iban=OTHER)
    assert [line.after for line in lines()] == [OTHER]


# Who asked


def test_an_authorisation_is_signed_by_who_gave_it_last():
    ask_of_lea(AUTHORISATIONS, leaves_alone="non", outings="oui")
    number = ask_of_lea(AUTHORISATIONS, by=jeanne, submission="two", leaves_alone="oui", swimming="oui")
    decide(number, lambda one: one.accept_all(seen=one.stamp))
    signed = {one.kind: (one.granted, one.signatory) for one in db.session.query(Consent)}
    assert signed == {
        "leaves_alone": (True, "JEANNE DUPONT"),
        "outings": (True, "JEAN DUPONT"),
        "swimming": (True, "JEANNE DUPONT"),
    }


def test_it_is_signed_on_the_day_of_the_last_word():
    number = ask_of_lea(AUTHORISATIONS, leaves_alone="non", outings="oui")
    with db.transaction():
        asked = db.session.get_one(Request, number)
        asked.submitted_at -= timedelta(days=9)
    ask_of_lea(AUTHORISATIONS, submission="two", leaves_alone="oui")
    decide(number, lambda one: one.accept_all(seen=one.stamp))
    days = {one.kind: one.signed_on.isoformat() for one in db.session.query(Consent)}
    assert days == {"leaves_alone": "2015-05-04", "outings": "2015-04-25"}


def test_what_an_agent_entered_and_a_parent_amended_is_the_parent_s():
    ask_of_lea(AUTHORISATIONS, agent="guichet", leaves_alone="oui", outings="oui")
    ask_of_lea(AUTHORISATIONS, submission="two", leaves_alone="non")
    names = {line.field: line.author.name for line in lines()}
    assert names == {
        "leaves_alone": "JEAN DUPONT (Père)",
        "outings": "Claire Vidal, du service, pour la famille",
    }
    ask_of_lea(AUTHORISATIONS, submission="three", agent="guichet", leaves_alone="oui", swimming="oui")
    assert {line.author.name for line in lines()} == {"Claire Vidal, du service, pour la famille"}


def lose_authority(who) -> None:
    with db.transaction() as writing:
        writing.query(Authority).filter_by(adult_id=who().id, child_id=lea()).delete()


def test_what_a_parent_without_authority_any_more_asked_is_not_applied():
    number = ask_of_lea(AUTHORISATIONS, leaves_alone="oui")
    other = ask_of_lea(INSURANCE, submission="two", insurer="MAIF")
    lose_authority(dupont)
    for one in (number, other):
        with pytest.raises(RefusedError, match="JEAN DUPONT n’a plus l’autorité parentale"):
            accept(one)
    assert db.session.query(Consent).count() == 0
    with pytest.raises(RefusedError, match="Rien n’est changé"):
        ask_of_lea(AUTHORISATIONS, by=jeanne, submission="three", leaves_alone="oui", seen={"leaves_alone": "oui"})
    ask_of_lea(AUTHORISATIONS, by=jeanne, submission="four", leaves_alone="non")
    accept(number, version=2)
    assert [(one.granted, one.signatory) for one in db.session.query(Consent)] == [(False, "JEANNE DUPONT")]


def test_an_enrolment_that_a_parent_without_authority_any_more_asked_is_not_made():
    with db.transaction():
        record = {"activity_id": str(activity("Club").id), "first_day": "2015-06-01"}
        record |= {"even_weeks": "2", "odd_weeks": "2", "last_day": ""}
        number = change.ask_for(ENROLMENT, record, by=Author(dupont()), submission="new", child_id=lea()).id
    lose_authority(dupont)
    with pytest.raises(RefusedError, match="n’a plus l’autorité parentale"):
        accept(number)


# Sent twice


def test_a_form_that_amended_or_withdrew_gets_the_same_receipt_again():
    number = ask(phone_mobile="06 39 98 00 11")
    seen = {"phone_mobile": "06 39 98 00 11"}
    for _ in range(2):
        assert ask(submission="two", seen=seen, phone_mobile="06 39 98 00 22") == number
    assert [line.version for line in lines()] == [2]
    for _ in range(2):
        assert ask(submission="three", seen={"phone_mobile": "06 39 98 00 22"}, phone_mobile="") == number
    assert [line.state for line in lines()] == [LineState.WITHDRAWN]
    assert db.session.query(Job).filter_by(kind="mail").count() == 2


def test_a_form_that_was_amended_since_is_not_asked_again_when_it_is_sent_twice():
    ask_of_lea(HEALTH, alerts=rows(PEANUT))
    ask_of_lea(HEALTH, submission="two", alerts=rows(PEANUT, WASPS))
    ask_of_lea(HEALTH, submission="three", alerts=rows(WASPS))
    ask_of_lea(HEALTH, submission="two", seen={"alerts": ""}, alerts=rows(PEANUT, WASPS))
    assert [line.after for line in lines()] == [rows(WASPS)]


# A paper that comes alone


def known(**said: str) -> None:
    with db.transaction() as writing:
        finances = writing.get_one(Finances, dupont().family_id)
        for name, text in said.items():
            setattr(finances, name, text)


def paper(letter: str = "a") -> Paper:
    return Paper(letter * 32, "application/pdf", 12)


def test_a_paper_alone_confirms_what_it_proves_and_is_forgotten_once_read():
    known(quotient="650", fund_number="1234567")
    number = ask(CAF, paper=paper(), seen={"quotient": "650"}, quotient="650", fund_number="1234567")
    (line,) = lines()
    assert (line.field, line.before, line.after, line.confirms) == ("quotient", "650", "650", True)
    assert ask(CAF, paper=paper(), quotient="650", fund_number="1234567") == number
    accept(number)
    db.session.expire_all()
    assert db.session.get_one(Request, number).proof is None
    assert db.session.get_one(Finances, dupont().family_id).quotient == "650"


def test_a_tax_notice_alone_is_sent_whatever_the_file_says():
    number = ask(FISCALES, paper=paper())
    with db.transaction() as writing:  # the agent reads it, and writes what it says
        writing.get_one(Finances, dupont().family_id).tax_income = "21000"
    accept(number)
    assert db.session.get_one(Finances, dupont().family_id).tax_income == "21000"
    assert lines()[0].state is LineState.ACCEPTED


def test_a_paper_alone_joins_the_request_that_waits():
    number = ask(CAF, quotient="742")
    assert ask(CAF, submission="two", paper=paper(), quotient="742") == number
    assert [line.after for line in lines()] == ["742"]
    assert db.session.get_one(Request, number).proof is not None


def test_a_paper_that_comes_with_the_figure_put_back_is_not_lost():
    known(quotient="650")
    first = ask(CAF, paper=paper("a"), quotient="742")
    number = ask(CAF, submission="two", paper=paper("b"), quotient="650")
    assert number != first
    assert [(line.state, line.confirms) for line in lines()] == [
        (LineState.WITHDRAWN, False),
        (LineState.SUBMITTED, True),
    ]
    assert db.session.get_one(Request, number).proof.storage_key == "b" * 32
    assert db.session.get_one(Request, first).proof is None
