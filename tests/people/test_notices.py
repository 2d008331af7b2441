"""Every notice of every app can be written."""

import pytest
from django.template.loader import get_template

from people.models import Purpose
from people.outbox import DIGEST, _notices

NOTICES = sorted(
    (notice for notice in _notices.values() if notice is not DIGEST),
    key=lambda notice: notice.name,
)


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.name)
def test_a_notice_has_its_words_its_reason_and_its_purpose(notice):
    get_template(f"{notice.template}.subject.txt")
    get_template(f"{notice.template}.txt")

    assert str(notice.reason).strip()
    assert notice.purpose in Purpose
    assert notice.on_unknown in ("resend", "hold")
