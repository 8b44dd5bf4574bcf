"""What the benchmark puts beside this server: flask-smorest as it comes, one POST, one row.

Its arguments are validated and its answer is dumped the way the library's first page shows; nothing else is done.
"""

import sqlite3
from collections.abc import Mapping
from threading import local
from typing import Any

from flask import Flask
from flask.views import MethodView
from flask_smorest import Api, Blueprint
from marshmallow import Schema, fields


class EventSchema(Schema):
    """What happened."""

    kind = fields.String(required=True)
    text = fields.String(required=True)


class TurnSchema(Schema):
    """A turn."""

    call_id = fields.UUID(required=True)
    expected_turn = fields.Integer(required=True)
    turn_event = fields.Nested(EventSchema, required=True)


class Rows:
    """The rows of one SQLite file, each committed for good by itself."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._here = local()

    def add(self, given: Mapping[str, Any]) -> None:
        """Commit one row."""
        if not hasattr(self._here, "db"):
            self._here.db = sqlite3.connect(self._database, timeout=30, isolation_level=None)
            self._here.db.execute("PRAGMA synchronous = FULL")
        values = (str(given["call_id"]), given["expected_turn"], given["turn_event"]["text"])
        self._here.db.execute("BEGIN IMMEDIATE")
        self._here.db.execute("INSERT INTO turns (call, turn, text) VALUES (?, ?, ?)", values)
        self._here.db.execute("COMMIT")


def bare(database: str) -> Flask:
    """Return the bare application over an SQLite file that holds the table ``turns``."""
    app, rows, blueprint = Flask("bare"), Rows(database), Blueprint("turns", __name__)
    app.config.update(API_TITLE="bare", API_VERSION="1", OPENAPI_VERSION="3.1.0")

    @blueprint.route("/turn")
    class Turns(MethodView):
        @blueprint.arguments(TurnSchema)
        @blueprint.response(200, TurnSchema)
        def post(self, given: dict[str, Any]) -> dict[str, Any]:
            rows.add(given)
            return given

    @blueprint.route("/readyz")
    class Ready(MethodView):
        def get(self) -> dict[str, str]:
            return {}

    Api(app).register_blueprint(blueprint)
    return app
