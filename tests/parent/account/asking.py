"""What the tests of page share."""

import io

from app import db
from app.models.families import Adult, Finances
from app.models.requests import LineState, RequestLine

PAGE = "/mon-compte"


IDENTITY = {"civility": "Monsieur", "last_name": "DUPONT", "first_name": "JEAN", "situation": "Séparé"}


FILE = {
    **IDENTITY,
    "quality": "Père",
    "address": "12 RUE DES BONBONS",
    "postal_code": "31400",
    "city": "SAINT - JEAN",
    "phone_home": "01.02.03.04.05",
    "email": "jean.dupont@wanadoo.fr",
    "allows_sms": "non",
    "allows_email": "oui",
}


IBAN, OTHER = "FR7630006000011234567890189", "FR1420041010050500013M02606"


PDF = b"%PDF-1.7 attestation"


def form_of(section: str) -> str:
    return f"{PAGE}/{section}/modification"


def lines() -> list[RequestLine]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.query(RequestLine).filter(RequestLine.field.is_not(None)).order_by(RequestLine.id))


def adult(first_name: str = "JEAN") -> Adult:
    db.session.rollback()
    return db.session.query(Adult).filter_by(first_name=first_name).one()


def finances() -> Finances:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Finances).one()


def send(client, section: str, **wanted):
    return client.send_form(form_of(section), wanted)


def ask(jean, **wanted):
    return send(jean, "responsable", **{**FILE, **wanted})


def bank(jean, **wanted):
    return send(jean, "banque", **{"bank_holder": "DUPONT JEAN", "direct_debit": "", **wanted})


def caf(jean, content: bytes | None = None, **wanted):
    data = {"quotient": "742", **wanted}
    if content is not None:
        data["fichier"] = (io.BytesIO(content), "attestation.pdf")
    return jean.send_form(form_of("caf"), data, content_type="multipart/form-data")


def decide(app, path: str, **data):
    """What the guichet does of the first line that waits."""
    guichet = app.test_client()
    guichet.log_in("guichet")
    line = next(one for one in lines() if one.state in (LineState.SUBMITTED, LineState.IN_REVIEW))
    page = f"/agent/demandes/{line.request_id}"
    return guichet.send_form(f"{page}/lignes/{line.id}/{path}", data, page=page)
