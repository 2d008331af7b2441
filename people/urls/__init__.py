from django.urls import URLPattern, path

from people.views import entrance, front, mailbox, me, privacy

app_name = "people"
urlpatterns: list[URLPattern] = [
    path("", front.landing, name="landing"),
    path("language/", front.language, name="language"),
    path("me/", me.me, name="me"),
    path("me/hours/", me.hours, name="hours"),
    path("me/notices/", me.notices, name="notices"),
    path("me/privacy/", privacy.privacy, name="privacy"),
    path("me/data/", privacy.data, name="data"),
    path("me/data/export/", privacy.export, name="export"),
    path("me/data/<uuid:export_id>.zip", privacy.export_file, name="export_file"),
    path("erased/<uuid:receipt_id>/", privacy.erased, name="erased"),
    path("me/data/erase/", privacy.erase, name="erase"),
    path("mailbox/", mailbox.letters, name="mailbox"),
    path("mailbox/<str:name>/", mailbox.letter, name="letter"),
    path("stop/<str:token>/", me.stop, name="stop"),
    path("me/keys/second/", entrance.second_key, name="second_key"),
    path("me/place/", front.place, name="place"),
    path("sign-in/as/", entrance.sign_in_as, name="sign_in_as"),
]
