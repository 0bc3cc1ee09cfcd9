"""What the tests of known share."""

import io
import re
import zipfile

from sqlalchemy import select

from app import db
from app.models.exports import DataExport
from app.models.families import (
    Child,
)

PAGE = "/mes-donnees"


PDF = b"%PDF-1.7 the paper of the family"


def lea() -> Child:
    return db.session.query(Child).filter_by(first_name="LEA").one()


def ask(client):
    """By the button, or by a page that still shows it while a copy is being made."""
    form = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', client.get(PAGE).text)[1]}
    return client.post(f"{PAGE}/copie", data=form)


def exports() -> list[DataExport]:
    db.session.rollback()
    return list(db.session.scalars(select(DataExport).order_by(DataExport.id)))


def fetch(client, worker) -> zipfile.ZipFile:
    ask(client)
    worker.run_all()
    address = re.search(r"/mes-donnees/\d+\.zip", client.get(PAGE).text)[0]
    answer = client.get(address)
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    return zipfile.ZipFile(io.BytesIO(answer.data))
