"""A report of an error says where it was, and nothing of anybody."""

from cohortsite.errors import where_only

FRAME = {"filename": "views.py", "function": "post", "lineno": 7}
EVENT = {
    "event_id": "1",
    "level": "error",
    "message": "CANARY",
    "logentry": {"message": "CANARY"},
    "request": {"url": "https://house/i/CANARY/", "cookies": "CANARY"},
    "user": {"ip_address": "CANARY"},
    "breadcrumbs": {"values": [{"message": "CANARY"}]},
    "extra": {"sys.argv": ["CANARY"]},
    "exception": {
        "values": [
            {
                "type": "IntegrityError",
                "module": "django.db.utils",
                "value": "Key (email)=(CANARY) already exists.",
                "stacktrace": {"frames": [{**FRAME, "vars": {"text": "CANARY"}}]},
            }
        ]
    },
}


def test_what_people_wrote_stays_here_and_where_it_broke_leaves():
    report = where_only(EVENT)

    assert "CANARY" not in str(report)
    assert report == {
        "event_id": "1",
        "level": "error",
        "exception": {
            "values": [
                {
                    "type": "IntegrityError",
                    "module": "django.db.utils",
                    "value": "",
                    "stacktrace": {"frames": [FRAME]},
                }
            ]
        },
    }


def test_a_line_of_the_log_is_no_report():
    assert where_only({"message": "CANARY", "level": "error"}) is None
