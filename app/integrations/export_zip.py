"""The file of « Mes données »: a zip with the data, the files that were given, and a page that says what is what.

It is sealed piece by piece as it is written, so that neither memory nor the disk ever holds it in clear.
"""

import zipfile
from collections.abc import Iterator

from flask import render_template

from app import clock, crypto, db
from app.integrations import sealed, storage
from app.models.exports import DataExport
from app.models.privacy.my_data import File, MyData, as_json


def make(export_id: int) -> tuple[int, frozenset[str]] | None:
    """Write the file of this request; answer its size, before encryption, and of whom it speaks (`Whose.reach`).

    None when the request is gone. An earlier try that was killed is replaced.
    """
    export = db.session.get(DataExport, export_id)
    if export is None:
        return None
    mine, key = MyData.of(export.adult), export.storage_key
    told = {"adult": export.adult, "number": export.adult.family.number, "files": len(mine.files)}
    page = render_template("parent/my_data/lisez-moi.txt", **told)
    db.session.remove()  # no read transaction stays open while files are packed
    with storage.create(key) as file:
        writer = sealed.SealedWriter(file)
        with zipfile.ZipFile(writer, "w", zipfile.ZIP_DEFLATED) as archive:
            _write(archive, "LISEZ-MOI.txt", page.encode())
            _write(archive, "donnees.json", as_json(mine.data))
            for one in mine.files:
                _copy(archive, one)
        writer.close()
    return writer.size, mine.reach


def read(export: DataExport) -> Iterator[bytes]:
    """The zip, piece by piece. Raises FileNotFoundError at the first one when the file is gone."""
    with storage.open_file(export.storage_key) as file:
        yield from sealed.pieces(file)


def _copy(archive: zipfile.ZipFile, one: File) -> None:
    """One of the family's files, at most 10 MB; checked and deleted meanwhile, it is left out."""
    try:
        with storage.open_file(one.storage_key) as file:
            content = crypto.unseal(file.read())
    except FileNotFoundError:
        return
    _write(archive, one.name, content)


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    told = zipfile.ZipInfo(name, clock.local_now().timetuple()[:6])
    told.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(told, content)
