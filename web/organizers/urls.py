"""The addresses of the organizers' pages."""

from django.urls import URLPattern, path

from organizers import (
    account_views,
    announcing_views,
    asking_views,
    code_views,
    creating_views,
    desk_views,
    export_views,
    history_views,
    moderation_views,
    others_views,
    settings_views,
    team_views,
    views,
)

app_name = "organizers"
_SETTINGS = "organizador/<slug:url>/ajustes/"
_VIDEOS = "organizador/<slug:url>/videos/"


def _list(section: str, part: str) -> list[URLPattern]:
    """The pages of a list that organizers keep in order."""
    base, given = f"{_SETTINGS}{part}/", {"section": section}
    one = f"{base}<int:pk>/"
    return [
        path(base, asking_views.parts, given, name=section),
        path(one, asking_views.change_part, given, name=f"change_{section}"),
        path(f"{one}mover/", asking_views.move_part, given, name=f"move_{section}"),
        path(f"{one}quitar/", asking_views.remove_part, given, name=f"remove_{section}"),
    ]


urlpatterns = [
    path("cuenta/datos/", account_views.own_data, name="own_data"),
    path("cuenta/datos/datos.json", account_views.download, name="download"),
    path("cuenta/borrar/", account_views.erase, name="erase_account"),
    path("organizador/", views.contests, name="contests"),
    path("organizador/nuevo/", creating_views.create, name="create"),
    path("organizador/<slug:url>/", desk_views.desk, name="contest"),
    path("organizador/<slug:url>/ahora/", desk_views.state, name="state"),
    *(
        path(f"{_SETTINGS}{part}", settings_views.change, {"section": name}, name=name)
        for name, part in (
            ("basics", ""),
            ("dates", "fechas/"),
            ("taking_part", "participar/"),
            ("data", "datos/"),
        )
    ),
    path(f"{_SETTINGS}bases/", asking_views.rules, name="rules"),
    *_list("categories", "categorias"),
    *_list("questions", "preguntas"),
    path(_VIDEOS, moderation_views.videos, name="videos"),
    path(f"{_VIDEOS}deshacer/", moderation_views.undo, name="undo"),
    path(f"{_VIDEOS}<int:entry>/", moderation_views.video, name="video"),
    path(f"{_VIDEOS}<int:entry>/descartar/", moderation_views.dismiss, name="dismiss"),
    path("organizador/<slug:url>/exportar/<str:form>/", export_views.export, name="export"),
    path("organizador/<slug:url>/enviar/", others_views.submit, name="others"),
    path("organizador/<slug:url>/enviar/lista/", others_views.read_list, name="others_list"),
    path("organizador/<slug:url>/historial/", history_views.trail, name="history"),
    path("organizador/<slug:url>/anunciar/", announcing_views.announce, name="announce"),
    path("organizador/<slug:url>/vista/", announcing_views.preview, name="preview"),
    path("organizador/<slug:url>/resultado/", announcing_views.result, name="result"),
    path("organizador/<slug:url>/duplicar/", creating_views.duplicate, name="duplicate"),
    path("organizador/<slug:url>/reintentar/", views.try_again, name="try_again"),
    path("organizador/<slug:url>/reintentar/<int:entry>/", views.try_again, name="try_again"),
    path("organizador/<slug:url>/borrar/", views.delete, name="delete"),
    # --- the codes
    path("organizador/<slug:url>/codigos/", code_views.codes, name="codes"),
    path("organizador/<slug:url>/codigos/retirar/", code_views.revoke, name="revoke_codes"),
    path("organizador/<slug:url>/codigos/tabla.csv", code_views.table, name="codes_table"),
    path("organizador/<slug:url>/codigos/hojas/", code_views.sheets, name="sheets"),
    # --- the team
    path("organizador/<slug:url>/equipo/", team_views.team, name="team"),
    path("organizador/<slug:url>/equipo/<int:pk>/papel/", team_views.change_role, name="role"),
    path("organizador/<slug:url>/equipo/<int:pk>/salir/", team_views.leave, name="leave"),
    path(
        "organizador/<slug:url>/equipo/invitaciones/<int:pk>/",
        team_views.invitation,
        name="invitation",
    ),
    path("equipo/<str:token>/", team_views.join, name="join"),
]
