"""Encrypted columns, and the change of their key."""

import pytest
from sqlalchemy import text

from app import crypto, db
from app.models.accounts import Account

OLD, NEW = "an old key of thirty-two characters", "a new key of thirty-two characters"


@pytest.fixture
def keys():
    yield crypto.configure
    crypto.configure(())


def test_the_first_key_encrypts_and_all_decrypt(keys):
    keys([OLD])
    written = crypto.encrypt("FR76")
    keys([NEW, OLD])
    assert crypto.decrypt(written) == "FR76"
    rewritten = crypto.encrypt("FR76")
    keys([NEW])
    assert crypto.decrypt(rewritten) == "FR76"
    with pytest.raises(crypto.UnreadableSecretError):
        crypto.decrypt(written)


def test_without_a_key_nothing_is_written_in_clear(keys):
    keys([])
    with pytest.raises(RuntimeError):
        crypto.encrypt("FR76")


def test_the_same_value_is_never_written_twice_the_same(keys):
    keys([NEW])
    assert crypto.encrypt("FR76") != crypto.encrypt("FR76")


def test_the_column_holds_what_the_database_alone_does_not_tell(app):
    with app.app_context():
        with db.transaction():
            Account.named("guichet").totp_secret = "JBSWY3DPEHPK3PXP"
        raw = db.session.scalar(text("SELECT totp_secret FROM account WHERE identifiant_key = 'guichet'"))
        assert "JBSWY3DPEHPK3PXP" not in raw
        db.session.expire_all()
        assert Account.named("guichet").totp_secret == "JBSWY3DPEHPK3PXP"
