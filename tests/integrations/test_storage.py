"""The files of papers: whole or not there, and none that no row names."""

import errno
import os
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app import db, tasks
from app.integrations import storage
from app.models.exports import DataExport
from app.models.jobs import stored_files
from app.models.town import Publication

pytestmark = pytest.mark.usefixtures("inside")


def files(app) -> set[str]:
    return {path.name for path in app.config["PREAU"].uploads_dir.glob("??/*")}


def grow_old(app, *keys: str, hours: int = 25) -> None:
    for path in app.config["PREAU"].uploads_dir.glob("??/*"):
        if not keys or path.stem in keys:
            then = path.stat().st_mtime - hours * 3600
            os.utime(path, (then, then))


def test_what_is_kept_is_read_again():
    with storage.open_file(storage.save(b"%PDF-1.4")) as file:
        assert file.read() == b"%PDF-1.4"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_what_could_not_be_written_whole_leaves_nothing(app, monkeypatch, number):
    def refuse(file: int) -> None:
        raise OSError(number, os.strerror(number))

    before = files(app)
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match=os.strerror(number)):
        storage.save(b"%PDF-1.4")
    assert files(app) == before


def test_written_anew_in_vain_it_stands_as_it_was():
    key = storage.save(b"first")

    def write_again() -> None:
        with storage.create(key) as file:
            file.write(b"sec")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_again()
    with storage.open_file(key) as file:
        assert file.read() == b"first"


def test_a_file_that_no_row_names_is_gone_after_a_day(app):
    before = files(app)
    left, fresh = storage.save(b"nobody's"), storage.save(b"its row may still come")
    unfinished = app.config["PREAU"].uploads_dir / left[:2] / f"{'a' * 32}.part"
    unfinished.write_bytes(b"half")
    grow_old(app, left, "a" * 32)
    tasks._forget_strays()
    assert files(app) == before | {fresh}


def test_those_that_rows_name_stay_however_old(app):
    """In whichever table."""
    named = storage.save(b"published")
    with db.transaction() as writing:
        publication = {"title": "Menus", "filename": "menus.pdf", "content_type": "application/pdf", "size": 9}
        writing.execute(
            insert(Publication).values(**publication, storage_key=named, published_on=tasks.clock.today())
        )
    before = files(app)
    grow_old(app, hours=24 * 400)
    tasks._forget_strays()
    assert files(app) == before
    assert named in before
    assert DataExport in stored_files._naming()
    assert len(stored_files._naming()) >= 4


def test_the_worker_looks_for_them_once_a_day():
    assert tasks.PERIODIC["strays"] == (timedelta(days=1), tasks._forget_strays)
