"""The addresses of the organizers' pages."""

from django.urls import path

from organizers import creating_views, settings_views, views

app_name = "organizers"
_SETTINGS = "organizador/<slug:url>/ajustes/"
urlpatterns = [
    path("organizador/", views.contests, name="contests"),
    path("organizador/nuevo/", creating_views.create, name="create"),
    path("organizador/<slug:url>/", views.contest, name="contest"),
    *(
        path(f"{_SETTINGS}{part}", settings_views.change, {"section": name}, name=name)
        for name, part in (
            ("basics", ""),
            ("dates", "fechas/"),
            ("taking_part", "participar/"),
            ("data", "datos/"),
        )
    ),
    path("organizador/<slug:url>/anunciar/", views.announce, name="announce"),
    path("organizador/<slug:url>/reintentar/", views.try_again, name="try_again"),
    path("organizador/<slug:url>/reintentar/<int:entry>/", views.try_again, name="try_again"),
    path("organizador/<slug:url>/borrar/", views.delete, name="delete"),
]
