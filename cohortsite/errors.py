"""Reports of errors to a service of the operator's choice: where, and never what.

Off without SENTRY_DSN. What leaves is the kind of the error and the lines of our own
code that led there: no message (it may quote a row), no address, no person, no form,
no variable, nothing of what happened before.
"""

from __future__ import annotations

from typing import Any

KEPT = {
    *("event_id", "timestamp", "platform", "level", "release", "environment"),
    *("sdk", "logger", "transaction"),
}
KEPT_OF_A_FRAME = {
    *("filename", "abs_path", "module", "function", "lineno", "in_app"),
    *("context_line", "pre_context", "post_context"),
}


def report_to(dsn: str) -> None:
    # An extra: most houses do without.
    import sentry_sdk
    from sentry_sdk.integrations.django import DjangoIntegration

    sentry_sdk.init(
        dsn,
        # A view's name, never an address: that may hold the secret of a link.
        integrations=[DjangoIntegration(transaction_style="function_name")],
        before_send=where_only,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=0,
    )


def where_only(event: Any, hint: Any = None) -> Any:
    """What may leave of an event; None when it names no error."""
    errors = (event.get("exception") or {}).get("values") or []
    if not errors:
        return None  # a line of the log, with whatever words it has
    return {
        **{name: value for name, value in event.items() if name in KEPT},
        "exception": {"values": [_without_words(error) for error in errors]},
    }


def _without_words(error: dict[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames") or []
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "value": "",
        "stacktrace": {
            "frames": [
                {
                    name: value
                    for name, value in frame.items()
                    if name in KEPT_OF_A_FRAME
                }
                for frame in frames
            ]
        },
    }
