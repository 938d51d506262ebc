"""The web program, for granian or any other WSGI server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "noroshi.config.settings")
application = get_wsgi_application()

# The loaded modules stay in memory; searching them for garbage again took a sixth of each page.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
