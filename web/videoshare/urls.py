"""Every address, by audience. Addresses are Spanish, as the original's `/concurso/` was."""

from django.contrib import admin
from django.urls import include, path

from videoshare.bounces import bounces
from videoshare.language import set_language
from videoshare.media import media

urlpatterns = [
    path("avisos/ses/", bounces, name="bounces"),
    path("cuenta/", include("accounts.urls")),
    path("idioma/setlang/", set_language, name="set_language"),
    path("media/<path:key>", media, name="media"),
    path("", include("organizers.urls")),
    path("", include("participants.urls")),
    path("", include("voters.urls")),
    path("", include("ops.urls")),
    path("ops/admin/", admin.site.urls),
]

handler400 = "videoshare.errors.bad_request"
handler403 = "videoshare.errors.forbidden"
handler404 = "videoshare.errors.not_found"
handler500 = "videoshare.errors.server_error"
