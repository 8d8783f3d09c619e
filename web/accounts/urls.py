"""The pages of people who log in: allauth's, of which those of the second step are kept apart."""

from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import include, path

from accounts.second_step import SetUp, kept

# Under allauth's names, by which its own pages link to each other.
urlpatterns = [
    path("dos-pasos/", base.index, name="mfa_index"),
    path("dos-pasos/entrar/", base.authenticate, name="mfa_authenticate"),
    path("dos-pasos/confirmar/", base.reauthenticate, name="mfa_reauthenticate"),
    path("dos-pasos/activar/", SetUp.as_view(), name="mfa_activate_totp"),
    path("dos-pasos/desactivar/", kept(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("dos-pasos/codigos/", kept(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "dos-pasos/codigos/nuevos/",
        kept(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "dos-pasos/codigos/descargar/",
        kept(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("", include("allauth.account.urls")),
]
