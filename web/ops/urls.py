"""The addresses of the pages of those who run the site."""

from django.urls import path

from ops import views

app_name = "ops"
urlpatterns = [
    path("ops/", views.fleet, name="fleet"),
    path("ops/persona/", views.find, name="find"),
    path("ops/estado/", views.state, name="state"),
    path("ops/reintentar/", views.try_again, name="try_again"),
    path("ops/reintentar/<int:conversion>/", views.try_again, name="try_again"),
]
