from django.urls import path

from charters.views import (
    by_mail,
    care,
    channels,
    charter,
    decisions,
    drafting,
    mending,
    proposing,
    repair,
    review,
    welcome,
)

CHARTER = "c/<slug:cohort_slug>/charter/"
DECISIONS = "c/<slug:cohort_slug>/decisions/"
REPAIR = "c/<slug:cohort_slug>/repair/"
CONCERN = f"{REPAIR}concerns/<uuid:repairconcern_id>/"
CASE = f"{REPAIR}<uuid:repaircase_id>/"

app_name = "charters"
urlpatterns = [
    path(CHARTER, charter.charter, name="charter"),
    path(
        f"{CHARTER}v/<int:version_number>/",
        charter.charter_version,
        name="charter_version",
    ),
    path(
        f"{CHARTER}v/<int:version_number>/text/",
        charter.charter_text,
        name="charter_text",
    ),
    path(f"{CHARTER}diff/", charter.charter_compare, name="charter_compare"),
    path(
        f"{CHARTER}diff/<int:from_number>/<int:to_number>/",
        charter.charter_diff,
        name="charter_diff",
    ),
    path(f"{CHARTER}start/", proposing.charter_start, name="charter_start"),
    path(f"{CHARTER}questions/", proposing.charter_questions, name="charter_questions"),
    path(f"{CHARTER}propose/", proposing.charter_propose, name="charter_propose"),
    path(f"{CHARTER}review/", review.review, name="review"),
    path(f"{CHARTER}review/open/", review.review_open, name="review_open"),
    path(f"{CHARTER}review/plan/", review.review_plan, name="review_plan"),
    path(f"{CHARTER}review/held/", review.review_held, name="review_held"),
    path(
        f"{CHARTER}reviews/<uuid:quarterlyreview_id>/",
        review.review_record,
        name="review_record",
    ),
    path(f"{CHARTER}welcome/", welcome.welcome, name="welcome"),
    path(
        f"{CHARTER}welcome/<uuid:membership_id>/",
        welcome.welcome_talk,
        name="welcome_talk",
    ),
    path(f"{CHARTER}support/", channels.support, name="support"),
    path(
        f"{CHARTER}support/<uuid:contact_id>/strike/",
        channels.contact_strike,
        name="contact_strike",
    ),
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
        f"{DECISIONS}clauses/<uuid:proposedclause_id>/back/",
        drafting.clause_put_back,
        name="clause_put_back",
    ),
    path(
        f"{DECISIONS}clauses/<uuid:proposedclause_id>/move/",
        drafting.clause_move,
        name="clause_move",
    ),
    path(
        f"{DECISIONS}clauses/<uuid:proposedclause_id>/rebase/",
        proposing.clause_rebase,
        name="clause_rebase",
    ),
    path(
        f"{DECISIONS}objections/<uuid:consent_id>/",
        mending.decision_integrate,
        name="decision_integrate",
    ),
    path(
        f"{DECISIONS}advice/<uuid:consent_id>/",
        decisions.decision_use,
        name="decision_use",
    ),
    path(
        f"{DECISIONS}<uuid:amendment_id>/record/",
        decisions.decision_record,
        name="decision_record",
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
        f"{DECISIONS}<uuid:amendment_id>/sections/",
        drafting.section_move,
        name="section_move",
    ),
    path(
        f"{DECISIONS}<uuid:amendment_id>/who-writes/",
        drafting.who_is_writing,
        name="who_is_writing",
    ),
    path(
        f"{DECISIONS}<uuid:amendment_id>/writing/",
        drafting.still_writing,
        name="still_writing",
    ),
    path(
        f"{DECISIONS}<uuid:amendment_id>/withdraw/",
        decisions.decision_withdraw,
        name="decision_withdraw",
    ),
    path(REPAIR, repair.repair_home, name="repair_home"),
    path(f"{REPAIR}new/", repair.repair_new, name="repair_new"),
    path(CONCERN, repair.repair_third, name="repair_third"),
    path(f"{CONCERN}words/", repair.repair_reword, name="repair_reword"),
    path(f"{CONCERN}drop/", repair.repair_drop, name="repair_drop"),
    path(CASE, repair.repair_case, name="repair_case"),
    path(f"{CASE}do/", repair.repair_do, name="repair_do"),
    path(f"{CASE}news/", repair.repair_news, name="repair_news"),
    path(f"{CASE}print/", repair.repair_print, name="repair_print"),
    path(f"{CASE}words.txt", repair.repair_file, name="repair_file"),
    path(f"{CASE}write/<slug:what>/", repair.repair_write, name="repair_write"),
    path(
        f"{CASE}carry/<uuid:repairaside_id>/", repair.repair_carry, name="repair_carry"
    ),
    path(
        f"{CASE}agreements/<uuid:repairagreement_id>/",
        repair.repair_agreement,
        name="repair_agreement",
    ),
    path("in-confidence/", repair.in_confidence_home, name="in_confidence_home"),
    # In mails: an address that tells nothing.
    path(
        "in-confidence/<uuid:repaircase_id>/",
        repair.in_confidence,
        name="in_confidence",
    ),
    path("c/<slug:cohort_slug>/moves/", care.moves, name="moves"),
    path("care/", care.care_all, name="care"),
    path("care/<uuid:care_key>/", care.care_of, name="care_of"),
    path(
        "f/programs/<slug:program_slug>/care/", care.program_care, name="program_care"
    ),
    path("answer/review/<str:note_token>/", review.note_link, name="note_link"),
    path(
        "answer/welcome/<str:welcome_token>/",
        welcome.welcome_link,
        name="welcome_link",
    ),
    path("answer/<str:round_token>/", by_mail.answer_link, name="answer_link"),
    path("answer/talk/<str:talk_token>/", by_mail.talk_link, name="talk_link"),
]
