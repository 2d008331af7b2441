"""After its removal nothing of the demo is left, and everything else is."""

from datetime import UTC, datetime

from django.apps import apps
from django.urls import reverse

from cohortsite.demo import filling
from people.models import User

NOW = datetime(2026, 11, 23, 13, 41, tzinfo=UTC)


def all_rows():
    return {
        model._meta.label: set(model._base_manager.values_list("pk", flat=True))
        for model in apps.get_models()
        if model._meta.managed
    }


def test_removing_it_leaves_all_others_and_nothing_of_it(
    client, birch, settings, tmp_path
):
    settings.EMAIL_FILE_PATH, settings.EMBEDDED = tmp_path, True
    for number, to in ((1, "member@demo.example"), (2, "ada@example.org")):
        (tmp_path / f"{number}.eml").write_text(f"To: {to}\nSubject: Hello\n\nHello\n")
    before = all_rows()
    filling.fill(now=NOW)
    client.force_login(User.objects.get(email="lead@demo.example"))
    question = client.get(reverse("demo_remove"))

    response = client.post(reverse("demo_remove"), follow=True)

    assert "Remove the demo?" in question.content.decode()
    assert "The demo is gone" in response.content.decode()
    after = all_rows()
    after["sessions.Session"] = before["sessions.Session"]  # the farewell's own
    assert after == before
    assert [path.name for path in tmp_path.iterdir()] == ["2.eml"]
