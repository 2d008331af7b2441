from django.urls import URLPattern, path

from people.views import entrance, front

app_name = "people"
urlpatterns: list[URLPattern] = [
    path("", front.landing, name="landing"),
    path("language/", front.language, name="language"),
    path("me/place/", front.place, name="place"),
    path("sign-in/as/", entrance.sign_in_as, name="sign_in_as"),
]
