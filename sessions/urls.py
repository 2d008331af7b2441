from django.urls import path

from sessions.views import calendar, live, rituals

app_name = "sessions"
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
    path("answer/<str:answer_token>/", rituals.answer_link, name="answer_link"),
    path("calendar/<str:calendar_secret>.ics", calendar.feed, name="calendar_feed"),
    path("me/calendar/", calendar.feed_manage, name="calendar_manage"),
]
