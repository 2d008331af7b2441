from django.urls import path

from cohorts.views import (
    applications,
    apply,
    attachments,
    bands,
    boards,
    calls,
    cohorts,
    compositions,
    draws,
    exports,
    handing_out,
    imports,
    joining,
    lotteries,
    practice,
    programs,
    progress,
    reviews,
    selection,
    showing,
    signing,
    today,
)

app_name = "cohorts"
CALL = "f/calls/<slug:intake_slug>/"
PART = CALL + "setup/<slug:parts>/"
IMPORT = CALL + "import/<uuid:importbatch_id>/"
REVIEW = CALL + "review/<uuid:blindcopy_id>/"
SELECTION = CALL + "selection/"
LOTTERY = SELECTION + "lottery/<uuid:lottery_id>/"
APPLY = "apply/<slug:intake_slug>/"
PROPOSAL = "f/compose/<slug:intake_slug>/<int:number>/"
SEAT = PROPOSAL + "seats/<uuid:seat_id>/"
urlpatterns = [
    path("today/", today.today, name="today"),
    path("me/shared/", showing.my_shares, name="my_shares"),
    path("place/", today.place_choose, name="place_choose"),
    # Coming in
    path("invite/<str:secret>/", joining.invitation, name="invitation"),
    path(
        "invite/<str:secret>/accept/",
        joining.invitation_accept,
        name="invitation_accept",
    ),
    path(
        "invite/<str:secret>/decline/",
        joining.invitation_decline,
        name="invitation_decline",
    ),
    # A cohort
    path("c/<slug:cohort_slug>/", cohorts.cohort_home, name="cohort_home"),
    path("c/<slug:cohort_slug>/leave/", cohorts.cohort_leave, name="cohort_leave"),
    path(
        "c/<slug:cohort_slug>/agreement/", joining.agreement_sign, name="agreement_sign"
    ),
    path(
        "c/<slug:cohort_slug>/agreement/decline/",
        joining.agreement_decline,
        name="agreement_decline",
    ),
    # Running a program
    path("f/", programs.week, name="week"),
    path("f/programs/new/", programs.program_new, name="program_new"),
    path(
        "f/programs/<slug:program_slug>/people/",
        programs.program_people,
        name="program_people",
    ),
    path(
        "f/programs/<slug:program_slug>/people/<uuid:appointment_id>/end/",
        programs.appointment_end,
        name="appointment_end",
    ),
    path(
        "f/programs/<slug:program_slug>/agreement/",
        programs.program_agreement,
        name="program_agreement",
    ),
    # Composing
    path("f/compose/", compositions.composition_list, name="composition_list"),
    path(
        "f/compose/sign/<uuid:composition_id>/",
        signing.composition_sign,
        name="composition_sign",
    ),
    path(
        "f/compose/<slug:intake_slug>/",
        compositions.composition_latest,
        name="composition_latest",
    ),
    path(
        "f/compose/<slug:intake_slug>/new/",
        compositions.composition_new,
        name="composition_new",
    ),
    path(
        "f/compose/<slug:intake_slug>/compare/",
        compositions.composition_compare,
        name="composition_compare",
    ),
    path(PROPOSAL, boards.composition_board, name="composition_board"),
    path(
        PROPOSAL + "enough/",
        boards.composition_enough,
        name="composition_enough",
    ),
    path(
        PROPOSAL + "ties/",
        boards.composition_ties,
        name="composition_ties",
    ),
    path(PROPOSAL + "why/", boards.composition_why, name="composition_why"),
    path(
        PROPOSAL + "ways-out/",
        boards.composition_ways_out,
        name="composition_ways_out",
    ),
    path(
        PROPOSAL + "circles/",
        boards.composition_groups,
        name="composition_groups",
    ),
    path(PROPOSAL + "undo/", boards.composition_undo, name="composition_undo"),
    path(
        PROPOSAL + "update/",
        boards.composition_update,
        name="composition_update",
    ),
    path(
        PROPOSAL + "ease/",
        compositions.composition_ease,
        name="composition_ease",
    ),
    path(PROPOSAL + "ask/", signing.composition_ask, name="composition_ask"),
    path(
        PROPOSAL + "set-aside/",
        compositions.composition_set_aside,
        name="composition_set_aside",
    ),
    path(
        PROPOSAL + "publish/",
        signing.composition_publish,
        name="composition_publish",
    ),
    path(SEAT, boards.seat_page, name="seat_page"),
    path(SEAT + "move/", boards.seat_move, name="seat_move"),
    path(SEAT + "swap/", boards.seat_swap, name="seat_swap"),
    path(SEAT + "pin/", boards.seat_pin, name="seat_pin"),
    # Holding a cohort
    path("f/<slug:cohort_slug>/people/", cohorts.cohort_people, name="cohort_people"),
    path(
        "f/<slug:cohort_slug>/invitations/<uuid:invitation_id>/resend/",
        cohorts.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "f/<slug:cohort_slug>/invitations/<uuid:invitation_id>/revoke/",
        cohorts.invitation_revoke,
        name="invitation_revoke",
    ),
    path(
        "f/<slug:cohort_slug>/people/<uuid:membership_id>/remove/",
        cohorts.membership_remove,
        name="membership_remove",
    ),
    path(
        "f/<slug:cohort_slug>/people/<uuid:membership_id>/facilitate/",
        cohorts.membership_facilitate,
        name="membership_facilitate",
    ),
    path(
        "f/<slug:cohort_slug>/people/<uuid:membership_id>/hand-over/",
        cohorts.membership_hand_over,
        name="membership_hand_over",
    ),
    path(
        "f/<slug:cohort_slug>/people/<uuid:membership_id>/step-down/",
        cohorts.membership_step_down,
        name="membership_step_down",
    ),
    path(
        "f/<slug:cohort_slug>/people/<uuid:membership_id>/replace/",
        cohorts.membership_replace,
        name="membership_replace",
    ),
    path(
        "f/<slug:cohort_slug>/people/<uuid:membership_id>/shared/",
        showing.membership_shared,
        name="membership_shared",
    ),
    path("f/<slug:cohort_slug>/finish/", cohorts.cohort_finish, name="cohort_finish"),
    path("f/<slug:cohort_slug>/reopen/", cohorts.cohort_reopen, name="cohort_reopen"),
    # Applying
    path("apply/", apply.call_list, name="call_list_public"),
    path("apply/resume/<str:secret>/", apply.apply_resume, name="apply_resume"),
    path("apply/reply/<str:secret>/", apply.apply_reply, name="apply_reply"),
    path(APPLY, apply.call_show, name="call_show"),
    path(APPLY + "how/", apply.call_how, name="call_how"),
    path(APPLY + "<int:page>/", apply.apply_page, name="apply_page"),
    path(APPLY + "review/", apply.apply_review, name="apply_review"),
    path(APPLY + "later/", apply.apply_later, name="apply_later"),
    path(APPLY + "throw-away/", apply.apply_throw_away, name="apply_throw_away"),
    path(APPLY + "link/", apply.apply_link, name="apply_link"),
    path(APPLY + "status/", apply.apply_status, name="apply_status"),
    path(
        APPLY + "files/<uuid:question_id>/",
        attachments.apply_file,
        name="apply_file",
    ),
    path(APPLY + "add/", attachments.apply_add, name="apply_add"),
    path(APPLY + "withdraw/", apply.apply_withdraw, name="apply_withdraw"),
    path(APPLY + "answer/", apply.apply_answer, name="apply_answer"),
    path(APPLY + "share/", showing.apply_share, name="apply_share"),
    path(APPLY + "draw/", draws.draw_show, name="draw_show"),
    path(APPLY + "draw/record.json", draws.draw_record, name="draw_record"),
    path(APPLY + "draw/recompute_draw.py", draws.draw_script, name="draw_script"),
    # Calls
    path("f/calls/", calls.call_list, name="call_list"),
    path("f/calls/new/", calls.call_new, name="call_new"),
    path(CALL, calls.call_home, name="call_home"),
    path(CALL + "setup/", calls.call_setup, name="call_setup"),
    path(CALL + "setup/offer/", calls.call_change, name="call_change"),
    path(CALL + "setup/dates/", calls.call_phases, name="call_phases"),
    path(CALL + "setup/copy/", calls.call_copy, name="call_copy"),
    path(CALL + "setup/in/<slug:tongue>/", calls.call_texts, name="call_texts"),
    path(CALL + "setup/how/", calls.call_how_told, name="call_how_told"),
    path(CALL + "setup/publish/", calls.call_publish, name="call_publish"),
    path(CALL + "preview/<int:page>/", calls.call_preview, name="call_preview"),
    path(PART + "new/", calls.part_new, name="part_new"),
    path(PART + "<uuid:part_id>/", calls.part_change, name="part_change"),
    path(PART + "<uuid:part_id>/move/", calls.part_move, name="part_move"),
    path(PART + "<uuid:part_id>/remove/", calls.part_remove, name="part_remove"),
    # Applications and decisions
    path(
        CALL + "answers/<uuid:answerfile_id>/",
        attachments.answer_file,
        name="answer_file",
    ),
    path(
        CALL + "answers/<uuid:answerfile_id>/words/",
        attachments.answer_words,
        name="answer_words",
    ),
    path(
        CALL + "applications/", applications.application_list, name="application_list"
    ),
    path(
        CALL + "applications/decide/",
        applications.application_decide,
        name="application_decide",
    ),
    path(
        CALL + "applications.csv",
        exports.application_export,
        name="application_export",
    ),
    path(
        CALL + "applications/take/",
        exports.application_take,
        name="application_take",
    ),
    path(
        CALL + "applications/<uuid:application_id>/",
        applications.application_show,
        name="application_show",
    ),
    path(
        CALL + "applications/<uuid:application_id>/act/",
        applications.application_act,
        name="application_act",
    ),
    path(CALL + "letters/", applications.decision_letters, name="decision_letters"),
    path(CALL + "letters/stray/", applications.decision_stray, name="decision_stray"),
    path(CALL + "letters/words/", applications.decision_words, name="decision_words"),
    # Selecting
    path(SELECTION, selection.selection_home, name="selection_home"),
    path(SELECTION + "quotas/new/", selection.quota_new, name="quota_new"),
    path(
        SELECTION + "quotas/<uuid:quota_id>/",
        selection.quota_change,
        name="quota_change",
    ),
    path(
        SELECTION + "quotas/<uuid:quota_id>/remove/",
        selection.quota_remove,
        name="quota_remove",
    ),
    path(SELECTION + "source/", selection.source_say, name="source_say"),
    path(SELECTION + "bands/", bands.band_list, name="band_list"),
    path(SELECTION + "bands/follow/", bands.band_follow, name="band_follow"),
    path(
        SELECTION + "bands/<slug:band>/decide/",
        bands.band_pending,
        name="band_pending",
    ),
    path(
        SELECTION + "bands/<uuid:application_id>/",
        bands.band_history,
        name="band_history",
    ),
    path(SELECTION + "prepare/", lotteries.lottery_prepare, name="lottery_prepare"),
    path(SELECTION + "next/", selection.next_offer, name="next_offer"),
    path(LOTTERY, lotteries.lottery_show, name="lottery_show"),
    path(LOTTERY + "ease/", lotteries.lottery_ease, name="lottery_ease"),
    path(LOTTERY + "set-aside/", lotteries.lottery_set_aside, name="lottery_set_aside"),
    path(LOTTERY + "publish/", lotteries.lottery_commit, name="lottery_commit"),
    path(LOTTERY + "order/", lotteries.lottery_order, name="lottery_order"),
    path(LOTTERY + "value/", lotteries.lottery_value, name="lottery_value"),
    path(
        LOTTERY + "value/back/",
        lotteries.lottery_value_back,
        name="lottery_value_back",
    ),
    path(LOTTERY + "give-up/", lotteries.lottery_give_up, name="lottery_give_up"),
    # Import
    path(CALL + "import/", imports.import_list, name="import_list"),
    path(IMPORT, imports.import_show, name="import_show"),
    path(IMPORT + "columns/", imports.import_columns, name="import_columns"),
    path(IMPORT + "read/", imports.import_read, name="import_read"),
    path(IMPORT + "problems.csv", imports.import_problems, name="import_problems"),
    path(IMPORT + "confirm/", imports.import_confirm, name="import_confirm"),
    path(IMPORT + "undo/", imports.import_undo, name="import_undo"),
    # Reading
    path(CALL + "review/", reviews.review_queue, name="review_queue"),
    path(CALL + "review/progress/", progress.review_progress, name="review_progress"),
    path(CALL + "review/reckon/", progress.review_reckon, name="review_reckon"),
    path(CALL + "review/remind/", handing_out.review_remind, name="review_remind"),
    path(CALL + "review/assign/", handing_out.review_assign, name="review_assign"),
    path(
        CALL + "review/assign/undo/",
        handing_out.review_unassign,
        name="review_unassign",
    ),
    path(CALL + "review/terms/", handing_out.review_terms, name="review_terms"),
    path(
        CALL + "review/terms/<uuid:user_id>/",
        handing_out.review_terms_of,
        name="review_terms_of",
    ),
    path(
        CALL + "review/conflicts/",
        handing_out.review_conflicts,
        name="review_conflicts",
    ),
    path(
        CALL + "review/conflicts/<uuid:blindcopy_id>/<uuid:user_id>/",
        handing_out.conflict_act,
        name="conflict_act",
    ),
    path(CALL + "review/practice/", practice.practice, name="practice"),
    path(
        CALL + "review/practice/<int:sample>/",
        practice.practice_sample,
        name="practice_sample",
    ),
    path(
        CALL + "applications/<uuid:application_id>/redact/",
        handing_out.application_redact,
        name="application_redact",
    ),
    path(REVIEW, reviews.review_write, name="review_write"),
    path(REVIEW + "aside/", reviews.review_set_aside, name="review_set_aside"),
]
