#!/usr/bin/env python
"""Django's command line for the service: `python web/manage.py help`."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from videoshare import config, needs

if __name__ == "__main__":
    # The repository's root, so that commands find `workerjob` from any folder.
    sys.path.insert(1, str(Path(__file__).resolve().parents[1]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "videoshare.settings")
    try:
        needs.require(config.current(), sys.argv[1] if len(sys.argv) > 1 else "help")
        execute_from_command_line(sys.argv)
    except config.ConfigError as error:
        sys.exit(f"manage.py: {error}")
