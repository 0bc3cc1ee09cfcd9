"""The pages. `public` for all, `auth` and `password` for the way in, then a side each."""

from flask import Flask

from app.blueprints import agent, auth, parent, password, public


def init_app(app: Flask) -> None:
    for side in (public, auth, password, parent, agent):
        app.register_blueprint(side.bp)
