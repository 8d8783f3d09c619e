"""The addresses of the organizers' pages."""

from django.urls import path

from organizers import views

app_name = "organizers"
urlpatterns = [
    path("organizador/", views.contests, name="contests"),
    path("organizador/nuevo/", views.create, name="create"),
    path("organizador/<slug:url>/", views.contest, name="contest"),
    path("organizador/<slug:url>/editar/", views.edit, name="edit"),
    path("organizador/<slug:url>/anunciar/", views.announce, name="announce"),
    path("organizador/<slug:url>/reintentar/", views.try_again, name="try_again"),
    path("organizador/<slug:url>/reintentar/<int:entry>/", views.try_again, name="try_again"),
    path("organizador/<slug:url>/borrar/", views.delete, name="delete"),
]
