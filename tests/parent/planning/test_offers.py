"""A place that is offered, another day proposed, a day exchanged, a whole request undone: as parents do it."""

import re
from datetime import date, timedelta

import pytest

from app import clock, db
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.families.author import Author
from app.models.jobs import Job
from app.models.planning import usual_week, week_reminder
from app.models.planning.many_days import Asking
from app.models.planning.slot import Slot
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.reviews import proposal
from app.models.reviews.review import Review
from app.models.town import Approval
from tests.builders import activity, clerk, dupont, durand, enrolment
from tests.conftest import FRAGMENT, text_of
from tests.parent.requests.following import paper_of

DAY = date(2015, 5, 7)  # three days on: an offer of a day ends before it


def ask(adult, number, day=DAY, **how) -> Request:
    slot = Slot.of_family(adult.family_id, number, day)
    return slot.ask_booking(by=Author(adult), submission=f"s{number}{day}", **how)


def absent(adult, number, day=DAY) -> None:
    slot = Slot.of_family(adult.family_id, number, day)
    slot.report_absence(by=Author(adult), reason="Malade", submission=f"a{number}{day}")


@pytest.fixture
def offered(app) -> int:
    """The request of Jean, who waits for the only place; the Durand child gives it back."""
    with app.app_context():
        with db.transaction():
            one = activity("Garderie d’essai", places=1, offer_hours=24)
            theirs, mine = (enrolment(one, adult.family).id for adult in (durand(), dupont()))
            ask(durand(), theirs)
            number = ask(dupont(), mine).id
        with db.transaction():
            absent(durand(), theirs)
        return number


def as_guichet(app):
    guichet = app.test_client()
    guichet.log_in("guichet")
    return guichet


def line_of(app, number) -> RequestLine:
    with app.app_context():
        return db.session.get(Request, number).lines[0]


def booked(app, enrolment_id) -> list[date]:
    with app.app_context():
        wanted = db.session.query(Booking.day).filter_by(enrolment_id=enrolment_id, state=BookingState.BOOKED)
        return sorted(day for (day,) in wanted)


def answer(client, app, number, said):
    line = line_of(app, number)
    address = f"/inscriptions/{line.enrolment_id}/{line.day}/proposition"
    return client.send_form(address, {"reponse": said}, page=f"/demandes/{number}")


def test_the_request_says_what_is_offered_and_until_when(app, jean, offered):
    page = text_of(jean.get(f"/demandes/{offered}"))
    assert "Une place vous est proposée Léa, Garderie d’essai, jeudi 7 mai 2015" in page
    assert "La place est gardée jusqu’au" in page
    assert "place proposée" in page


def test_taken_up_from_the_request_it_is_booked(app, jean, offered):
    assert answer(jean, app, offered, "oui").location == f"/demandes/{offered}"
    assert line_of(app, offered).state is LineState.ACCEPTED
    assert booked(app, line_of(app, offered).enrolment_id) == [DAY]
    assert "Prendre la place" not in text_of(jean.get(f"/demandes/{offered}"))


def test_the_steps_say_that_the_family_took_the_place(app, jean, offered):
    answer(jean, app, offered, "oui")
    steps = text_of(jean.get(f"/demandes/{offered}"))
    steps = steps[steps.index("Suivi") :]
    day = r"\w+ \d+ mai 2015 à \d+ h \d+"
    assert re.search(rf"Place proposée {day} Demande acceptée {day}, par JEAN DUPONT \(Père\)", steps)
    assert "par le service" not in steps
    assert "par selon" not in steps


def test_the_agents_read_that_the_family_answered(app, jean, offered):
    answer(jean, app, offered, "oui")
    told = text_of(as_guichet(app).get(f"/agent/demandes/{offered}"))
    assert "Réponse : Acceptée par la famille, " in told
    assert "Selon la règle" not in told


def test_the_agents_read_that_the_family_declined(app, jean, offered):
    answer(jean, app, offered, "non")
    assert "Réponse : Déclinée par la famille, " in text_of(as_guichet(app).get(f"/agent/demandes/{offered}"))


def test_left_it_is_declined(app, jean, offered):
    answer(jean, app, offered, "non")
    assert line_of(app, offered).state is LineState.DECLINED
    assert "déclinée" in text_of(jean.get(f"/demandes/{offered}"))


def test_an_answer_that_is_neither_changes_nothing(app, jean, offered):
    assert answer(jean, app, offered, "peut-être").status_code == 422
    assert line_of(app, offered).state is LineState.OFFERED


def test_after_the_end_the_parent_reads_why(app, jean, offered):
    today = clock.today()
    clock.pretend(today + timedelta(days=2))
    try:
        late = answer(jean, app, offered, "oui")
    finally:
        clock.pretend(today)
    assert late.status_code == 422
    assert "Le temps pour répondre est passé" in text_of(late)
    assert booked(app, line_of(app, offered).enrolment_id) == []


def test_the_mail_s_link_leads_there_through_the_login(app, client, offered):
    first = client.get(f"/demandes/{offered}")
    assert "/connexion" in first.location
    who = {"identifiant": "jean.dupont", "password": "Bonjour2026"}
    again = client.send_form("/connexion", who, page=first.location)
    assert again.location == f"/demandes/{offered}"


def test_another_family_s_offer_does_not_exist(app, client, offered):
    client.log_in("durand")
    line = line_of(app, offered)
    assert client.get(f"/inscriptions/{line.enrolment_id}/{line.day}/proposition").status_code == 404
    assert client.get(f"/demandes/{offered}").status_code == 404


def test_where_nothing_is_offered_there_is_nothing_to_answer(app, jean, offered):
    line = line_of(app, offered)
    assert jean.get(f"/inscriptions/{line.enrolment_id}/2015-05-08/proposition").status_code == 404


def test_who_waits_reads_the_rank(app, jean):
    with app.app_context(), db.transaction():
        one = activity("Garderie d’essai", places=0)
        theirs, mine = (enrolment(one, adult.family).id for adult in (durand(), dupont()))
        ask(durand(), theirs)
        number = ask(dupont(), mine).id
    assert "Rang 2 dans la liste d’attente" in text_of(jean.get(f"/demandes/{number}"))


def test_another_day_that_the_service_proposes_is_taken_up_the_same_way(app, jean):
    new = date(2015, 5, 11)
    with app.app_context():
        with db.transaction():
            mine = enrolment(activity("Garderie d’essai", places=0), dupont().family).id
            other = enrolment(activity("Cantine d’essai", places=1), dupont().family).id
            number = ask(dupont(), mine).id
        with db.transaction() as writing:
            proposal.propose(writing.get(Request, number).lines[0], writing.get(Enrolment, other), new)
    page = text_of(jean.get(f"/demandes/{number}"))
    assert "Le service vous propose autre chose Léa, Cantine d’essai, lundi 11 mai 2015 au lieu de" in page
    for cell in (f"{mine}/{DAY}", f"{other}/{new}"):
        dialog = text_of(jean.get(f"/inscriptions/{cell}/proposition"))
        assert "Léa, Cantine d’essai, lundi 11 mai 2015 au lieu de : Garderie d’essai, jeudi 7 mai 2015" in dialog
        assert "cette demande s’arrête là, votre tour en liste d’attente aussi" in dialog
    answer(jean, app, number, "oui")
    assert (booked(app, mine), booked(app, other)) == ([], [new])


# A proposal that changes while it is read.


@pytest.fixture
def proposed(app) -> dict[str, str]:
    """A day that waits for an agent, and another one proposed instead: the address to answer at, the enrolment."""
    with app.app_context():
        with db.transaction():
            one = activity("Garderie d’essai", places=1, approval=Approval.MANUAL)
            number = enrolment(one, dupont().family).id
            asked = ask(dupont(), number).id
        repropose(asked, date(2015, 5, 11))
    return {"number": number, "asked": asked, "address": f"/inscriptions/{number}/{DAY}/proposition"}


def repropose(asked, day) -> None:
    """An agent takes back what is proposed, if anything is, and proposes this day."""
    with db.transaction():
        review = Review.locked(clerk(), asked)
        line = review.lines[0]
        if line.proposed:
            proposal.recall(review, line.id)
        proposal.propose(line, line.enrolment, day)


def fields_of(client, page, address) -> dict[str, str]:
    """The hidden fields of the form of this page that goes there."""
    (form,) = (one for one in re.findall(r"<form.*?</form>", client.get(page).text, re.DOTALL) if address in one)
    return dict(re.findall(r'<input type="hidden"[^>]* name="(\w+)"[^>]* value="([^"]*)"', form))


@pytest.mark.parametrize("said", ["oui", "non"])
@pytest.mark.parametrize("page", ["/demandes/{asked}", "{address}"])
def test_another_proposal_than_the_one_read_is_not_answered(app, jean, proposed, page, said):
    fields = fields_of(jean, page.format(**proposed), proposed["address"])
    with app.app_context():
        repropose(proposed["asked"], date(2015, 5, 12))
    refused = jean.post(proposed["address"], data={**fields, "reponse": said})
    assert refused.status_code == 422
    assert "La proposition a changé entre-temps : relisez-la." in text_of(refused)
    assert "mardi 12 mai 2015 au lieu de" in text_of(refused)
    assert line_of(app, proposed["asked"]).state is LineState.COUNTERED
    again = fields_of(jean, proposed["address"], proposed["address"])
    assert jean.post(proposed["address"], data={**again, "reponse": said}).status_code == 303
    assert booked(app, proposed["number"]) == ([date(2015, 5, 12)] if said == "oui" else [])


def test_an_answer_that_does_not_name_what_it_answers_is_refused(app, jean, proposed):
    fields = fields_of(jean, proposed["address"], proposed["address"])
    del fields["place"]
    refused = jean.post(proposed["address"], data={**fields, "reponse": "oui"})
    assert "La proposition a changé entre-temps : relisez-la." in text_of(refused)
    assert booked(app, proposed["number"]) == []


def test_a_proposal_taken_back_waits_for_no_answer(app, jean, proposed):
    fields = fields_of(jean, proposed["address"], proposed["address"])
    with app.app_context(), db.transaction():
        review = Review.locked(clerk(), proposed["asked"])
        proposal.recall(review, review.lines[0].id)
    refused = jean.post(proposed["address"], data={**fields, "reponse": "oui"})
    assert "Cette proposition n’attend plus de réponse : la demande est en cours de traitement." in text_of(refused)


@pytest.mark.parametrize(("said", "told"), [("oui", "prise"), ("non", "laissée")])
def test_what_was_answered_is_named_whatever_else_the_request_waits_for(app, jean, proposed, said, told):
    with app.app_context(), db.transaction() as writing:
        line = writing.get(Request, proposed["asked"]).lines[0]
        late = RequestLine(request=line.request, enrolment=line.enrolment, day=date(2015, 5, 20), kind=line.kind)
        writing.add(late)
    shown = jean.send_form(proposed["address"], {"reponse": said}, headers=FRAGMENT)
    assert f"Lundi 11 mai 2015 : la place est {told}." in text_of(shown)
    assert "le service la traitera" not in text_of(shown)


def test_by_htmx_what_was_proposed_instead_is_withdrawn_from_both_days(app, jean, proposed):
    page = f"/inscriptions/{proposed['number']}/{DAY}/retrait"
    changed = jean.send_form(page, {}, headers=FRAGMENT).text
    assert "Votre demande est retirée." in changed
    states = dict(re.findall(rf'<td id="c-{proposed["number"]}-([^"]+)"[^>]*data-state="(\w+)"', changed))
    assert states == {"2015-05-07": "free", "2015-05-11": "free"}


# A day for another.


@pytest.fixture
def two_days(app) -> int:
    """An enrolment with one day booked, and room on the others."""
    with app.app_context(), db.transaction():
        number = enrolment(activity("Garderie d’essai", places=1), dupont().family).id
        ask(dupont(), number)
        return number


def test_a_day_is_exchanged_from_its_own_page(app, jean, two_days):
    page = f"/inscriptions/{two_days}/{DAY}/echange"
    assert "lundi 11 mai 2015 : réservé tout de suite" in text_of(jean.get(page))
    made = jean.send_form(page, {"nouveau": "2015-05-11"}, page=page)
    assert booked(app, two_days) == [date(2015, 5, 11)]
    assert "En échange du jeudi 7 mai 2015, rendu." in text_of(jean.get(made.location))


def test_by_htmx_both_days_change_in_the_planning(app, jean, two_days):
    page = f"/inscriptions/{two_days}/{DAY}/echange"
    changed = jean.send_form(page, {"nouveau": "2015-05-11"}, page=page, headers=FRAGMENT).text
    states = dict(re.findall(rf'<td id="c-{two_days}-([^"]+)"[^>]*data-state="(\w+)"', changed))
    assert states == {"2015-05-07": "free", "2015-05-11": "booked"}


def test_only_the_child_that_is_shown_is_refreshed(app, jean, two_days):
    address = f"/inscriptions/{two_days}/2015-05-12/reservation"
    with app.app_context():
        child = db.session.get(Enrolment, two_days).child_id
    shown = {"HX-Current-URL": f"http://localhost/planning/2015-05?enfant={child}"}
    changed = jean.send_form(address, {}, page=address, headers={**FRAGMENT, **shown}).text
    assert re.findall(r'<td id="c-(\d+)-', changed) == [str(two_days)]


@pytest.mark.parametrize("day", ["", "2015-05-09", "2015-05-07", "n-importe", "0001-05-05", "9999-12-31"])
def test_only_a_day_of_the_list_can_be_had_in_exchange(app, jean, two_days, day):
    page = f"/inscriptions/{two_days}/{DAY}/echange"
    assert jean.send_form(page, {"nouveau": day}, page=page).status_code == 422
    assert booked(app, two_days) == [DAY]


# « Annuler » the whole.


@pytest.fixture
def several(app) -> int:
    """A request of three days: two booked, one that waits."""
    with app.app_context(), db.transaction():
        one = activity("Garderie d’essai", places=1)
        theirs, mine = (enrolment(one, adult.family) for adult in (durand(), dupont()))
        ask(durand(), theirs.id)
        wanted = [(mine, day) for day in (DAY, date(2015, 5, 11), date(2015, 5, 12), date(2015, 5, 8))]
        return Asking(RequestKind.BOOKING, wanted, Author(dupont()), "several").send().id


def test_a_whole_request_is_undone(app, jean, several):
    page = f"/demandes/{several}"
    shown = text_of(jean.get(page))
    assert "2 jours réservés seront rendus, sans frais ; ce qui attend encore une réponse est retiré" in shown
    assert "1 jour n’a pas été demandé" in shown
    assert "Garderie d’essai, vendredi 8 mai 2015" in shown  # a holiday
    assert jean.send_form(f"{page}/annulation", {}, page=page).location == page
    with app.app_context():
        request = db.session.get(Request, several)
        assert {line.state for line in request.lines} == {LineState.WITHDRAWN}
        number = request.lines[0].enrolment_id
    assert booked(app, number) == []
    assert "Annuler toute la demande" not in text_of(jean.get(page))


def test_on_paper_too_each_day_has_its_result(jean, several):
    _, told = paper_of(jean, several)
    assert "lundi 11 mai 2015" in told
    assert "Ce qui n’a pas pu être demandé" in told
    assert "vendredi 8 mai 2015" in told


def test_undone_twice_it_says_that_there_is_nothing_left(app, jean, several):
    page = f"/demandes/{several}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', jean.get(page).text)[1]
    jean.post(f"{page}/annulation", data={"csrf_token": token})
    again = jean.post(f"{page}/annulation", data={"csrf_token": token})
    assert again.status_code == 422
    assert "plus rien à annuler" in text_of(again)


def test_what_is_too_late_to_give_back_stays(app, jean, several):
    today = clock.today()
    clock.pretend(date(2015, 5, 11))
    try:
        page = f"/demandes/{several}"
        jean.send_form(f"{page}/annulation", {}, page=page)
    finally:
        clock.pretend(today)
    with app.app_context():
        number = db.session.get(Request, several).lines[0].enrolment_id
    assert booked(app, number) == [date(2015, 5, 11)]


def test_another_family_s_request_cannot_be_undone(app, client, several):
    client.log_in("durand")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/mot-de-passe").text)[1]
    assert client.post(f"/demandes/{several}/annulation", data={"csrf_token": token}).status_code == 404


# Reminders.


def test_who_wants_no_reminder_gets_none(app, jean):
    with app.app_context(), db.transaction():
        enrolment(activity("Cantine d’essai"), dupont().family, even_weeks=0b11, odd_weeks=0b11)
    assert reminded(app) == 1
    jean.send_form("/demandes/rappels", {"rappels": None}, page="/demandes/rappels")
    assert reminded(app) == 0
    assert "M’écrire la veille" in text_of(jean.get("/demandes/rappels"))


def test_the_choice_of_reminders_is_linked_where_a_usual_week_is_spoken_of(app, jean):
    with app.app_context(), db.transaction():
        enrolment(activity("Cantine d’essai"), dupont().family, even_weeks=0b11, odd_weeks=0b11)
    for page in ("/", "/demandes/nouvelle", "/mon-compte"):
        assert 'href="/demandes/rappels"' in jean.get(page).text


def reminded(app) -> int:
    """How many mails leave for the deadline of the empty week."""
    with app.app_context():
        week = usual_week.next_empty(dupont().family_id)
        with db.transaction() as writing:
            writing.query(Job).delete()
            week_reminder.remind(dupont().family_id, clock.local_day(week.closes_at))
        return sum(job.payload["template"] == "week_reminder" for job in db.session.query(Job))
