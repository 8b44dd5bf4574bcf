"""``/docs`` and ``/openapi.json``: the document, and Swagger UI from its package. No page leads outside."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, json, send_from_directory

#: What ``/docs`` may load: its own files, and the styles and images that Swagger UI writes into the page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Callwright API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
START = (
    'window.ui = SwaggerUIBundle({url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null, '
    "presets: [SwaggerUIBundle.presets.apis], supportedSubmitMethods: "
    '["get", "post"], persistAuthorization: false});\n'
)
FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")


def documentation(document: Mapping[str, Any]) -> Blueprint:
    """Return the pages that show *document*."""
    docs = Blueprint("docs", __name__)
    written = json.dumps(document, ensure_ascii=False, sort_keys=False)
    folder = Path(str(files("flask_swagger_ui"))) / "dist"

    @docs.get("/openapi.json")
    def openapi() -> Response:
        return Response(written, content_type="application/json")

    @docs.get("/docs")
    def page() -> Response:
        return _page(PAGE, "text/html; charset=utf-8")

    @docs.get("/docs/start.js")
    def start() -> Response:
        return _page(START, "text/javascript; charset=utf-8")

    for name in FILES:
        docs.add_url_rule(f"/docs/{name}", name.replace(".", "_"), _sender(folder, name))
    return docs


def _page(text: str, kind: str) -> Response:
    response = Response(text, content_type=kind)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _sender(folder: Path, name: str) -> Any:
    return lambda: send_from_directory(folder, name, max_age=86_400)
