"""A call in each of its languages, as far as somebody has written it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.translation import override

from cohorts import calls, translating
from cohorts.models import Answer, Application, CallTexts, Intake
from people.refusal import Refused
from tests.cohorts.test_applying import ALL, fill


@pytest.fixture
def bilingual(birch, call):
    """Mangrove is written in English, and people may apply in Swahili too."""
    calls.change(call.intake, by=birch.lea, languages=["en", "sw"], language="en")
    return call


def in_swahili(call, birch, **texts):
    key = call.questions[0].pk.hex
    texts = {
        f"{key}_{name}" if name != "about" else "call_about": said
        for name, said in texts.items()
    }
    return translating.translate(call.intake, by=birch.lea, language="sw", texts=texts)


def test_a_call_has_an_address_in_each_of_its_languages(client, birch, bilingual):
    in_swahili(bilingual, birch, about="Karibuni")

    page = client.get("/apply/mangrove/?in=sw")

    body = page.content.decode()
    assert '<html lang="sw"' in body
    assert "Karibuni" in body
    assert page.headers["Content-Language"] == "sw"
    assert 'href="?in=en" lang="en" hreflang="en"' in body


def test_what_nobody_translated_stands_as_written_and_says_so(client, birch, bilingual):
    in_swahili(bilingual, birch, about="Karibuni")

    body = client.get("/apply/mangrove/?in=sw").content.decode()

    assert '<h1><bdi lang="en">Mangrove</bdi></h1>' in body
    assert 'dir="auto"><p>Karibuni</p>' in body


def test_the_language_stays_for_the_pages_after(client, birch, bilingual):
    in_swahili(bilingual, birch, label="Kazi yako")
    client.get("/apply/mangrove/?in=sw")
    client.post("/apply/mangrove/1/", {"called": "Amina"})

    body = client.get("/apply/mangrove/2/").content.decode()

    assert ">Kazi yako</label>" in body
    assert f'lang="en" dir="auto">{bilingual.questions[1].label}</label>' in body


def test_in_its_own_language_a_call_names_no_language(client, bilingual):
    body = client.get("/apply/mangrove/?in=en").content.decode()

    assert "<h1><bdi>Mangrove</bdi></h1>" in body


def test_an_option_is_kept_as_written_in_whatever_language_it_was_chosen(
    client, birch, bilingual
):
    question = bilingual.questions[0]
    question.kind, question.options = "one_of", ["tools", "seeds"]
    question.save()
    in_swahili(bilingual, birch, options=["zana", "mbegu"])
    client.get("/apply/mangrove/?in=sw")
    fill(client, bilingual)
    page = client.get("/apply/mangrove/2/").content.decode()
    client.post(
        "/apply/mangrove/2/",
        {
            f"q_{q.pk.hex}": "seeds" if q == question else "x"
            for q in bilingual.questions
        },
    )

    client.post("/apply/mangrove/review/")

    assert "<span>mbegu</span>" in page
    said = Answer.objects.unsealed(ALL).get(question=question)
    assert said.chosen == ["seeds"]
    assert Application.objects.unsealed(ALL).get().language == "sw"


def test_options_find_their_words_in_any_order(birch, bilingual):
    question = bilingual.questions[0]
    question.kind, question.options = "one_of", ["tools", "seeds"]
    question.save()
    in_swahili(bilingual, birch, options=["zana", "mbegu"])
    question.options = ["seeds", "tools", "hands"]
    question.save()

    with override("sw"):
        call = translating.spoken(Intake.objects.get(pk=bilingual.intake.pk))

    found = next(q for q in call.questions.all() if q.pk == question.pk)
    assert [(str(o), o.lang) for o in found.options] == [
        ("mbegu", ""),
        ("zana", ""),
        ("hands", "en"),
    ]


def test_a_list_needs_its_lines(birch, bilingual):
    trait = bilingual.traits["gender"]

    with pytest.raises(Refused):
        translating.translate(
            bilingual.intake,
            by=birch.lea,
            language="sw",
            texts={f"{trait.pk.hex}_options": ["mwanamke"]},
        )


def test_only_a_lead_translates(birch, bilingual):
    with pytest.raises(PermissionDenied):
        translating.translate(bilingual.intake, by=birch.rex, language="sw", texts={})


def test_its_own_language_is_no_translation(client, birch, bilingual):
    client.force_login(birch.lea)

    assert client.get("/f/calls/mangrove/setup/in/en/").status_code == 404
    with pytest.raises(Refused):
        translating.translate(bilingual.intake, by=birch.lea, language="en", texts={})


def test_translating_through_the_page(client, birch, bilingual):
    client.force_login(birch.lea)
    url = "/f/calls/mangrove/setup/in/sw/"
    assert client.get(url).status_code == 200

    response = client.post(url, {"edition": "0", "call_about": "Karibuni"})

    assert response.headers["Location"] == "/f/calls/mangrove/setup/"
    assert CallTexts.objects.get().texts == {"call_about": "Karibuni"}
    assert "1 of" in client.get("/f/calls/mangrove/setup/").content.decode()


def test_lines_that_do_not_match_are_named_and_kept(client, birch, bilingual):
    client.force_login(birch.lea)
    name = f"{bilingual.traits['gender'].pk.hex}_options"

    page = client.post(
        "/f/calls/mangrove/setup/in/sw/", {"edition": "0", name: "mwanamke"}
    )

    assert page.status_code == 422
    assert "Write 3 lines, one for each." in page.content.decode()
    assert ">\nmwanamke</textarea>" in page.content.decode()


def test_two_leads_who_translate_at_once_see_both(client, birch, bilingual):
    in_swahili(bilingual, birch, about="Karibuni")
    in_swahili(bilingual, birch, about="Karibuni nyote")
    client.force_login(birch.lea)

    page = client.post(
        "/f/calls/mangrove/setup/in/sw/", {"edition": "1", "call_about": "Njoo"}
    )

    assert page.status_code == 422
    assert "Karibuni nyote" in page.content.decode()
    assert "Njoo</textarea>" in page.content.decode()


def test_a_copy_speaks_the_same_languages(birch, bilingual):
    in_swahili(bilingual, birch, about="Karibuni", label="Kazi yako")

    made = calls.begin_like(bilingual.intake, by=birch.lea, name="Again")

    with override("sw"):
        spoken = translating.spoken(Intake.objects.get(pk=made.pk))
    first = min(spoken.questions.all(), key=lambda q: q.position)
    assert (spoken.about, first.label) == ("Karibuni", "Kazi yako")


@pytest.mark.parametrize(
    ("language", "said"),
    [("ar", "العمل الذي ستأتون به"), ("fr", "Le travail que vous apporteriez")],
)
def test_what_a_call_begins_with_needs_nobody_to_translate_it(
    client, birch, call, language, said
):
    calls.change(call.intake, by=birch.lea, languages=["en", language], language="en")
    client.get(f"/apply/mangrove/?in={language}")
    client.post("/apply/mangrove/1/", {"called": "Amina"})

    body = client.get("/apply/mangrove/2/").content.decode()

    assert f">{said}</label>" in body
    assert 'lang="en"' not in body.split("<form")[1].split("</form>")[0]


def test_an_usual_option_is_kept_as_written(client, birch, call):
    calls.change(call.intake, by=birch.lea, languages=["en", "fr"], language="en")
    client.get("/apply/mangrove/?in=fr")
    client.post("/apply/mangrove/1/", {"called": "Amina"})

    body = client.get("/apply/mangrove/4/").content.decode()

    assert '<option value="woman">femme</option>' in body


def test_what_a_lead_wrote_goes_before_what_the_house_says(client, birch, call):
    calls.change(call.intake, by=birch.lea, languages=["en", "fr"], language="en")
    key = f"{call.questions[0].pk.hex}_label"
    translating.translate(
        call.intake, by=birch.lea, language="fr", texts={key: "Votre chantier"}
    )
    client.get("/apply/mangrove/?in=fr")
    client.post("/apply/mangrove/1/", {"called": "Amina"})

    body = client.get("/apply/mangrove/2/").content.decode()

    assert ">Votre chantier</label>" in body
    assert "Le travail que vous apporteriez" not in body


def test_a_changed_question_is_shown_as_it_was_written(client, birch, call):
    calls.change(call.intake, by=birch.lea, languages=["en", "fr"], language="en")
    first = call.questions[0]
    first.label = "The work of your hands"
    first.save()
    client.get("/apply/mangrove/?in=fr")
    client.post("/apply/mangrove/1/", {"called": "Amina"})

    body = client.get("/apply/mangrove/2/").content.decode()

    assert 'lang="en" dir="auto">The work of your hands</label>' in body


def test_leads_see_what_speaks_by_itself_and_may_say_it_otherwise(client, birch, call):
    calls.change(call.intake, by=birch.lea, languages=["en", "fr"], language="en")
    client.force_login(birch.lea)

    [(code, said, texts)] = translating.progress(call.intake)
    page = client.get("/f/calls/mangrove/setup/in/fr/").content.decode()

    assert code == "fr"
    assert 0 < texts - said <= 3  # its name and what it offers are its own
    assert "Le travail que vous apporteriez" in page
