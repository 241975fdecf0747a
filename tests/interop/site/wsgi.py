# What gunicorn serves.
# SPDX-License-Identifier: Apache-2.0
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
