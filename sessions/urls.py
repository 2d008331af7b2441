from django.urls import path

from sessions.views import (
    appreciations,
    calendar,
    checkins,
    commitments,
    live,
    offline,
    posts,
    quiet,
    rituals,
)

app_name = "sessions"
COHORT = "c/<slug:cohort_slug>"
PROMISE = f"{COHORT}/promises/<uuid:commitment_id>"
urlpatterns = [
    path("c/<slug:cohort_slug>/sessions/", rituals.session_list, name="session_list"),
    path("c/<slug:cohort_slug>/sessions/new/", rituals.session_new, name="session_new"),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/",
        rituals.session_page,
        name="session_page",
    ),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/change/",
        rituals.session_change,
        name="session_change",
    ),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/call-off/",
        rituals.session_call_off,
        name="session_call_off",
    ),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/answer/",
        rituals.session_answer,
        name="session_answer",
    ),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/session.ics",
        calendar.session_file,
        name="session_file",
    ),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/open/",
        live.room_open,
        name="room_open",
    ),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/live/",
        live.room,
        name="room",
    ),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/live/act/",
        live.room_act,
        name="room_act",
    ),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/live/host/",
        live.room_host,
        name="room_host",
    ),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/live/say/",
        live.room_say,
        name="room_say",
    ),
    path(
        "c/<slug:cohort_slug>/sessions/<int:number>/live/note/",
        live.room_note,
        name="room_note",
    ),
    path("will-you-come/<str:answer_token>/", rituals.answer_link, name="answer_link"),
    path("calendar/<str:calendar_secret>.ics", calendar.feed, name="calendar_feed"),
    path("me/calendar/", calendar.feed_manage, name="calendar_manage"),
    # Check-ins
    path(f"{COHORT}/check-ins/", checkins.checkin_list, name="checkin_list"),
    path(f"{COHORT}/check-ins/new/", checkins.checkin_new, name="checkin_new"),
    # Promises
    path(f"{COHORT}/promises/", commitments.commitment_list, name="commitment_list"),
    path(
        f"{COHORT}/promises/make/", commitments.commitment_make, name="commitment_make"
    ),
    path(f"{PROMISE}/", commitments.commitment_detail, name="commitment_detail"),
    path(f"{PROMISE}/keep/", commitments.commitment_keep, name="commitment_keep"),
    path(f"{PROMISE}/change/", commitments.commitment_change, name="commitment_change"),
    path(f"{PROMISE}/renew/", commitments.commitment_renew, name="commitment_renew"),
    path(
        f"{PROMISE}/let-go/", commitments.commitment_release, name="commitment_release"
    ),
    path(f"{PROMISE}/reopen/", commitments.commitment_reopen, name="commitment_reopen"),
    path("promises/tick/", commitments.commitment_tick, name="commitment_tick"),
    path(
        "promises/kept/<str:keep_token>/",
        commitments.commitment_keep_by_link,
        name="commitment_keep_by_link",
    ),
    # Thanks, and what is kept
    path(
        f"{COHORT}/thanks/", appreciations.appreciation_list, name="appreciation_list"
    ),
    path(
        f"{COHORT}/thanks/new/",
        appreciations.appreciation_give,
        name="appreciation_give",
    ),
    path(f"{COHORT}/insights/new/", appreciations.insight_keep, name="insight_keep"),
    # Between sessions
    path(f"{COHORT}/updates/", posts.post_list, name="post_list"),
    path(f"{COHORT}/updates/new/", posts.post_new, name="post_new"),
    path(f"{COHORT}/updates/<uuid:post_id>/", posts.post_detail, name="post_detail"),
    path(f"{COHORT}/requests/", posts.request_list, name="request_list"),
    path(f"{COHORT}/requests/new/", posts.request_new, name="request_new"),
    path(
        f"{COHORT}/requests/<uuid:post_id>/", posts.post_detail, name="request_detail"
    ),
    path(f"{COHORT}/posts/<uuid:post_id>/answer/", posts.post_reply, name="post_reply"),
    path(f"{COHORT}/posts/<uuid:post_id>/open/", posts.post_open, name="post_open"),
    path(f"{COHORT}/opened/", posts.opened_list, name="opened_list"),
    path(f"{COHORT}/posts/<uuid:post_id>/close/", posts.post_close, name="post_close"),
    path(f"{COHORT}/quiet/<uuid:quiet_id>/", quiet.quiet_answer, name="quiet_answer"),
    path(f"{COHORT}/quiet/<uuid:quiet_id>/call/", quiet.quiet_call, name="quiet_call"),
    path(
        f"{COHORT}/requests/<uuid:post_id>/put-to/",
        posts.request_put_to,
        name="request_put_to",
    ),
    # Without a connection
    path("sw.js", offline.service_worker, name="service_worker"),
]
