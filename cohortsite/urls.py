"""Where everything is. Each app says its own."""

from django.contrib import admin
from django.urls import include, path

from cohortsite import views

urlpatterns = [
    path("health/", views.health, name="health"),
    path("offline/", views.offline, name="offline"),
    path("demo/", views.demo_load, name="demo_load"),
    path("demo/remove/", views.demo_remove, name="demo_remove"),
    path("", include("people.urls")),
    path("", include("people.urls.account")),
    path("", include("cohorts.urls")),
    path("", include("charters.urls")),
    path("", include("sessions.urls")),
    path("", include("library.urls")),
    path("", include("measurement.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "cohortsite.views.went_wrong"
