from django.urls import path

from measurement.views import funders, projects, releases

app_name = "measurement"
urlpatterns = [
    path("c/<slug:cohort_slug>/project/", projects.project_list, name="project_list"),
    path("c/<slug:cohort_slug>/project/new/", projects.project_new, name="project_new"),
    path(
        "c/<slug:cohort_slug>/project/<uuid:project_id>/",
        projects.project_detail,
        name="project_detail",
    ),
    path(
        "c/<slug:cohort_slug>/project/<uuid:project_id>/decide/",
        projects.project_restate,
        name="project_restate",
    ),
    path(
        "c/<slug:cohort_slug>/project/<uuid:project_id>/share/",
        projects.project_share,
        name="project_share",
    ),
    path(
        "c/<slug:cohort_slug>/signals/<uuid:signal_id>/read/",
        projects.reading_new,
        name="reading_new",
    ),
    path(
        "c/<slug:cohort_slug>/readings/<uuid:reading_id>/withdraw/",
        projects.reading_withdraw,
        name="reading_withdraw",
    ),
    path("f/evidence/<slug:program_slug>/", releases.release_list, name="release_list"),
    path(
        "f/evidence/<slug:program_slug>/new/", releases.release_new, name="release_new"
    ),
    path(
        "f/evidence/<slug:program_slug>/<uuid:release_id>/withdraw/",
        releases.release_withdraw,
        name="release_withdraw",
    ),
    path(
        "f/evidence/<slug:program_slug>/links/<uuid:sharelink_id>/revoke/",
        releases.share_revoke,
        name="share_revoke",
    ),
    path("evidence/shared/<str:token>/", funders.shared, name="shared"),
    path(
        "evidence/shared/<str:token>/tables.csv", funders.shared_csv, name="shared_csv"
    ),
    path(
        "evidence/shared/<str:token>/tables.json",
        funders.shared_json,
        name="shared_json",
    ),
    path(
        "evidence/shared/<str:token>/method/",
        funders.shared_method,
        name="shared_method",
    ),
    path("evidence/<slug:program_slug>/", funders.evidence, name="evidence"),
    path(
        "evidence/<slug:program_slug>/tables.csv",
        funders.evidence_csv,
        name="evidence_csv",
    ),
    path(
        "evidence/<slug:program_slug>/tables.json",
        funders.evidence_json,
        name="evidence_json",
    ),
    path(
        "evidence/<slug:program_slug>/method/",
        funders.evidence_method,
        name="evidence_method",
    ),
]
