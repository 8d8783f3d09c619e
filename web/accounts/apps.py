"""People who log in, and the administration for those of them who are staff."""

from django.apps import AppConfig
from django.contrib.admin import apps as administration
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")
    default = True


class StaffConfig(administration.AdminConfig):
    default = False
    default_site = "accounts.staff.Site"
