# A small Django site with simplejwt; the test gives keys and database by environment.
# SPDX-License-Identifier: Apache-2.0
import os

from rest_framework_simplejwt import backends

ALGORITHM = os.environ["INTEROP_ALGORITHM"]
SECRET_KEY = "only-django-itself-signs-with-this-0123456789"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["INTEROP_DB"]}}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}


def _text(name):
    with open(os.environ[name], encoding="utf-8") as file:
        return file.read()


# simplejwt 5.2 does not list EdDSA among what it allows; PyJWT beneath it signs and verifies it.
backends.ALLOWED_ALGORITHMS.add(ALGORITHM)

SIMPLE_JWT = {
    "ALGORITHM": ALGORITHM,
    "SIGNING_KEY": _text("INTEROP_SIGNING_KEY"),
    "VERIFYING_KEY": "" if ALGORITHM == "HS256" else _text("INTEROP_VERIFYING_KEY"),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
}
