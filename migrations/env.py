"""Alembic's environment. The connection comes from app.schema: there is no other way in."""

from alembic import context
from sqlalchemy import Connection

from app import db, triggers
from app.columns import Encrypted, EncryptedJSON, EncryptedValue, UTCDateTime


def render_item(kind: str, item: object, autogen_context: object) -> str | bool:
    """Our column types are written as what they are in the database."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Encrypted | EncryptedJSON | EncryptedValue):
        return "sa.Text()"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=db.Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        transactional_ddl=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        triggers.recreate(connection)


run(context.config.attributes["connection"])
