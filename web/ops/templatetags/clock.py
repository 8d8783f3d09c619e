"""How the fleet's page writes a time span."""

from django import template

from contests.snapshot import clock

register = template.Library()
register.filter("clock", clock)
