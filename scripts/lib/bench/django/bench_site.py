"""The cases of tests/apps/bench as a Django project, in one file: Django REST framework and simplejwt,
with nothing that the cases do not need (no database, and of the middleware only what sets
Content-Length), which is to their favour.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
from datetime import timedelta

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"], DEBUG=False, ROOT_URLCONF=__name__, SECRET_KEY="of no use here", USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
    },
    # The tokens of the cases have no more than iss, aud, sub and exp.
    SIMPLE_JWT={"TOKEN_TYPE_CLAIM": None, "JTI_CLAIM": None, "USER_ID_CLAIM": "sub",
                "ACCESS_TOKEN_LIFETIME": timedelta(days=1)})
django.setup()

# pylint: disable=wrong-import-position
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication  # noqa: E402
from rest_framework_simplejwt.backends import TokenBackend  # noqa: E402
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402


def plain(_request):
    return HttpResponse("Hello, World!", content_type="text/plain")


class Message(APIView):
    def get(self, _request):
        return Response({"message": "Hello, World!"})


class Echo(APIView):
    def post(self, request):
        return Response(request.data)


def protected(algorithm, key_file):
    """A view behind tokens of one algorithm; simplejwt's settings know only one for all."""
    key = pathlib.Path(os.environ["BENCH_ASSETS"], key_file).read_text(encoding="ascii")

    class Token(AccessToken):
        _token_backend = TokenBackend(algorithm, signing_key=key, verifying_key=key, audience="api", issuer="bench")

    class Authentication(JWTStatelessUserAuthentication):
        def get_validated_token(self, raw_token):
            try:
                return Token(raw_token)
            except TokenError as error:
                raise InvalidToken(error.args[0]) from error

    class View(APIView):
        authentication_classes = [Authentication]
        permission_classes = [IsAuthenticated]

        def get(self, request):
            return Response({"sub": request.user.id, "ok": True})

    return View.as_view()


urlpatterns = [
    path("plain", plain),
    path("json", Message.as_view()),
    path("echo", Echo.as_view()),
    path("jwt/hs", protected("HS256", "hs.key")),
    path("jwt/rs", protected("RS256", "rs.pub")),
    path("jwt/es", protected("ES256", "es.pub")),
]
application = get_wsgi_application()
