"""The public side of a call: reading it, applying, and what comes after."""

from __future__ import annotations

from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import redis
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cohorts import (
    applying,
    attachments,
    drawing,
    joining,
    preparing,
    quotas,
    showing,
    telling,
    translating,
)
from cohorts.forms.apply import (
    PAGES,
    LinkForm,
    PageForm,
    arrival_from,
    pages_of,
)
from cohorts.links import Actor, Holder, found, proves_the_address
from cohorts.models import (
    Application,
    Draft,
    DraftFile,
    Intake,
    IntakePhase,
    ResumeToken,
)
from cohorts.sections import days_left
from people import cities
from people.access import View, by_link, public
from people.clock import hour_for
from people.models import User
from people.refusal import Refused
from people.week import days_of

Purpose = ResumeToken.Purpose
WITH_FILES = 2  # the page whose questions may be answered by voice or file
ANYONE = "people without an account apply"


def call_or_404(slug: str) -> Intake:
    return translating.spoken(
        get_object_or_404(
            Intake.objects.published()
            .select_related("program")
            .prefetch_related("phases"),
            slug=slug,
        )
    )


# --- Who this browser is ------------------------------------------------------


def _pocket(intake: Intake) -> str:
    return f"apply:{intake.slug}"


def actor_of(request: HttpRequest, intake: Intake) -> Actor:
    """The person signed in, or what this browser began or opened."""
    held = request.session.get(_pocket(intake), {})
    if held.get("draft") or held.get("application"):
        return Holder(
            draft_id=UUID(held["draft"]) if held.get("draft") else None,
            application_id=(
                UUID(held["application"]) if held.get("application") else None
            ),
            address=held.get("address", ""),
        )
    return request.user if isinstance(request.user, User) else Holder()


def writing(request: HttpRequest, intake: Intake) -> tuple[Actor, Draft | None]:
    """Who writes here, and what. Once it goes on from the mailed link, whoever began
    it is told so; their next visit begins anew."""
    actor = actor_of(request, intake)
    draft = applying.draft_of(intake, actor)
    if draft is None and applying.is_elsewhere(intake, actor):
        # What is saved by itself would begin another one, unasked.
        if request.headers.get("X-Autosave") != "1":
            request.session.pop(_pocket(intake), None)
        raise applying.elsewhere()
    return actor, draft


def remember(request: HttpRequest, intake: Intake, **held: Any) -> None:
    request.session[_pocket(intake)] = {
        name: str(value) for name, value in held.items() if value
    }


def person_in(actor: Actor) -> User | None:
    return actor if isinstance(actor, User) else None


# --- The call -----------------------------------------------------------------


@public(why="open calls are told to everyone")
def call_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    calls = (
        Intake.objects.taking_applications(now)
        .select_related("program")
        .prefetch_related("phases")
        .order_by("name", "pk")[:100]
    )
    return render(
        request,
        "cohorts/call_list_public.html",
        {"calls": [(call, call.phase(IntakePhase.Kind.APPLY)) for call in calls]},
    )


def in_asked_language(view: View) -> View:
    """`?in=sw` shows the page in that language, and keeps it for the pages after.

    So that every language of a call has an address that can be passed on. Whoever
    has an account has said there what they read, and sees this one page in it.
    """

    @wraps(view)
    def inner(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        asked = request.GET.get("in", "")
        if asked not in translating.SPOKEN:
            return view(request, **kwargs)
        with override(asked):
            response = view(request, **kwargs)
        response.headers["Content-Language"] = asked
        if not request.user.is_authenticated:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                asked,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response

    return inner


@never_cache
@public(why="the call for applications is told to everyone")
@in_asked_language
def call_show(request: HttpRequest, intake_slug: str) -> HttpResponse:
    intake = call_or_404(intake_slug)
    now = timezone.now()
    actor = actor_of(request, intake)
    return render(
        request,
        "cohorts/call_show.html",
        {
            **about_call(request, intake, now=now),
            "draft": applying.draft_of(intake, actor),
            "application": applying.application_of(intake, actor),
            "tongues": translating.languages_of(intake),
            "has_draw": quotas.draws_of(intake).exists(),
        },
    )


@public(why="how people are chosen is told to everyone")
@in_asked_language
def call_how(request: HttpRequest, intake_slug: str) -> HttpResponse:
    """How selection works, made from the settings of the call."""
    intake = call_or_404(intake_slug)
    return render(
        request,
        "cohorts/call_how.html",
        {
            "intake": intake,
            "program": intake.program,
            "parts": telling.told(intake),
        },
    )


def about_call(
    request: HttpRequest,
    intake: Intake,
    *,
    now: datetime,
    draft: Draft | None = None,
    application: Application | None = None,
) -> dict[str, Any]:
    """What every page of the application says about its call."""
    apply = intake.phase(IntakePhase.Kind.APPLY)
    criteria = sorted(intake.criteria.all(), key=lambda c: (c.position, c.pk))
    return {
        "intake": intake,
        "program": intake.program,
        "apply": apply,
        "phases": sorted(intake.phases.all(), key=lambda p: (p.opens_at, p.closes_at)),
        "is_open": intake.takes_applications(now=now),
        "is_early": apply is not None and now < apply.opens_at,
        "is_closed": apply is not None and now >= apply.closes_at,
        "window": days_left(apply.closes_at if apply else None, now),
        "criteria": [c for c in criteria if not c.beside_score],
        "beside": [c for c in criteria if c.beside_score],
        "now": now,
        "zone": zone_of(request, intake, draft, application),
    }


def zone_of(
    request: HttpRequest,
    intake: Intake,
    draft: Draft | None,
    application: Application | None = None,
) -> str:
    """Times are told for the reader's own place; the call's, where it is unknown."""
    if isinstance(request.user, User):
        return request.user.timezone
    if application is not None:
        return application.timezone
    said = str(draft.typed.get("timezone", "")) if draft else ""
    return cities.known(said) or intake.timezone


# --- Writing ------------------------------------------------------------------


@never_cache
@public(why=ANYONE)
def apply_page(request: HttpRequest, intake_slug: str, page: int) -> HttpResponse:
    if page not in PAGES:
        raise Http404
    intake = call_or_404(intake_slug)
    now = timezone.now()
    try:
        actor, draft = writing(request, intake)
    except Refused as elsewhere:
        if request.headers.get("X-Autosave") != "1":
            raise
        return JsonResponse({"said": str(elsewhere.sentence)}, status=409)
    if draft is None and page > 1:
        return redirect("cohorts:apply_page", intake.slug, 1)
    if not intake.takes_applications(now=now):
        return _closed(request, intake, draft, actor, now=now)
    if request.method == "POST":
        return _page_posted(request, intake, draft, actor, page, now=now)
    form = _page_form(intake, draft, actor, page)
    return _page_shown(request, intake, draft, form, now=now)


def _page_form(
    intake: Intake, draft: Draft | None, actor: Actor, page: int
) -> PageForm:
    """The page as the draft holds it, without judging it yet."""
    kind = PAGES[page]
    form = kind(
        intake=intake,
        person=_writer(draft, actor),
        kept=attachments.of_draft(draft) if page == WITH_FILES else None,
    )
    if draft is not None:
        held = {n: v for n, v in draft.typed.items() if n in form.fields}
        form.initial = {**held, "seen": applying.seal_of(draft, form.names)}
    else:
        form.initial = {"seen": applying.seal_of(None, form.names)}
    return form


def _writer(draft: Draft | None, actor: Actor) -> User | None:
    """The account that the letters go to, if the writer has one."""
    if draft is not None and draft.person_id is None:
        return None
    return person_in(actor)


def _page_posted(
    request: HttpRequest,
    intake: Intake,
    draft: Draft | None,
    actor: Actor,
    page: int,
    *,
    now: datetime,
) -> HttpResponse:
    by_itself = request.headers.get("X-Autosave") == "1"
    refused: dict[str, str] = {}
    if draft is not None and page == WITH_FILES and not by_itself:
        refused = _files_posted(request, intake, draft, actor, now=now)
    form = PAGES[page](
        request.POST,
        intake=intake,
        person=_writer(draft, actor),
        kept=attachments.of_draft(draft) if page == WITH_FILES else None,
    )
    typed = form.typed
    seal = applying.seal_of(draft, form.names)
    seen = request.POST.get("seen", "")
    is_stale = (
        draft is not None
        and seen not in ("", seal)
        and any(draft.typed.get(n, "") != typed[n] for n in form.names)
    )
    if is_stale and draft is not None:
        if by_itself:
            return JsonResponse(
                {"said": _("This page was changed on another device.")}, status=409
            )
        form.is_valid()
        form.warn_of_another_device(draft, seal)
        return _page_shown(request, intake, draft, form, now=now, status=422)
    done = None if by_itself else form.is_valid()
    for name, sentence in refused.items():
        form.add_error(name, sentence)
        done = False
    if draft is None:
        if not _may_begin(request):
            said = _(
                "Very many applications were begun from your network within an hour. "
                "Keep what you have written, and try again in a while."
            )
            if by_itself:
                return JsonResponse({"said": said}, status=409)
            form.add_error(None, said)
            return _page_shown(request, intake, None, form, now=now, status=422)
        key = _key_from(request)
        draft = applying.begin(intake, by=actor, typed=typed, client_key=key, now=now)
        if not isinstance(actor, User):
            actor = Holder(draft_id=draft.pk)
            remember(request, intake, draft=draft.pk)
        applying.keep(draft, by=actor, page=page, typed=typed, done=done, now=now)
    else:
        applying.keep(draft, by=actor, page=page, typed=typed, done=done, now=now)
    if by_itself:
        return JsonResponse(
            {
                "draft": draft.pk.hex[26:],
                "seen": applying.seal_of(draft, form.names),
                "said": _("Saved at %(hour)s.")
                % {"hour": hour_for(now, ZoneInfo(zone_of(request, intake, draft)))},
            }
        )
    if "remove" in request.POST and draft is not None:
        where = redirect("cohorts:apply_page", intake.slug, page)
        where["Location"] += f"#id_q_{request.POST['remove']}"
        return where
    if "stay" in request.POST:
        where = redirect("cohorts:apply_page", intake.slug, page)
        where["Location"] += "#id_availability"
        return where
    if "later" in request.POST:
        mailed = applying.send_link(draft, by=actor, now=now, again=True)
        remember_mailed(request, draft.email if mailed else "")
        return redirect("cohorts:apply_later", intake.slug)
    if not done:
        return _page_shown(request, intake, draft, form, now=now, status=422)
    if page == 1:
        applying.send_link(draft, by=actor, now=now)
    if page == max(PAGES):
        return redirect("cohorts:apply_review", intake.slug)
    return redirect("cohorts:apply_page", intake.slug, page + 1)


def _may_begin(request: HttpRequest) -> bool:
    """Bounded as the codes to sign in are, so that no script fills the table.

    Where nobody can be counted nobody is kept out.
    """
    config = {"begin": settings.BEGUN_FROM_ONE_PLACE}
    try:
        return bool(
            ratelimit.consume(request, app="cohorts", action="begin", config=config)
        )
    except (PermissionDenied, redis.RedisError):
        return True


def _files_posted(
    request: HttpRequest, intake: Intake, draft: Draft, actor: Actor, *, now: datetime
) -> dict[str, str]:
    """Keep what came with the page, before anything else on it is judged.

    Returns what was not taken: the field, and a sentence.
    """
    refused: dict[str, str] = {}
    for question in intake.questions.all():
        if request.POST.get("remove") == question.pk.hex:
            applying.drop_file(draft, by=actor, question_id=question.pk)
            continue
        upload = request.FILES.get(f"f_{question.pk.hex}")
        if upload is None or not question.takes_upload:
            continue
        try:
            applying.keep_file(
                draft, by=actor, question=question, upload=upload, now=now
            )
        except Refused as why:
            refused[f"f_{question.pk.hex}"] = str(why)
    return refused


def _key_from(request: HttpRequest) -> Any:
    """One key for a browser's first line, so that sending it twice begins once."""
    try:
        return UUID(request.POST.get("client_key", ""))
    except ValueError:
        return None


def remember_mailed(request: HttpRequest, address: str) -> None:
    request.session["apply-mailed"] = address


def _page_shown(
    request: HttpRequest,
    intake: Intake,
    draft: Draft | None,
    form: PageForm,
    *,
    now: datetime,
    status: int = 200,
) -> HttpResponse:
    if status == 422 and not form.theirs:
        # Kept as it stands: the next press of the button knows that.
        again = request.POST.copy()
        again["seen"] = applying.seal_of(draft, form.names)
        form.data = again
    return render(
        request,
        "cohorts/apply_page.html",
        {
            **about_call(request, intake, now=now, draft=draft),
            "draft": draft,
            "form": form,
            "pages": sorted(PAGES),
            "client_key": uuid4() if draft is None else "",
        },
        status=status,
    )


def _closed(
    request: HttpRequest,
    intake: Intake,
    draft: Draft | None,
    actor: Actor,
    *,
    now: datetime,
) -> HttpResponse:
    """The deadline has passed, or has not begun: nothing typed is lost."""
    typed = []
    if request.method == "POST" and request.headers.get("X-Autosave") == "1":
        return JsonResponse({"said": _("This call has closed.")}, status=409)
    if request.method == "POST":
        typed = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name not in ("csrfmiddlewaretoken", "seen", "client_key")
            and value.strip()
        ]
    return render(
        request,
        "cohorts/apply_closed.html",
        {
            **about_call(request, intake, now=now, draft=draft),
            "draft": draft,
            "pages": read_back(draft, person=_writer(draft, actor)) if draft else [],
            "typed": typed,
        },
        status=409 if request.method == "POST" else 200,
    )


def read_back(
    draft: Draft, *, person: User | None
) -> list[tuple[PageForm, list[tuple[Any, str]]]]:
    """Every page with what stands in it, in words."""
    found = []
    for form in pages_of(draft, person=person):
        form.is_valid()
        lines = [
            (field.label, shown(form, name))
            for name, field in form.fields.items()
            if name in form.names or getattr(field, "is_own", False)
        ]
        found.append((form, lines))
    return found


def shown(form: PageForm, name: str) -> str:
    """One answer in words, right or wrong."""
    value = form.typed.get(name, "")
    upload = getattr(form.fields.get(f"f_{name[2:]}"), "kept", None)
    if upload is not None:
        added = _in_short(upload)
        return f"{value}\n{added}" if value else added
    if name == "availability":
        return in_words(value if isinstance(value, str) else "")
    if isinstance(value, list):
        return ", ".join(value)
    if value == "on":
        return _("yes")
    choices = dict(_flat(getattr(form.fields[name], "choices", ())))
    return str(choices.get(value, value))


def _in_short(upload: DraftFile) -> str:
    size = filesizeformat(upload.size)
    if upload.is_sound:
        return _("A recording, %(size)s") % {"size": size}
    return _("A file, %(size)s") % {"size": size}


def _flat(choices: Any) -> Any:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label


def in_words(week: str) -> str:
    said = [
        f"{day.name} " + ", ".join(f"{a}–{b} {how}" for a, b, how in day.spans)
        for day in days_of(week)
        if day.spans
    ]
    return "; ".join(said)


@never_cache
@public(why=ANYONE)
def apply_later(request: HttpRequest, intake_slug: str) -> HttpResponse:
    intake = call_or_404(intake_slug)
    _actor, draft = writing(request, intake)
    if draft is None:
        return redirect("cohorts:call_show", intake.slug)
    return render(
        request,
        "cohorts/apply_later.html",
        {
            **about_call(request, intake, now=timezone.now(), draft=draft),
            "draft": draft,
            "mailed": request.session.get("apply-mailed", ""),
        },
    )


@never_cache
@public(why=ANYONE)
def apply_review(request: HttpRequest, intake_slug: str) -> HttpResponse:
    """Everything on one page before it is sent; sent once, however often pressed."""
    intake = call_or_404(intake_slug)
    now = timezone.now()
    actor, draft = writing(request, intake)
    if draft is None:
        # Sent already (the second press of the button), or nothing begun.
        if applying.application_of(intake, actor) or request.session.get(
            f"sent:{intake.slug}"
        ):
            return redirect("cohorts:apply_status", intake.slug)
        return redirect("cohorts:call_show", intake.slug)
    draft.intake = intake
    if not intake.takes_applications(now=now):
        return _closed(request, intake, draft, actor, now=now)
    pages = read_back(draft, person=_writer(draft, actor))
    forms = [form for form, _lines in pages]
    is_whole = all(form.is_valid() for form in forms)
    if request.method == "POST" and is_whole:
        arrival = arrival_from(forms, draft)
        application = applying.submit(draft, by=actor, arrival=arrival, now=now)
        request.session[f"sent:{intake.slug}"] = arrival.email
        if isinstance(actor, Holder):
            # The status needs the mailbox, or what this browser proved before.
            proven = actor.address.lower() == arrival.email.lower() != ""
            remember(
                request,
                intake,
                application=application.pk if application and proven else None,
                address=actor.address if proven else "",
                draft=None if application else draft.pk,
            )
        return redirect("cohorts:apply_status", intake.slug)
    return render(
        request,
        "cohorts/apply_review.html",
        {
            **about_call(request, intake, now=now, draft=draft),
            "draft": draft,
            "pages": pages,
            "is_whole": is_whole,
            **time_load(forms, intake),
        },
        status=422 if request.method == "POST" else 200,
    )


def time_load(forms: list[PageForm], intake: Intake) -> dict[str, Any]:
    """What they can give against what it takes, and whether they can meet at all."""
    said: dict[str, Any] = {}
    for form in forms:
        said |= getattr(form, "cleaned_data", {})
    hours = said.get("hours_per_month")
    return {
        "hours_said": hours,
        "is_short": hours is not None and hours < intake.hours_per_month,
        "has_no_hours": not said.get("availability"),
    }


@require_POST
@public(why=ANYONE)
def apply_throw_away(request: HttpRequest, intake_slug: str) -> HttpResponse:
    intake = call_or_404(intake_slug)
    actor, draft = writing(request, intake)
    if draft is not None:
        applying.throw_away(draft, by=actor)
        request.session.pop(_pocket(intake), None)
        messages.success(request, _("What you had written is deleted."))
    return redirect("cohorts:call_show", intake.slug)


# --- Links --------------------------------------------------------------------


@never_cache
@by_link(why="resumes an application on any device; reading changes nothing")
def apply_resume(request: HttpRequest, secret: str) -> HttpResponse:
    token = found(secret, Purpose.RESUME, Purpose.STATUS, Purpose.REPLY)
    if token is None:
        return _link_gone(request)
    if token.draft is not None:
        draft = token.draft
        intake = draft.intake
        if draft.sent_as_id:
            remember(
                request, intake, application=draft.sent_as_id, address=token.sent_to
            )
            return redirect("cohorts:apply_status", intake.slug)
        remember(request, intake, draft=draft.pk, address=token.sent_to)
        open_page = next((n for n in sorted(PAGES) if n not in draft.done), None)
        if open_page is None:
            return redirect("cohorts:apply_review", intake.slug)
        return redirect("cohorts:apply_page", intake.slug, open_page)
    application = token.application
    intake = application.intake
    remember(request, intake, application=application.pk, address=token.sent_to)
    return redirect("cohorts:apply_status", intake.slug)


def _link_gone(request: HttpRequest) -> HttpResponse:
    return render(request, "cohorts/apply_link_gone.html", status=404)


@never_cache
@public(why="somebody lost their link; the answer tells nothing about the address")
def apply_link(request: HttpRequest, intake_slug: str) -> HttpResponse:
    intake = call_or_404(intake_slug)
    form = LinkForm(request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            address = form.cleaned_data["email"]
            applying.ask_for_link(intake, address=address, now=timezone.now())
            messages.success(
                request,
                _(
                    "If an application with this address is here, a link is on its "
                    "way to it."
                ),
            )
            return redirect("cohorts:call_show", intake.slug)
        return render(
            request,
            "cohorts/apply_link.html",
            {"intake": intake, "form": form},
            status=422,
        )
    return render(request, "cohorts/apply_link.html", {"intake": intake, "form": form})


# --- Afterwards ---------------------------------------------------------------


@never_cache
@public(why=ANYONE)
def apply_status(request: HttpRequest, intake_slug: str) -> HttpResponse:
    intake = call_or_404(intake_slug)
    actor = actor_of(request, intake)
    application = applying.application_of(intake, actor)
    sent_to = request.session.get(f"sent:{intake.slug}", "")
    if application is None and not sent_to:
        return redirect("cohorts:call_show", intake.slug)
    now = timezone.now()
    ticket = drawing.ticket_of(application) if application is not None else None
    sits_in = (
        joining.sits_in(application)
        if application is not None and showing.may_be_asked(application)
        else None
    )
    return render(
        request,
        "cohorts/apply_status.html",
        {
            **about_call(request, intake, now=now, application=application),
            "application": application,
            "ticket": ticket,
            "record": ticket.lottery.record if ticket else None,
            "chance": preparing.in_a_hundred(ticket.chance) if ticket else None,
            "sent_to": sent_to,
            "may_answer": application is not None
            and application.awaits_reply
            and proves_the_address(actor, application),
            "shares": showing.lines_of(application)
            if application is not None and proves_the_address(actor, application)
            else [],
            "sits_in": sits_in,
            "may_withdraw": application is not None
            and application.is_open
            and sits_in is None,
            "thread": thread_of(intake, application, now=now),
        },
    )


def thread_of(
    intake: Intake, application: Application | None, *, now: datetime
) -> list[dict[str, Any]]:
    """What happened and what happens when."""
    kind = IntakePhase.Kind
    found: list[dict[str, Any]] = []
    if application is not None:
        found.append({"title": _("Sent"), "at": application.submitted_at})
        if application.withdrawn_at:
            found.append(
                {
                    "title": _("Withdrawn"),
                    "at": application.withdrawn_at,
                    "state": "end",
                }
            )
            return found
    review, decide, confirm = (
        intake.phase(k) for k in (kind.REVIEW, kind.DECIDE, kind.CONFIRM)
    )
    told = application.released_at if application else None
    if review and not told:
        found.append(
            {
                "title": _("Read, without your name"),
                "until": review.closes_at,
                "state": "" if now > review.closes_at else "next",
            }
        )
    if told:
        found.append({"title": _("Answered"), "at": told})
    elif intake.answer_by:
        found.append(
            {"title": _("You hear from us"), "by": intake.answer_by, "state": "next"}
        )
    elif decide:
        found.append(
            {"title": _("You hear from us"), "at": decide.closes_at, "state": "next"}
        )
    if application and application.replied_at:
        found.append({"title": _("You replied"), "at": application.replied_at})
    elif confirm and (application is None or application.outcome in ("", "offered")):
        found.append(
            {
                "title": _("If a seat is offered, you say yes or no"),
                "at": confirm.closes_at,
                "state": "next",
            }
        )
    return found


@never_cache
@public(why=ANYONE)
def apply_withdraw(request: HttpRequest, intake_slug: str) -> HttpResponse:
    intake = call_or_404(intake_slug)
    actor = actor_of(request, intake)
    application = applying.application_of(intake, actor)
    if application is None:
        return redirect("cohorts:call_show", intake.slug)
    if request.method == "POST":
        applying.withdraw(application, by=actor, now=timezone.now())
        messages.success(request, _("Your application is withdrawn."))
        return redirect("cohorts:apply_status", intake.slug)
    applying.refuse_if_seated(application)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Withdraw your application?"),
            "consequence": _(
                "You give up your seat: it may go to somebody else at once, and an "
                "invitation to a cohort that you got ends."
            )
            if application.reply == Application.Reply.ACCEPTED
            else _(
                "Nobody reads it any more. You can send another one while the call "
                "is open."
            ),
            "action": _("Withdraw"),
            "back": f"/apply/{intake.slug}/status/",
            "stop": True,
        },
    )


@require_POST
@public(why=ANYONE)
def apply_answer(request: HttpRequest, intake_slug: str) -> HttpResponse:
    """Take or refuse the seat from the status page."""
    intake = call_or_404(intake_slug)
    actor = actor_of(request, intake)
    application = applying.application_of(intake, actor)
    if application is None:
        raise Http404
    return _answered(request, application, actor)


@never_cache
@by_link(why="answers an offer; showing it changes nothing")
def apply_reply(request: HttpRequest, secret: str) -> HttpResponse:
    token = found(secret, Purpose.REPLY)
    if token is None or token.application is None:
        return _link_gone(request)
    application = token.application
    intake = application.intake
    actor = Holder(application_id=application.pk, address=token.sent_to)
    if request.method == "POST":
        remember(request, intake, application=application.pk, address=token.sent_to)
        return _answered(request, application, actor)
    return render(
        request,
        "cohorts/apply_reply.html",
        {
            **about_call(request, intake, now=timezone.now()),
            "application": application,
            "may_answer": application.awaits_reply,
            "is_for_another": _is_for_another(request, application),
        },
    )


def _is_for_another(request: HttpRequest, application: Application) -> bool:
    """Whether somebody signed in reads a letter that went to an address not theirs."""
    if not request.user.is_authenticated:
        return False
    if application.applicant_id is not None:
        return application.applicant_id != request.user.pk
    return not applying.reads_mail_at(request.user, application.email)


def _answered(
    request: HttpRequest, application: Application, actor: Actor
) -> HttpResponse:
    now = timezone.now()
    if request.POST.get("answer") == "yes":
        person = request.user if isinstance(request.user, User) else None
        taken = applying.take_seat(application, by=actor, person=person, now=now)
        messages.success(request, _("Your seat is yours. We look forward to it."))
        if showing.lines_of(taken):
            return redirect("cohorts:apply_share", application.intake.slug)
    elif request.POST.get("answer") == "no":
        applying.refuse_seat(application, by=actor, now=now)
        messages.success(request, _("Thank you for telling us."))
    return redirect("cohorts:apply_status", application.intake.slug)
