from django.urls import path

from charters.views import charter, decisions, proposing, review, welcome

CHARTER = "c/<slug:cohort_slug>/charter/"
DECISIONS = "c/<slug:cohort_slug>/decisions/"

app_name = "charters"
urlpatterns = [
    path(CHARTER, charter.charter, name="charter"),
    path(
        f"{CHARTER}v/<int:version_number>/",
        charter.charter_version,
        name="charter_version",
    ),
    path(f"{CHARTER}diff/", charter.charter_compare, name="charter_compare"),
    path(
        f"{CHARTER}diff/<int:from_number>/<int:to_number>/",
        charter.charter_diff,
        name="charter_diff",
    ),
    path(f"{CHARTER}start/", proposing.charter_start, name="charter_start"),
    path(f"{CHARTER}propose/", proposing.charter_propose, name="charter_propose"),
    path(f"{CHARTER}review/", review.review, name="review"),
    path(f"{CHARTER}review/open/", review.review_open, name="review_open"),
    path(f"{CHARTER}review/plan/", review.review_plan, name="review_plan"),
    path(f"{CHARTER}review/held/", review.review_held, name="review_held"),
    path(f"{CHARTER}welcome/", welcome.welcome, name="welcome"),
    path(DECISIONS, decisions.decisions, name="decisions"),
    path(
        f"{DECISIONS}clauses/<uuid:proposedclause_id>/",
        proposing.clause_edit,
        name="clause_edit",
    ),
    path(
        f"{DECISIONS}clauses/<uuid:proposedclause_id>/drop/",
        proposing.clause_drop,
        name="clause_drop",
    ),
    path(
        f"{DECISIONS}clauses/<uuid:proposedclause_id>/rebase/",
        proposing.clause_rebase,
        name="clause_rebase",
    ),
    path(
        f"{DECISIONS}objections/<uuid:consent_id>/",
        decisions.decision_integrate,
        name="decision_integrate",
    ),
    path(f"{DECISIONS}<uuid:amendment_id>/", decisions.decision, name="decision"),
    path(
        f"{DECISIONS}<uuid:amendment_id>/step/",
        decisions.decision_step,
        name="decision_step",
    ),
    path(
        f"{DECISIONS}<uuid:amendment_id>/say/",
        decisions.decision_say,
        name="decision_say",
    ),
    path(
        f"{DECISIONS}<uuid:amendment_id>/add/",
        proposing.clause_add,
        name="clause_add",
    ),
    path(
        f"{DECISIONS}<uuid:amendment_id>/withdraw/",
        decisions.decision_withdraw,
        name="decision_withdraw",
    ),
    path("answer/<str:round_token>/", decisions.answer_link, name="answer_link"),
]
