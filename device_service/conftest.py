"""Set up Django before test modules import models, wherever pytest is started."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
