from django.urls import path

from library.views import resources, search

app_name = "library"
urlpatterns = [
    path("library/", search.library, name="library"),
    path("library/<slug:slug>/", resources.copy_detail, name="copy_detail"),
    path("commons/", search.commons, name="commons"),
    path("commons/<slug:slug>/", resources.commons_detail, name="commons_detail"),
    path(
        "c/<slug:cohort_slug>/library/new/", resources.resource_new, name="resource_new"
    ),
    path(
        "c/<slug:cohort_slug>/library/adapt/<uuid:source>/",
        resources.resource_adapt,
        name="resource_adapt",
    ),
    path(
        "c/<slug:cohort_slug>/library/<uuid:resource_id>/",
        resources.resource_detail,
        name="resource_detail",
    ),
    path(
        "c/<slug:cohort_slug>/library/<uuid:resource_id>/edit/",
        resources.resource_edit,
        name="resource_edit",
    ),
    path(
        "c/<slug:cohort_slug>/library/<uuid:resource_id>/publish/",
        resources.resource_publish,
        name="resource_publish",
    ),
    path(
        "c/<slug:cohort_slug>/library/<uuid:resource_id>/withdraw/",
        resources.resource_withdraw,
        name="resource_withdraw",
    ),
    path(
        "c/<slug:cohort_slug>/library/<uuid:resource_id>/retire/",
        resources.resource_retire,
        name="resource_retire",
    ),
]
