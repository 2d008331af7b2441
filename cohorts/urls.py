from django.urls import path

from cohorts.views import cohorts, joining, programs, today

app_name = "cohorts"
urlpatterns = [
    path("today/", today.today, name="today"),
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
    path("f/<slug:cohort_slug>/finish/", cohorts.cohort_finish, name="cohort_finish"),
]
