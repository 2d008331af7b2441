"""Every setting of the house, read top to bottom, everything from the environment.

`manage.py up` and the tests set the environment themselves; production sets it
in `.env` (see `.env.example`).
"""

import os
from pathlib import Path

import dj_database_url
import django
from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

# Tables here are small: shared out among cores they cost more than they give, and
# their sums come out differently on a machine with other cores. Read by numpy when it
# is first imported, so it has to stand here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent

# What the embedded run keeps: database, mails, uploads, compiled static files.
STATE_DIR = Path(os.environ.get("COHORTSITE_STATE", BASE_DIR / "var"))


def listed(name: str, default: str = "") -> list[str]:
    return [part for part in os.environ.get(name, default).split(",") if part]


def flag(name: str) -> bool:
    return os.environ.get(name, "") not in ("", "0", "no", "false")


# --- What kind of run this is -------------------------------------------------
# `manage.py up` and the tests say so; production says neither.
EMBEDDED = flag("COHORTSITE_EMBEDDED")
# In tests, a query that cannot be prepared raises; elsewhere it is written each time.
PREPARED_STRICTLY = flag("PREPARED_STRICTLY")
DEBUG = False
# For tests and commands, which sign nothing that leaves this machine (`up` makes a
# key of its own). `check --deploy` refuses it.
EMBEDDED_SECRET_KEY = "embedded-and-only-embedded" * 2
SECRET_KEY = os.environ.get("SECRET_KEY", EMBEDDED_SECRET_KEY)
# What rests encrypted in the database: the first key writes, all of them read. Keys of
# their own, so that changing SECRET_KEY loses nobody's words; `check --deploy` asks.
FIELD_KEYS = listed("FIELD_KEYS") or [SECRET_KEY]
SITE_URL = os.environ.get("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "cohortsite",
    "people",
    "cohorts",
    "library",
    "charters",
    # The package is `sessions`, its label `cohort_sessions`.
    "sessions.apps.SessionsConfig",
    "measurement",
    "django.forms",  # its widget templates, for FORM_RENDERER
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "taggit",
    "csp",
    *([] if django.VERSION >= (6,) else ["template_partials"]),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "cohortsite.middleware.CleanInputMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.middleware.PersonMiddleware",
    "cohortsite.middleware.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cohortsite.middleware.HtmxMannersMiddleware",
    "cohortsite.middleware.SecondKeyMiddleware",
    "cohortsite.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "cohortsite.urls"
WSGI_APPLICATION = "cohortsite.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "people.templatetags.house",
                *(
                    []
                    if django.VERSION >= (6,)
                    else ["template_partials.templatetags.partials"]
                ),
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cohorts.tabs.context",
            ],
        },
    }
]
FORM_RENDERER = "people.forms.HouseRenderer"

# --- Data ---------------------------------------------------------------------
# The role in the URL decides what a process may do: `owner` migrates, `web` and
# `worker` run. A funder's request puts on the `funder` role (measurement.access).
DATABASE_URL = os.environ.get("DATABASE_URL", "postgres://web@/cohortsite")
DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_URL, conn_max_age=None if flag("DATABASE_KEEP") else 0
    )
}
if flag("DATABASE_POOL"):  # the web process only: workers keep one connection each
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    # A connection that died while nobody used it is replaced, not handed out.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": int(os.environ.get("DATABASE_POOL", "8")),
        "timeout": 5,
        # Soon give up and start over: waits between tries double, and the database
        # may be back long before the next one.
        "reconnect_timeout": 2,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# `redis+socket:///path` as Celery writes it, `redis://host` elsewhere.
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
REDIS_CLIENT_URL = REDIS_URL.replace("redis+socket://", "unix://", 1)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_CLIENT_URL,
        "KEY_PREFIX": "cohortsite",
    }
}

# --- People -------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["people.adapters.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/today/"

# Sign-in: a code by mail, or a passkey, or a password with a second factor.
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "people.forms.account.PasswordSignInForm",
    "request_login_code": "people.forms.account.SignInForm",
    "signup": "people.forms.account.SignUpForm",
    "set_password": "people.forms.account.SetPasswordForm",
    "change_password": "people.forms.account.ChangePasswordForm",
    "reset_password_from_key": "people.forms.account.ResetPasswordKeyForm",
}
MFA_FORMS = {"add_webauthn": "people.forms.account.PasskeyForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_REDIRECT_URL = "/me/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# Slow links and shared phones: three minutes are too few.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A mail when a password, an address or a passkey changed.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# Six digits: easy to carry from one screen to another, three tries per code.
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
# How many applications may be begun from one network address; a whole school or a
# telephone company may stand behind one. Empty: as many as anybody likes.
BEGUN_FROM_ONE_PLACE = os.environ.get("BEGUN_FROM_ONE_PLACE", "300/h/ip")
# How many proxies stand in front; their X-Forwarded-For is then believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXIES", "0"))
MFA_ADAPTER = "people.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Cohortsite"
# One step either way: phones' clocks drift.
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = EMBEDDED
# Leads, facilitators, reviewers and funders show a second key before anything
# private opens to them. Not in the embedded run, whose mails anybody at the machine
# can read and where people of the demo are one click away.
SECOND_KEY_REQUIRED = not EMBEDDED
SESSION_ENGINE = "people.session_store"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "cohortsite.views.form_too_old"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Languages and time -------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("pt-br", _("Portuguese")),
    ("ar", _("Arabic")),
    ("sw", _("Swahili")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files --------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = STATE_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Nobody asks for the plain names, and compressing them too takes twice as long.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = STATE_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

# --- Mail ---------------------------------------------------------------------
EMAIL_BACKEND = os.environ.get(
    "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_FILE_PATH = STATE_DIR / "mail"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get(
    "DEFAULT_FROM_EMAIL", "Cohortsite <noreply@localhost>"
)

# For django-anymail, where EMAIL_BACKEND names one of its providers: ANYMAIL_MAILGUN_…
ANYMAIL = {
    name.removeprefix("ANYMAIL_"): value
    for name, value in os.environ.items()
    if name.startswith("ANYMAIL_")
}

# --- Work behind the pages ----------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Every clock in the house on one page. Due things are rows: a tick that comes
# twice, or late, plans nothing twice.
CELERY_BEAT_SCHEDULE = {
    "deliver what is due": {
        "task": "people.tasks.deliver_due",
        "schedule": 60.0,
        # A pile of ticks behind a sleeping worker is worth one.
        "options": {"expires": 55},
    },
    "remind of sessions": {
        "task": "sessions.tasks.remind_of_sessions",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
    "close rooms that nobody closed": {
        "task": "sessions.tasks.close_forgotten_rooms",
        "schedule": crontab(minute=41),
    },
    # Hourly, since mornings differ.
    "plan the reminders of promises": {
        "task": "sessions.tasks.remind_of_commitments",
        "schedule": crontab(minute=5),
    },
    # Hourly, so that a missed tick costs no day.
    "look after those who went quiet": {
        "task": "sessions.tasks.tend_the_quiet",
        "schedule": crontab(minute=27),
    },
    "sweep what was left half sent": {
        "task": "people.tasks.sweep_stale",
        "schedule": crontab(minute=17),
    },
    "tend the consent rounds": {
        "task": "charters.tasks.tend_rounds",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 550},
    },
    # Hourly: the day of a review begins at another hour in every place.
    "tend the reviews of charters": {
        "task": "charters.tasks.tend_reviews",
        "schedule": crontab(minute=7),
    },
    "tend what is kept in confidence": {
        "task": "charters.tasks.tend_repairs",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 550},
    },
    # Their thirty days end at midnight somewhere; that morning they are gone.
    "erase words whose time is over": {
        "task": "charters.tasks.erase_repairs",
        "schedule": crontab(minute=33, hour="*/6"),
    },
    "fold what can wait into one letter": {
        "task": "people.tasks.plan_digests",
        "schedule": crontab(minute="1,31"),
    },
    "pack what people asked to take along": {
        "task": "people.tasks.make_exports",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "forget the devices of ended sessions": {
        "task": "people.tasks.forget_ended_sessions",
        "schedule": crontab(hour=3, minute=20),
    },
    "drop packed data after a week": {
        "task": "people.tasks.drop_old_exports",
        "schedule": crontab(hour=3, minute=40),
    },
    "forget messages that arrived a month ago": {
        "task": "people.tasks.prune_outbox",
        "schedule": crontab(hour=4, minute=10),
    },
    "remind of seats that wait for an answer": {
        "task": "cohorts.tasks.remind_of_offers",
        "schedule": crontab(minute=27),
    },
    "forget the answers that are kept no longer": {
        "task": "cohorts.tasks.forget_what_is_kept_no_longer",
        "schedule": crontab(hour=2, minute=50),
    },
    "take up long work that rests": {
        "task": "cohorts.tasks.take_up_what_rests",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
    "let offers lapse whose time has passed": {
        "task": "cohorts.tasks.lapse_offers",
        "schedule": crontab(minute=41),
    },
    "remind reviewers before readings end": {
        "task": "cohorts.tasks.remind_of_readings",
        "schedule": crontab(minute=23),
    },
    "work out what new readings come to": {
        "task": "cohorts.tasks.reckon_with_readings",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
}

# --- The live stream ----------------------------------------------------------
# The browser opens the stream here. Empty: same host, behind the proxy.
LIVE_URL = os.environ.get("LIVE_URL", "")

# --- Safety -------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # No 'strict-dynamic': with it htmx would run scripts of swapped fragments.
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", *listed("LIVE_ORIGINS")],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS and not flag("TLS_ENDS_AT_PROXY_ONLY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
# The policy's frame-ancestors says the same, and needs no middleware.
SILENCED_SYSTEM_CHECKS = ["security.W002"]

TAGGIT_CASE_INSENSITIVE = True

# Where errors are reported to, if anywhere: cohortsite.errors says what leaves.
if SENTRY_DSN := os.environ.get("SENTRY_DSN"):
    from cohortsite.errors import report_to

    report_to(SENTRY_DSN)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "cohortsite.logs.Discreet",
            "format": "{levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {"django": {"handlers": [], "level": "WARNING", "propagate": True}},
}
