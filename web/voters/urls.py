"""The addresses of the voters' pages."""

from django.urls import path

from voters import (
    captions,
    code_views,
    data_views,
    entrance,
    privacy_views,
    reporting_views,
    views,
    voting_views,
)

app_name = "voters"
urlpatterns = [
    path("", views.home, name="home"),
    path("concurso/<slug:url>/", views.contest, name="contest"),
    path("concurso/<slug:url>/entrar/", entrance.enter, name="enter"),
    path("concurso/<slug:url>/codigo/", code_views.code, name="code"),
    path("concurso/<slug:url>/bases/", views.rules, name="rules"),
    path("privacidad/", privacy_views.site, name="privacy"),
    path("concurso/<slug:url>/privacidad/", privacy_views.contest, name="contest_privacy"),
    path("concurso/<slug:url>/mis-datos/", data_views.own, name="own_data"),
    path("concurso/<slug:url>/mis-datos/datos.json", data_views.download, name="download"),
    path("concurso/<slug:url>/mis-datos/enlace/", data_views.ask, name="ask_data"),
    path("votar/datos/<str:token>/", data_views.follow, name="data_link"),
    path("concurso/<slug:url>/ranking/", views.ranking, name="ranking"),
    path("concurso/<slug:url>/votar/<int:entry_id>/", voting_views.vote, name="vote"),
    path("concurso/<slug:url>/votar/otra-persona/", voting_views.forget, name="forget"),
    path(
        "concurso/<slug:url>/subtitulos/<int:entry_id>/<str:language>.vtt",
        captions.captions,
        name="captions",
    ),
    path("concurso/<slug:url>/denunciar/<int:entry_id>/", reporting_views.report, name="report"),
    path("votar/confirmar/<str:token>/", voting_views.confirm, name="confirm"),
]
