"""« Plusieurs jours »: what will be asked is shown, then asked in one request."""

import re
import tracemalloc
from datetime import date, timedelta

import pytest
import time_machine

from app import clock, db
from app.blueprints.parent.planning.many_days_forms import WeeklyForm
from app.models.enrolments import Booking, BookingState, Enrolment
from app.models.places import places
from app.models.planning.recurrence import LONGEST
from app.models.request_kind import RequestKind
from app.models.requests import Request
from app.models.town import Approval, Closure
from app.models.town.activity import weekday_bits
from app.models.town.calendar import known_until
from tests.builders import activity, dupont, durand, enrolment
from tests.conftest import PASSWORD, text_of
from tests.filling import shown

NEW = "/demandes/nouvelle"
MONDAY = date(2015, 5, 18)


@pytest.fixture
def two(app):
    """Two children of Jean Dupont, in an activity that decides at once."""
    with app.app_context(), db.transaction():
        one = activity("Garderie d’essai", places=1)
        return [enrolment(one, dupont().family).id for _ in range(2)]


@pytest.fixture
def theirs(app):
    with app.app_context(), db.transaction():
        return enrolment(activity("Ailleurs"), durand().family).id


def lines_in(page) -> list[str]:
    return re.findall(r'name="ligne" value="([^"]+)"', page.text)


def send(client, page, **data):
    """Send what the preview shows."""
    hidden = dict(re.findall(r'<input[^>]*name="(csrf_token|submission|type)"[^>]*value="([^"]*)"', page.text))
    return client.post(NEW, data={**hidden, "ligne": lines_in(page), **data})


def compose(client, mode, **data):
    page = client.get(f"{NEW}?mode={mode}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return client.post(f"{NEW}/{mode}", data={"csrf_token": token, **data})


def booked(app) -> set[tuple[int, date]]:
    with app.app_context():
        rows = db.session.query(Booking.enrolment_id, Booking.day).filter_by(state=BookingState.BOOKED)
        return {tuple(row) for row in rows if row.day >= date(2015, 5, 5)}


def test_every_monday_for_both_children_is_shown_then_asked_in_one_request(app, jean, two):
    page = compose(
        jean, "regulier", inscriptions=two, premier="2015-05-18", dernier="2015-06-05", rythme="toutes", jours=["0"]
    )
    assert page.status_code == 200
    text = text_of(page)
    assert "Lundi 18 mai 2015" in text
    assert "2 réservés tout de suite" in text
    assert "complet : liste d’attente" in text  # one place for two
    assert "férié" in text  # Whit Monday, 25 May
    answer = send(jean, page)
    assert answer.status_code == 303
    with app.app_context():
        (request,) = db.session.query(Request)
        assert request.kind is RequestKind.BOOKING
        assert answer.location == f"/demandes/{request.id}"
    receipt = text_of(jean.get(answer.location))
    assert "2 jours n’ont pas été demandés" in receipt  # Whit Monday, for each child
    assert "Garderie d’essai, lundi 25 mai 2015" in receipt
    assert "acceptée" in receipt


def test_every_day_of_a_year_the_range_that_is_proposed_can_be_sent(app):
    """From the first days of summer on, it is the next school year's."""
    proposed = {}
    with app.test_request_context():
        for today in (date(2015, 1, 1) + timedelta(days=n) for n in range(366)):
            clock.pretend(today)
            form = WeeklyForm.choosing([])
            form.begin(None)
            proposed[today] = form.premier.data, form.dernier.data
            assert today < form.premier.data <= form.dernier.data <= form.premier.data + LONGEST
            assert form.dernier.data <= known_until(today)
    assert proposed[date(2015, 6, 21)] == (date(2015, 6, 22), date(2015, 7, 4))
    assert proposed[date(2015, 6, 29)] == (date(2015, 7, 6), date(2016, 7, 4))
    assert proposed[date(2015, 8, 31)] == (date(2015, 9, 7), date(2016, 7, 4))


def test_each_activity_is_asked_on_its_own_weekdays_alone(app, jean, two):
    with app.app_context(), db.transaction() as writing:
        child = writing.get_one(Enrolment, two[0]).child
        club = enrolment(activity("Club", weekdays=weekday_bits(2)), dupont().family, child).id
    days = {"premier": "2015-05-18", "dernier": "2015-05-22", "rythme": "toutes", "jours": ["0", "2"]}
    page = compose(jean, "regulier", inscriptions=[two[0], club], **days)
    assert set(lines_in(page)) == {f"{two[0]}:2015-05-18", f"{two[0]}:2015-05-20", f"{club}:2015-05-20"}


@pytest.mark.parametrize(("day", "why"), [
    ("2015-05-16", "Garderie d’essai n’accueille pas d’enfants le samedi."),
    ("2015-10-20", "Garderie d’essai n’accueille pas d’enfants pendant les petites vacances."),
    ("2015-07-14", "Ce jour est férié"),
    ("2015-07-15", "Garderie d’essai n’accueille pas d’enfants pendant les grandes vacances."),
])  # fmt: skip
def test_of_a_day_on_which_nobody_comes_it_says_why(jean, two, day, why):
    assert why in text_of(jean.get(f"{NEW}?ligne={two[0]}:{day}"))


def test_what_opens_in_the_holidays_alone_says_so(app, jean, two):
    with app.app_context(), db.transaction() as writing:
        one = writing.get_one(Enrolment, two[0]).activity
        one.in_school_time, one.in_short_holidays = False, True
    page = text_of(jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))
    assert "n’accueille des enfants que pendant les vacances." in page


def test_one_comes_back_from_the_preview_to_the_form_as_it_was(jean, two):
    page = compose(
        jean, "regulier", inscriptions=two, premier="2015-05-18", dernier="2015-06-05", rythme="toutes", jours=["0"]
    )
    kept = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    said = {}
    for name, value in kept:
        said.setdefault(name, []).append(value)
    back = jean.post(f"{NEW}/regulier", data={**said, "modifier": "1"})
    assert back.status_code == 200
    assert {f'value="{number}"' in tag and "checked" in tag for number in two for tag in re.findall(
        rf'<input[^>]*name="inscriptions"[^>]*value="{number}"[^>]*>|<input[^>]*value="{number}"[^>]*name="inscriptions"[^>]*>',
        back.text,
    )} == {True}  # fmt: skip
    assert 'value="2015-06-05"' in back.text


def test_a_day_that_is_unticked_is_left_aside(app, jean, two):
    page = compose(
        jean, "regulier", inscriptions=two[:1], premier="2015-05-18", dernier="2015-05-22", rythme="toutes",
        jours=["0", "1"],
    )  # fmt: skip
    send(jean, page, ligne=lines_in(page)[:1])
    assert {day for _, day in booked(app)} >= {MONDAY}
    assert (two[0], MONDAY + timedelta(days=1)) not in booked(app)


TWO_DAYS = {"premier": "2015-05-18", "dernier": "2015-05-22", "rythme": "toutes", "jours": ["0", "1"]}


def ticks_in(page) -> dict[str, bool]:
    """The days to tick, and whether each is ticked."""
    boxes = re.findall(r'<input type="checkbox"[^>]*name="ligne" value="([^"]+)"( checked)?', page.text)
    return {day: bool(ticked) for day, ticked in boxes}


def test_when_nothing_is_ticked_any_more_it_says_so_and_keeps_the_list(app, jean, two):
    page = compose(jean, "regulier", inscriptions=two[:1], **{**TWO_DAYS, "dernier": "2015-05-26"})
    monday, tuesday, again = (f"{two[0]}:{day}" for day in ("2015-05-18", "2015-05-19", "2015-05-26"))
    asked = shown(page.text, NEW)
    asked["ligne"] = [f"{two[0]}:2015-05-25"]  # Whit Monday, which is not to be unticked
    answer = jean.post(NEW, data=asked)
    assert answer.status_code == 422
    assert "Cochez au moins un jour" in text_of(answer)
    assert ticks_in(answer) == {monday: False, tuesday: False, again: False}
    assert jean.post(NEW, data={**shown(answer.text, NEW), "ligne": [tuesday]}).status_code == 303
    assert (two[0], date(2015, 5, 19)) in booked(app)


def test_what_was_unticked_stays_so_when_the_form_comes_back(jean, two):
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[0]}:2015-05-19"))
    page = jean.get(f"{NEW}?type=absence&ligne={two[0]}:{MONDAY}&ligne={two[0]}:2015-05-19")
    answer = jean.post(NEW, data={**shown(page.text, NEW), "ligne": [f"{two[0]}:{MONDAY}"], "motif": ""})
    assert answer.status_code == 422
    assert ticks_in(answer) == {f"{two[0]}:{MONDAY}": True, f"{two[0]}:2015-05-19": False}


def test_what_was_unticked_stays_so_after_modifier(jean, two):
    page = compose(jean, "regulier", inscriptions=two[:1], **TWO_DAYS)
    asked = {**shown(page.text, NEW), "ligne": [f"{two[0]}:{MONDAY}"], "modifier": "1"}
    form = jean.post(f"{NEW}/regulier", data=asked)
    page = jean.post(f"{NEW}/regulier", data={**shown(form.text, f"{NEW}/regulier"), "dernier": "2015-05-29"})
    assert ticks_in(page) == {
        f"{two[0]}:2015-05-18": True, f"{two[0]}:2015-05-19": False, f"{two[0]}:2015-05-26": True,
    }  # fmt: skip


@pytest.mark.both_engines
def test_children_and_activities_come_in_the_planning_s_order(app, jean, two):
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Enrolment, two[1]).child.birth_date = date(2005, 1, 1)  # the eldest, though entered last
    form = jean.get(NEW).text
    assert form.index(f'value="{two[1]}"') < form.index(f'value="{two[0]}"')
    preview = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[1]}:2015-05-19").text
    assert preview.index(f'value="{two[1]}:') < preview.index(f'value="{two[0]}:')


def test_what_excludes_a_day_is_named(app, jean, two):
    with app.app_context(), db.transaction() as writing:
        row = writing.get_one(Enrolment, two[0])
        row.activity.exclusive_group = "g"
        other = enrolment(activity("Journée", exclusive_group="g"), dupont().family, row.child).id
    send(jean, jean.get(f"{NEW}?ligne={other}:{MONDAY}"))
    page = text_of(jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))
    assert "Cet enfant a déjà une réservation ce jour-là : Journée." in page


def test_counters_and_impossible_absences_read_as_french(app, jean, two):
    page = text_of(jean.get(f"{NEW}?type=absence&ligne={two[0]}:{MONDAY}"))
    assert "1 absence ne peut pas être déclarée : voir pourquoi" in page
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Enrolment, two[0]).activity.approval = Approval.MANUAL
    assert "1 à décider par le service" in text_of(jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))


def test_sent_twice_it_is_one_request(app, jean, two):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}")
    assert send(jean, page).location == send(jean, page).location
    with app.app_context():
        assert db.session.query(Request).count() == 1


def test_days_chosen_in_the_planning_are_previewed(jean, two):
    page = jean.get(f"{NEW}?type=reservation&ligne={two[0]}:{MONDAY}&ligne={two[1]}:{MONDAY}")
    assert lines_in(page) == [f"{two[0]}:{MONDAY}", f"{two[1]}:{MONDAY}"]


def choose(client, lines, kind="reservation"):
    """As the planning sends the cells that are chosen."""
    return client.send_form(f"{NEW}/choix", {"type": kind, "ligne": lines}, page="/planning/2015-05")


def test_cells_chosen_in_the_planning_are_sent_as_a_form_however_many(jean, two):
    lines = [f"{number}:{MONDAY + timedelta(days=n)}" for number in two for n in range(200)]
    page = choose(jean, lines)
    assert page.status_code == 200
    assert set(lines_in(page)) == set(lines)
    assert send(jean, page, ligne=lines[:2]).status_code == 303


def test_more_days_than_one_request_takes_are_counted_and_refused(jean, two):
    lines = [f"{number}:{MONDAY + timedelta(days=n)}" for number in two for n in range(201)]
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}")
    for answer in (choose(jean, lines), send(jean, page, ligne=lines)):
        assert answer.status_code == 422
        assert "C’est trop à la fois : 402 jours, et 400 au plus par demande." in text_of(answer)
        assert "Revenir au planning" in text_of(answer)


@pytest.mark.parametrize(("day", "known"), [(date(2016, 8, 30), True), (date(2016, 9, 1), False)])
def test_a_day_of_a_year_whose_calendar_is_not_known_is_refused_wherever_it_is_asked(app, jean, two, day, known):
    why = "le calendrier scolaire n’est pas connu plus loin"
    with app.app_context(), db.transaction() as writing:  # open in summer too, so that nothing else says no
        writing.get_one(Enrolment, two[0]).activity.in_long_holidays = True
    page = jean.get(f"{NEW}?ligne={two[0]}:{day}")
    menu = jean.get(f"/inscriptions/{two[0]}/{day}")
    month = jean.get(f"/planning/{day:%Y-%m}").text
    cell = f'data-enrolment="{two[0]}" data-day="{day}" data-state="{"free" if known else "not_open"}"'
    assert (why in text_of(page)) is not known
    assert (why in text_of(menu)) is not known
    assert cell in month
    asked = jean.send_form(f"/inscriptions/{two[0]}/{day}/reservation", {})
    assert asked.status_code == (303 if known else 422)
    assert ((two[0], day) in booked(app)) is known


def test_an_absence_is_chosen_in_the_planning_too(jean, two):
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))
    page = choose(jean, [f"{two[0]}:{MONDAY}"], "absence")
    assert "Ce qui sera déclaré" in text_of(page)
    assert send(jean, page, motif="Malade").status_code == 303


def test_another_family_s_cells_cannot_be_chosen(jean, theirs):
    assert choose(jean, [f"{theirs}:{MONDAY}"]).status_code == 404


NO_SENSE = [
    "x:2015-05-18",
    "999999:2015-05-18",
    "1:not-a-day",
    "1:9999-01-01",
    "²:2015-05-18",
    f"{'9' * 4400}:2015-05-18",
]


@pytest.mark.parametrize("said", NO_SENSE)
@pytest.mark.both_engines
def test_what_makes_no_sense_does_not_exist(jean, two, said):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}")
    assert jean.get(f"{NEW}?ligne={said}").status_code == 404
    assert send(jean, page, ligne=[said]).status_code == 404


WEEKLY = {"premier": "2015-05-18", "dernier": "2015-06-05", "rythme": "toutes", "jours": ["0"]}


@pytest.mark.parametrize("odd", [
    {"rythme": "xyz"}, {"rythme": "aucune"}, {"jours": ["-1"]}, {"jours": ["800000000"]}, {"jours": ["9" * 5000]},
    {"inscriptions": ["9" * 5000]}, {"premier": "0001-01-01"},
])  # fmt: skip
@pytest.mark.both_engines
def test_what_no_page_of_ours_sends_is_refused_with_the_form(jean, two, odd):
    answer = compose(jean, "regulier", **{"inscriptions": two, **WEEKLY, **odd})
    assert answer.status_code == 422
    assert "Voir ce qui sera demandé" in text_of(answer)


def test_a_weekday_that_does_not_exist_costs_nothing(jean, two):
    tracemalloc.start()
    compose(jean, "regulier", inscriptions=two, **{**WEEKLY, "jours": ["800000000"]})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000


def test_another_family_s_days_do_not_exist(jean, theirs):
    assert jean.get(f"{NEW}?ligne={theirs}:{MONDAY}").status_code == 404


def test_the_enrolments_of_another_family_cannot_be_ticked(jean, theirs, two):
    page = compose(
        jean, "regulier", inscriptions=[theirs], premier="2015-05-18", dernier="2015-05-22", rythme="toutes",
        jours=["0"],
    )  # fmt: skip
    assert page.status_code == 422


def test_an_absence_over_a_range_is_declared_for_the_booked_days_alone(app, jean, two):
    with app.app_context():
        child = db.session.get(Enrolment, two[0]).child_id
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[0]}:2015-05-21"))
    page = compose(
        jean, "absence", enfants=[child], premier="2015-05-18", dernier="2015-05-22", motif="Malade jusqu’à vendredi"
    )
    assert lines_in(page) == [f"{two[0]}:2015-05-18", f"{two[0]}:2015-05-21"]
    send(jean, page, motif="Malade jusqu’à vendredi")
    assert not {day for number, day in booked(app) if number == two[0] and day >= MONDAY}


def test_an_absence_without_a_reason_is_refused_and_nothing_is_lost(app, jean, two):
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))
    page = jean.get(f"{NEW}?type=absence&ligne={two[0]}:{MONDAY}")
    assert "(facultatif)" not in text_of(page)
    answer = send(jean, page, motif=" ")
    assert answer.status_code == 422
    assert "Écrivez la raison" in text_of(answer)
    assert re.search(r'<textarea[^>]*aria-invalid="true"', answer.text)
    assert lines_in(answer) == [f"{two[0]}:{MONDAY}"]


def test_a_week_is_copied_to_others(app, jean, two):
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}"))
    page = compose(
        jean, "copie", inscriptions=two, source="2015-05-18", longueur="1", cibles=["2015-06-01", "2015-06-08"]
    )
    assert lines_in(page) == [f"{two[0]}:2015-06-01", f"{two[0]}:2015-06-08"]


def test_weeks_that_alternate_are_copied_as_a_block(app, jean, two):
    send(jean, jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[0]}:2015-05-28"))
    page = compose(
        jean, "copie", inscriptions=two, source="2015-05-18", longueur="2", cibles=["2015-06-01", "2015-06-15"]
    )
    days = ("2015-06-01", "2015-06-11", "2015-06-15", "2015-06-25")
    assert lines_in(page) == [f"{two[0]}:{day}" for day in days]


def test_a_usual_week_is_one_link_and_one_button_away(app, jean):
    with app.app_context(), db.transaction():
        usual = enrolment(activity("Cantine d’essai"), dupont().family, even_weeks=0b11, odd_weeks=0b11).id
    home = jean.get("/").text
    found = re.search(r'href="(/demandes/nouvelle\?semaine=[^"]+)"', home)
    assert found, "the home page proposes the week"
    page = jean.get(found[1])
    wanted = lines_in(page)
    assert wanted
    assert send(jean, page).status_code == 303
    in_time = {line for line in wanted if line.startswith(f"{usual}:") and line > f"{usual}:2015-05-04"}
    assert in_time
    assert {f"{number}:{day}" for number, day in booked(app) if number == usual} == in_time


def end(app, number: int, last_day: date) -> None:
    with app.app_context(), db.transaction() as writing:
        writing.get_one(Enrolment, number).last_day = last_day


def test_an_enrolment_that_ended_meanwhile_is_told_and_the_others_are_asked(app, jean, two, theirs):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[1]}:2015-05-19")
    end(app, two[0], date(2015, 5, 3))
    end(app, theirs, date(2015, 5, 3))
    receipt = text_of(jean.get(send(jean, page).location))
    assert "L’inscription ne couvre pas ce jour." in receipt
    assert (two[1], date(2015, 5, 19)) in booked(app)
    assert send(jean, page, submission="other", ligne=[f"{theirs}:{MONDAY}"]).status_code == 404


@pytest.mark.parametrize("mode", ["regulier", "copie", "absence"])
def test_a_preview_that_is_reloaded_leads_back_to_its_form(jean, mode):
    answer = jean.get(f"{NEW}/{mode}")
    assert answer.status_code == 303
    assert jean.get(answer.location).status_code == 200
    assert answer.location == f"{NEW}?mode={mode}"


def test_a_preview_of_chosen_cells_that_is_reloaded_leads_back_to_the_planning(jean):
    assert jean.get(f"{NEW}/choix").location == "/planning"


def test_when_the_session_ended_on_the_preview_nothing_was_sent_and_one_comes_back_to_the_form(app, jean, two):
    page = compose(jean, "regulier", inscriptions=two, **WEEKLY)
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        sent = jean.post(NEW, data=shown(page.text, NEW), headers={"Referer": f"http://localhost{NEW}/regulier"})
        login = jean.get(sent.location)
        assert "rien n’a été envoyé" in text_of(login)
        back = jean.send_form(
            "/connexion", {"identifiant": "jean.dupont", "password": PASSWORD}, page=sent.location
        ).location
        assert jean.get(back).location == f"{NEW}?mode=regulier"
    with app.app_context():
        assert db.session.query(Request).count() == 0


def test_nothing_chosen_is_said(jean, two):
    answer = compose(jean, "regulier", premier="2015-05-18", dernier="2015-05-22", rythme="toutes", jours=["0"])
    assert answer.status_code == 422
    assert "Cochez au moins une inscription" in text_of(answer)


def test_what_somebody_else_took_meanwhile_joins_the_waiting_list(app, jean, two):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}")
    with app.app_context(), db.transaction() as writing:
        pool = writing.get_one(Enrolment, two[0]).activity
        stranger = enrolment(pool, durand().family)
        writing.add(Booking(enrolment_id=stranger.id, day=MONDAY, child_id=stranger.child_id, activity_id=pool.id))
        places.lock(stranger, [MONDAY])
        places.take(pool, [MONDAY], +1)
    receipt = text_of(jean.get(jean.post(NEW, data=shown(page.text, NEW)).location))
    assert "pas tout à fait ce qui était annoncé" in receipt
    told = "Léa, Garderie d’essai, lundi 18 mai 2015 : en liste d’attente, et non réservé tout de suite."
    assert told in receipt


def test_what_cannot_be_asked_any_more_is_told_on_the_receipt_too(app, jean, two):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[0]}:2015-05-19")
    with app.app_context(), db.transaction() as writing:
        writing.add(Closure(first_day=MONDAY, last_day=MONDAY, reason="Grève"))
    receipt = text_of(jean.get(jean.post(NEW, data=shown(page.text, NEW)).location))
    assert "lundi 18 mai 2015 : impossible à demander, et non réservé tout de suite." in receipt


def test_when_all_is_as_it_was_told_the_receipt_says_nothing_of_it(jean, two):
    page = jean.get(f"{NEW}?ligne={two[0]}:{MONDAY}&ligne={two[1]}:{MONDAY}&ligne={two[1]}:2015-05-25")
    receipt = text_of(jean.get(jean.post(NEW, data=shown(page.text, NEW)).location))
    assert "en liste d’attente" in receipt
    assert "annoncé" not in receipt
