"""What is said about a view beside its arguments and responses, kept on the view itself."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def said(view: View, **document: Any) -> View:
    """Add *document* to what the OpenAPI document says of *view*'s operation."""
    kept: dict[str, Any] = deepcopy(getattr(view, "_apidoc", {}))
    kept["manual_doc"] = {**kept.get("manual_doc", {}), **document}
    view._apidoc = kept  # type: ignore[attr-defined]
    return view


def named(operation: str, **document: Any) -> Callable[[View], View]:
    """Give an operation its id and whatever else its document says."""

    def mark(view: View) -> View:
        return said(view, operationId=operation, **document)

    return mark


def linked(status: int, **links: dict[str, Any]) -> Callable[[View], View]:
    """Say which operations can follow, and what of the answer they need.

    Args:
        status: The status of the answer.
        links: By name: ``operationId``, ``parameters`` and ``requestBody`` as OpenAPI has them.
    """

    def mark(view: View) -> View:
        kept = getattr(view, "_apidoc", {}).get("manual_doc", {}).get("responses", {})
        return said(view, responses={**kept, status: {"links": links}})

    return mark
