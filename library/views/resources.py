"""One resource: in its cohort, and its published copies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from cohorts.places import places_for
from library import curation, searching
from library.forms import AdaptForm, PublishForm, ResourceForm
from library.lineage import family
from library.markdown import render as render_markdown
from library.models import Audience, Kind, Resource
from people.access import public, signed_in

FORM = "library/resource_form.html"


@cohort_page
def resource_detail(
    request: HttpRequest, cohort: Cohort, membership: Membership, resource_id: UUID
) -> HttpResponse:
    resource = _resource(request, cohort, resource_id)
    mine = resource.author_id == membership.pk
    return render(
        request,
        "library/resource_detail.html",
        {
            "cohort": cohort,
            "resource": resource,
            "html": render_markdown(resource.body),
            "copies": curation.copies_of(resource),
            "is_author": mine,
            "may_curate": mine or membership.is_facilitator,
            "lines": _lines(resource),
        },
    )


@cohort_page
def resource_new(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    kind = request.GET.get("kind", Kind.PLAYBOOK)
    form = ResourceForm(
        request.POST or None,
        initial={"kind": kind, "language": request.LANGUAGE_CODE},  # type: ignore[attr-defined]
    )
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        resource = curation.keep(
            by=membership,
            tags=form.cleaned_data["tags"],
            client_key=form.key,
            **form.described(),
        )
        return _to(resource, cohort)
    return _form_page(request, cohort, form)


@cohort_page
def resource_edit(
    request: HttpRequest, cohort: Cohort, membership: Membership, resource_id: UUID
) -> HttpResponse:
    resource = _resource(request, cohort, resource_id)
    kind = AdaptForm if resource.source_title else ResourceForm
    form = kind(
        request.POST or None,
        current=resource,
        initial={"stayed": resource.stayed, "changed": resource.changed},
    )
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        curation.revise(
            resource,
            by=membership.person,
            tags=form.cleaned_data["tags"],
            **form.described(),
        )
        messages.success(request, _("Saved. Copies outside stay as they were."))
        return _to(resource, cohort)
    return _form_page(request, cohort, form, resource=resource)


@cohort_page
def resource_publish(
    request: HttpRequest, cohort: Cohort, membership: Membership, resource_id: UUID
) -> HttpResponse:
    resource = _resource(request, cohort, resource_id)
    form = PublishForm(
        request.POST or None,
        initial={
            "audience": Audience.PROGRAM,
            "attribution": f"{membership.person.name}, {cohort.name}",
        },
    )
    if request.method == "POST" and form.is_valid():
        copy = curation.publish(
            resource,
            audience=form.cleaned_data["audience"],
            attribution=form.cleaned_data["attribution"],
            by=membership.person,
        )
        messages.success(request, _("Published. You can take it back at any time."))
        return redirect("library:copy_detail", copy.slug)
    return render(
        request,
        "library/resource_publish.html",
        {"cohort": cohort, "resource": resource, "form": form},
        status=422 if form.errors else 200,
    )


@require_POST
@cohort_page
def resource_withdraw(
    request: HttpRequest, cohort: Cohort, membership: Membership, resource_id: UUID
) -> HttpResponse:
    resource = _resource(request, cohort, resource_id)
    audience = request.POST.get("audience", "")
    if audience not in Audience.values:
        raise Http404
    if curation.withdraw(resource, audience=audience, by=membership.person):
        messages.success(request, _("Taken back. The page outside is gone."))
    return _to(resource, cohort)


@cohort_page
def resource_retire(
    request: HttpRequest, cohort: Cohort, membership: Membership, resource_id: UUID
) -> HttpResponse:
    """Asks first; a retired piece can be put back from its own page."""
    resource = _resource(request, cohort, resource_id)
    if request.method == "POST":
        if "restore" in request.POST:
            curation.restore(resource, by=membership.person)
            messages.success(request, _("Back on the shelf."))
        else:
            curation.retire(resource, by=membership.person)
            messages.success(request, _("Taken off the shelf. You can put it back."))
        return _to(resource, cohort)
    return render(
        request,
        "library/resource_retire.html",
        {"cohort": cohort, "resource": resource},
    )


@cohort_page
def resource_adapt(
    request: HttpRequest, cohort: Cohort, membership: Membership, source: UUID
) -> HttpResponse:
    """Write down an adaptation of a piece of this cohort, or of a published copy."""
    original = _source(request, source)
    form = AdaptForm(
        request.POST or None,
        initial={
            "title": original.title,
            "kind": original.kind,
            "summary": original.summary,
            "body": original.body,
            "language": original.language,
            "tags": ", ".join(original.tag_names),
            "sector": original.sector,
        },
    )
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        resource = curation.keep(
            by=membership,
            tags=form.cleaned_data["tags"],
            client_key=form.key,
            source=original,
            **form.described(),
        )
        return _to(resource, cohort)
    return _form_page(request, cohort, form, source=original)


@signed_in
def copy_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A published copy, for people with an account."""
    copy = searching.published(request.user, slug)
    if copy is None:
        raise Http404
    home = places_for(request).home
    return _copy_page(request, copy, viewer=request.user, home=home)


@public(why="a page its author has published to everyone")
def commons_detail(request: HttpRequest, slug: str) -> HttpResponse:
    anyone = _Anyone()
    copy = searching.published(anyone, slug)
    if copy is None:
        raise Http404
    return _copy_page(request, copy, viewer=anyone, home=None)


class _Anyone:
    is_authenticated = False


def _copy_page(
    request: HttpRequest, copy: Any, *, viewer: Any, home: Any
) -> HttpResponse:
    relatives = searching.relatives(viewer, copy)
    return render(
        request,
        "library/copy_detail.html",
        {
            "copy": copy,
            "html": render_markdown(copy.body),
            "tree": family(relatives, here=copy.pk),
            "family_size": len(relatives),
            "home": home,
            "is_public_page": not viewer.is_authenticated,
        },
    )


def _resource(request: HttpRequest, cohort: Cohort, key: UUID) -> Resource:
    return get_object_or_404(
        Resource.objects.visible_to(request.user).select_related(
            "author__person", "cohort", "source"
        ),
        cohort=cohort,
        pk=key,
    )


def _source(request: HttpRequest, key: UUID) -> Any:
    for _shelf, rows in searching.shelves(request.user):
        found = rows.filter(pk=key).first()
        if found is not None:
            return found
    raise Http404


def _lines(resource: Resource) -> list[str]:
    """Where it comes from, in words."""
    return [part for part in (resource.kept_from, resource.place) if part]


def _form_page(
    request: HttpRequest, cohort: Cohort, form: ResourceForm, **more: Any
) -> HttpResponse:
    preview = ""
    if "preview" in request.POST:
        preview = render_markdown(request.POST.get("body", ""), below=2)
        form.is_valid()
    return render(
        request,
        FORM,
        {"cohort": cohort, "form": form, "preview": preview, **more},
        status=422 if form.errors and not preview else 200,
    )


def _to(resource: Resource, cohort: Cohort) -> HttpResponse:
    return redirect("library:resource_detail", cohort.slug, resource.pk)
