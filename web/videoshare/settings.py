"""Django's settings: one file, fed by `videoshare.config`."""

from logging import INFO
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from videoshare import logs
from videoshare.config import Config, current

CONFIG = current()
BASE_DIR = Path(__file__).resolve().parents[1]
DATA = CONFIG.data
# Private: mails (with the links in them), sources and the database are nobody else's to read.
DATA.mkdir(mode=0o700, parents=True, exist_ok=True)


# Read when first used, from the database, where all instances find the same.
SECRET_KEY = SimpleLazyObject(lambda: import_string("backends.shared_key.load")())  # noqa: PLW0108
DEBUG = CONFIG.debug

# --- where it is served ---------------------------------------------------------------------------
PORT = CONFIG.port
WEB_URL = CONFIG.site
_SITE = urlsplit(WEB_URL)
HTTPS = _SITE.scheme == "https"
ALLOWED_HOSTS = [_SITE.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_SITE.scheme}://{_SITE.netloc}"]
ROOT_URLCONF = "videoshare.urls"
WSGI_APPLICATION = "videoshare.wsgi.application"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"  # private links must not leak to other sites
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIG.trusted_proxies else None
CSRF_FAILURE_VIEW = "videoshare.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
X_FRAME_OPTIONS = "DENY"
# No cookie but those two. By default messages have one of their own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "accounts",  # before allauth and the administration, whose templates it replaces
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "accounts.apps.StaffConfig",  # django.contrib.admin
    "csp",
    "django_htmx",
    "videoshare",
    "backends",
    "contests",
    "organizers",
    "participants",
    "voters",
    "ops",
]
MIDDLEWARE = [
    "videoshare.health.HealthMiddleware",
    # Binds an id to each request, see videoshare/logs.py.
    *(["django_structlog.middlewares.RequestMiddleware"] if CONFIG.secret_name else []),
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "videoshare.middleware.instance_header",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "videoshare.language.chosen_language",
    "videoshare.middleware.limit_body",
    "videoshare.middleware.UnavailableMiddleware",
    "voters.entrance.EntranceMiddleware",
    "django.middleware.common.CommonMiddleware",
    "videoshare.csrf.OriginMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "videoshare" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "videoshare.middleware.page_context",
            ]
        },
    }
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # A nonce stands in the header only where a page asks for one: contest_style.html does.
        "style-src": [SELF, NONCE],
        "connect-src": [SELF, *CONFIG.upload_origins],
        # Private files come from S3 itself while CloudFront has no key pair.
        **{
            kind: [SELF, *filter(None, [CONFIG.cdn]), *CONFIG.upload_origins]
            for kind in ("img-src", "media-src")
        },
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- database, cache ------------------------------------------------------------------------------
_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA / "db.sqlite3",
    "OPTIONS": {
        # A deferred transaction that turns from reading to writing can't wait for the lock and
        # fails at once ("database is locked"); an immediate one waits its turn.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}


def mysql(config: Config) -> dict[str, Any]:
    """Return Django's description of the database that `config` names."""
    return {
        "ENGINE": "backends.mysql",  # Django's, reading the password anew once it is refused
        "HOST": config.rds_url,
        "PORT": config.rds_port,
        "USER": config.rds_user,
        "PASSWORD": config.rds_pass,
        "NAME": config.rds_db,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "charset": "utf8mb4",
            "isolation_level": "read committed",
            # Seconds. Locks wait less than answers, so that we hear of it and try again; for
            # migrations, which may take any time, `backends` lifts the limit on answers.
            "init_command": "SET sql_mode = 'STRICT_TRANS_TABLES', innodb_lock_wait_timeout = 10",
            "connect_timeout": 5,
            "read_timeout": 20,
            "write_timeout": 20,
            # `ssl` alone would fall back to plain text without a word.
            "ssl_mode": "VERIFY_IDENTITY",
            "ssl": {"ca": str(config.rds_ca)},
        },
    }


DATABASES = {"default": mysql(CONFIG) if CONFIG.rds_url else _SQLITE}
SILENCED_SYSTEM_CHECKS = [
    "models.W036",  # of allauth's: a constraint with a condition, which MySQL ignores
    "security.W009",  # a weak SECRET_KEY: a migration made it, and there may be none yet
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database, so that rate limits hold over all processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # The default of 300 would throw away counts that still matter.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

SQS_URL = CONFIG.sqs_url

# --- files ----------------------------------------------------------------------------------------
S3_BUCKET = CONFIG.s3_url
S3_ENDPOINT_URL = CONFIG.s3_endpoint_url
AWS_REGION = CONFIG.secret_region
# Of each of three tries; together less than a load balancer waits for a page.
AWS_CONNECT_SECONDS, AWS_READ_SECONDS = 3, 10
CDN_URL = CONFIG.cdn
CF_KEY_PAIR_ID, CF_PRIVATE_KEY = CONFIG.cf_key_pair_id, CONFIG.cf_private_key
MEDIA_ROOT = DATA / "media"
WORK_ROOT = DATA / "work"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns about a missing one
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MAX_UPLOAD_BYTES = CONFIG.max_upload_bytes
DISK_RESERVE_BYTES = CONFIG.disk_reserve_bytes

# --- people ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "organizers:contests"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_USER_DISPLAY = attrgetter("email")
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # mail scanners follow links
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[VideoShare] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _SITE.scheme
MFA_ADAPTER = "accounts.second_step.Adapter"
MFA_TOTP_ISSUER = "VideoShare"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TRUST_ENABLED = False  # it would set a cookie
ALLAUTH_TRUSTED_PROXY_COUNT = CONFIG.trusted_proxies
# Added to allauth's own; read by `accounts.limits`. One address in the net may be a whole school,
# so what counts per address of the net is generous and what counts per mailbox is not.
ACCOUNT_RATE_LIMITS = {
    "confirm_vote": "1200/h/ip,5/10m/key,20/d/key",
    # Each reserves its disk space; a class of thirty behind one address may try three times.
    "upload": "100/h/ip",
    # What a team sends for others: some hundred files in one go, and again.
    "team_upload": "2000/h/user",
    # Each mails whoever's address it names.
    "submit": "30/h/key",
    "my_entries": "300/h/ip,3/10m/key,10/d/key",
    # A class types its codes within minutes; who guesses needs millions of tries.
    "code": "200/h/ip",
    # Wrong ones only, per contest and address: a class of thirty may mistype three times each. A
    # code is one of 31^10 = 8e14: among 5,000 good ones, 10,000 addresses find one in 20 years.
    "guess": "100/h/key",
    # Each mails somebody who did not ask for it.
    "mail_for_others": "200/h/user",
    # Each mails whoever's address it names.
    "invite": "30/h/user,5/h/key",
    # A school may stand behind one address; no video needs more to be looked at.
    "report": "60/h/ip,30/d/key",
    # Each may send gigabytes.
    "own_data": "20/h/key",
    # Each may queue hundreds of conversions.
    "try_again": "20/10m/user",
}

# --- language, time -------------------------------------------------------------------------------
LANGUAGE_CODE = "es"
LANGUAGES = [("es", _("Spanish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- mail -----------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONFIG.ses_email or CONFIG.mail_from
MAIL_ROOT = DATA / "mail"
EMAIL_TIMEOUT = 10
SES_TOPIC_ARN = CONFIG.ses_topic_arn
ANYMAIL = {"AMAZON_SES_CONFIGURATION_SET_NAME": CONFIG.ses_configuration_set or None}
if CONFIG.ses_email:
    EMAIL_BACKEND = "backends.mail_ses.SesBackend"
elif CONFIG.smtp_host:
    EMAIL_HOST, EMAIL_PORT = CONFIG.smtp_host, CONFIG.smtp_port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = CONFIG.smtp_user, CONFIG.smtp_pass
    EMAIL_USE_TLS = CONFIG.smtp_security == "starttls"
    EMAIL_USE_SSL = CONFIG.smtp_security == "tls"
else:
    EMAIL_BACKEND = "backends.mail.EmlBackend"

# --- conversions ----------------------------------------------------------------------------------
LEASE_SECONDS = CONFIG.lease_seconds
HEARTBEAT_SECONDS = CONFIG.heartbeat_seconds

# --- logs -----------------------------------------------------------------------------------------
# A request's line tells of nobody: neither address nor account.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = INFO  # whoever mistypes an address warns of nothing
LOGGING = logs.configuration(on_aws=bool(CONFIG.secret_name))
