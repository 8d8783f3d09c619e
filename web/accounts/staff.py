"""The pages of staff: who gets in, and what their administration has in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import second_step
from accounts.models import User

MOST_ROWS = 50  # changed by one press: somebody waits


def staff_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let staff in who have used their second step in this session; others find no such page."""

    def second(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if elsewhere := second_step.missing(request, must_have=True):
            return elsewhere
        request.session.pop(second_step.BACK, None)
        return view(request, *args, **kwargs)

    inside = secure_admin_login(second)

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:  # allauth would show the way in
            raise Http404
        try:
            answer: HttpResponse = inside(request, *args, **kwargs)
        except PermissionDenied as refused:
            raise Http404 from refused
        return answer

    return checked


def staff_of(request: HttpRequest) -> User:
    """Return who of the staff is asking."""
    assert isinstance(request.user, User)
    return request.user


class Site(admin.AdminSite):
    """Django's administration, entered as all pages of staff are."""

    site_title = site_header = "VideoShare"
    index_title = _("Support")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Keep all its pages to staff."""
        return staff_only(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one way to sign in, which asks for the second step."""
        raise Http404

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Lead to the one page where a password is changed."""
        return redirect("account_change_password")


class ToLookAt:
    """What all staff see and nobody changes here; verbs change it."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Say yes to all who got here: staff."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say yes to all who got here: staff."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no."""
        return False


class ReadOnly(ToLookAt, admin.ModelAdmin):
    """A table of any length: nothing is counted twice, and a page of it is short."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    ordering = ("-pk",)


class LookInside(ToLookAt, admin.TabularInline):
    """Rows of another table on a row's page."""

    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return all: a form for them, which nobody sees, takes no field that cannot be changed."""
        return self.fields


def name(models: dict[type[Model], tuple[Any, Any]], **fields: Any) -> None:
    """Name models (one, many) and those of their fields that have no name of their own yet.

    Not in the models: there each name would be a migration that changes nothing in the database.
    """
    for model, (one, many) in models.items():
        model._meta.verbose_name, model._meta.verbose_name_plural = one, many  # noqa: SLF001
        mine: Any = model._meta.fields  # noqa: SLF001
        for field in mine:
            if field._verbose_name is None and field.name in fields:  # noqa: SLF001
                field.verbose_name = fields[field.name]
