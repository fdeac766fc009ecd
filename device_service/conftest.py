"""Makes Django ready before test modules import models, however pytest is started."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
