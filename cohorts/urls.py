from django.urls import path

from cohorts.views import today

app_name = "cohorts"
urlpatterns = [
    path("today/", today.today, name="today"),
    path("place/", today.place_choose, name="place_choose"),
]
