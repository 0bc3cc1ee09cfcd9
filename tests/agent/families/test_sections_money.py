"""Writing the bank and the resources in a file: what the journal keeps, who may."""

from app import db
from app.models.accounts import Permission, Role
from app.models.accounts import permission as permissions
from app.models.families import (
    Finances,
)
from tests.agent.families.writing import events, of_child, of_family
from tests.builders import dupont
from tests.conftest import text_of
from tests.filling import send, send_on

IBAN = "FR1420041010050500013M02606"


OTHER_IBAN = "FR7630006000011234567890189"


def finances(app) -> Finances:
    with app.app_context():
        return db.session.get_one(Finances, dupont().family_id)


def test_the_bank_is_written_from_a_paper_and_the_journal_names_the_fields_only(guichet, app):
    url = of_family(app, "banque")
    assert send(guichet, url, iban=IBAN, bic="PSSTFRPPTOU", direct_debit="oui").status_code == 303
    assert (finances(app).iban, finances(app).direct_debit) == (IBAN, "oui")
    (event,) = events(app, "family_changed")
    assert event.before is None
    assert event.after == {"fields": ["IBAN", "BIC", "Mise en prélèvement automatique"]}
    page = guichet.get(url)
    assert IBAN not in page.text
    assert "Aujourd’hui : •••• 2606. Laissez vide pour ne pas le changer." in text_of(page)
    send_on(guichet, page.text, url, bank_holder="JEANNE DUPONT")
    assert (finances(app).iban, finances(app).bank_holder) == (IBAN, "JEANNE DUPONT")


def test_the_bank_account_is_taken_off_and_the_journal_names_the_fields_only(guichet, app):
    url = of_family(app, "banque")
    assert "Retirer ce compte bancaire" not in text_of(guichet.get(url))
    send(guichet, url, iban=IBAN, bic="PSSTFRPPTOU", direct_debit="oui")
    page = guichet.get(url).text
    answer = send_on(guichet, page, url, no_account="y")
    assert answer.status_code == 422
    assert "Le prélèvement automatique demande un compte" in text_of(answer)
    assert send_on(guichet, page, url, no_account="y", direct_debit="non").status_code == 303
    assert (finances(app).iban, finances(app).bic, finances(app).direct_debit) == (None, None, "non")
    event = events(app, "family_changed")[-1]
    assert (event.before, event.after) == (None, {"fields": ["IBAN", "BIC", "Mise en prélèvement automatique"]})


def test_an_account_number_changed_meanwhile_is_not_overwritten(guichet, app):
    url = of_family(app, "banque")
    page = guichet.get(url).text
    with app.app_context(), db.transaction():
        db.session.get_one(Finances, dupont().family_id).iban = OTHER_IBAN
    answer = send_on(guichet, page, url, iban=IBAN)
    assert answer.status_code == 422
    assert "IBAN est maintenant « •••• 0189 »" in text_of(answer)
    assert OTHER_IBAN not in answer.text
    assert finances(app).iban == OTHER_IBAN
    assert send_on(guichet, answer.text, url, iban=IBAN).status_code == 303
    assert finances(app).iban == IBAN


def test_a_wrong_account_number_is_refused(guichet, app):
    answer = send(guichet, of_family(app, "banque"), iban="FR1420041010050500013M02607")
    assert answer.status_code == 422
    assert "Cet IBAN est faux" in text_of(answer)
    assert finances(app).iban is None


def without(monkeypatch, permission: Permission) -> None:
    """The counter loses a permission."""
    table = permissions.TABLE | {Role.GUICHET: permissions.TABLE[Role.GUICHET] - {permission}}
    monkeypatch.setattr(permissions, "TABLE", table)
    monkeypatch.setattr("app.models.accounts.agent.TABLE", table)


def test_who_does_not_read_money_or_health_does_not_write_it_either(guichet, app, lea, monkeypatch):
    without(monkeypatch, Permission.FINANCES)
    for section in ("fiscales", "caf", "banque"):
        assert guichet.get(of_family(app, section)).status_code == 403
    assert guichet.get(of_family(app, "responsable")).status_code == 200
    without(monkeypatch, Permission.HEALTH)
    for topic in ("sante", "lunettes"):
        assert guichet.get(of_child(app, lea, topic)).status_code == 403
        assert guichet.post(of_child(app, lea, topic)).status_code in (403, 422)
    assert guichet.get(of_child(app, lea, "informations")).status_code == 200
    assert events(app, "health_read") == []
