"""Who should not read whom, as far as it shows."""

import pytest

from cohorts.conflicts import Applicant, Kind, Reviewer, domain_of, infer


def kinds(applicant, reviewer):
    found = infer(
        [Applicant(key="a", **applicant)],
        [Reviewer(key="rex", **reviewer), Reviewer(key="other")],
    )
    assert set(found) <= {("a", "rex")}
    return found.get(("a", "rex"), [])


@pytest.mark.parametrize(
    ("applicant", "reviewer", "expected"),
    [
        ({"person": "rex"}, {}, [Kind.OWN]),
        (
            {"email": "REX@clinic.example"},
            {"email": "rex@clinic.example"},
            [Kind.OWN, Kind.MAIL_DOMAIN],
        ),
        (
            {"organisation": "Tools  United"},
            {"organisations": ["tools united"]},
            [Kind.ORGANISATION],
        ),
        (
            {"organisation": "Ação Jovem"},
            {"organisations": ["Acao jovem!"]},
            [Kind.ORGANISATION],
        ),
        (
            {"email": "amina@clinic.example"},
            {"email": "rex@clinic.example"},
            [Kind.MAIL_DOMAIN],
        ),
        ({"cohorts": ["birch"]}, {"cohorts": ["oak", "birch"]}, [Kind.COHORT]),
        (
            {"email": "Amina@example.net"},
            {"invited": ["amina@example.net"]},
            [Kind.INVITED],
        ),
        ({"called": "Amina Yusuf"}, {"ties": ["amina yusuf"]}, [Kind.NAMED]),
        (
            {"organisation": "Tools United Kenya"},
            {"ties": ["Tools United"]},
            [Kind.NAMED],
        ),
        ({"ties": ["Rex Odhiambo"]}, {"names": ["Rex Odhiambo"]}, [Kind.NAMES_THEM]),
        (
            {"ties": ["the Tools United team"]},
            {"organisations": ["Tools United"]},
            [Kind.NAMES_THEM],
        ),
        ({"called": "أمينة يوسف"}, {"ties": ["أمينة يوسف"]}, [Kind.NAMED]),
    ],
)
def test_what_shows(applicant, reviewer, expected):
    assert kinds(applicant, reviewer) == expected


@pytest.mark.parametrize(
    ("applicant", "reviewer"),
    [
        ({}, {}),
        ({"email": "amina@gmail.com"}, {"email": "rex@gmail.com"}),
        ({"organisation": ""}, {"organisations": [""]}),
        ({"organisation": "Tools"}, {"organisations": ["Tools United"]}),
        # A short single name is shared by too many.
        ({"called": "Amina Sy"}, {"ties": ["Sy"]}),
        ({"ties": ["Rex"]}, {"names": ["Rex"]}),
        ({"called": "Amina"}, {"ties": ["Amina Yusuf"]}),
        ({"cohorts": ["birch"]}, {"cohorts": ["oak"]}),
    ],
)
def test_what_does_not(applicant, reviewer):
    assert kinds(applicant, reviewer) == []


def test_every_reason_of_a_pair_is_told_once():
    found = kinds(
        {
            "organisation": "Tools United",
            "email": "amina@tools.example",
            "cohorts": ["birch"],
        },
        {
            "organisations": ["Tools United", "tools united"],
            "email": "rex@tools.example",
            "cohorts": ["birch"],
            "ties": ["Tools United"],
        },
    )

    assert found == [Kind.ORGANISATION, Kind.MAIL_DOMAIN, Kind.COHORT, Kind.NAMED]


def test_what_nearly_everybody_shares_says_nothing():
    """A program for one house would find nobody to read otherwise."""
    many = [
        Applicant(key=f"a{n}", email=f"a{n}@house.example", organisation="The House")
        for n in range(9)
    ]
    few = [Applicant(key="b", email="b@tools.example", organisation="Tools United")]
    reviewers = [
        Reviewer(key="rex", email="rex@house.example", organisations=["The House"]),
        Reviewer(key="ray", email="ray@tools.example"),
    ]

    assert infer(many + few, reviewers) == {("b", "ray"): [Kind.MAIL_DOMAIN]}


@pytest.mark.parametrize(
    ("email", "domain"),
    [("a@clinic.example", "clinic.example"), ("a@GMAIL.com", ""), ("", "")],
)
def test_public_mail_houses_say_nothing(email, domain):
    assert domain_of(email) == domain
