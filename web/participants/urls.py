"""The addresses of the participants' pages."""

from django.urls import path

from participants import (
    change_views,
    codes,
    data_views,
    mine_views,
    receipt_views,
    submit_views,
    uploading,
    views,
)

app_name = "participants"
urlpatterns = [
    path("concurso/<slug:url>/participar/", submit_views.submit, name="submit"),
    path("concurso/<slug:url>/participar/codigo/", codes.enter, name="code"),
    path("participar/<str:token>/", views.entry, name="entry"),
    path("participar/<str:token>/estado/", views.entry_status, name="entry_status"),
    path("participar/<str:token>/cambiar/", change_views.change, name="change"),
    path("participar/<str:token>/portada/", change_views.poster, name="poster"),
    path("participar/<str:token>/revisar/", change_views.send_again, name="send_again"),
    path("participar/<str:token>/subtitulos/", change_views.add_captions, name="add_captions"),
    path(
        "participar/<str:token>/subtitulos/<str:language>/borrar/",
        change_views.remove_captions,
        name="remove_captions",
    ),
    path("participar/<str:token>/subtitulos/<str:language>.vtt", change_views.vtt, name="vtt"),
    path("participar/<str:token>/retirar/", views.withdraw, name="withdraw"),
    path("participar/<str:token>/datos.zip", data_views.download, name="download"),
    path("participar/<str:token>/borrar/", data_views.erase, name="erase"),
    path("participar/<str:token>/recibo.txt", receipt_views.download, name="receipt"),
    path("recibo/", receipt_views.verify, name="verify"),
    path("mis-videos/", mine_views.ask, name="mine"),
    path("mis-videos/<str:token>/", mine_views.show, name="mine_list"),
    path("concurso/<slug:url>/uploads/", uploading.create, name="upload_create"),
    path(
        "organizador/<slug:url>/enviar/uploads/",
        uploading.create,
        {"by_team": True},
        name="team_upload_create",
    ),
    path("uploads/<str:token>/", uploading.abort, name="upload_abort"),
    path("uploads/<str:token>/draft/", uploading.draft, name="upload_draft"),
    path("uploads/<str:token>/parts/", uploading.parts, name="upload_parts"),
    path("uploads/<str:token>/parts/<int:number>/", uploading.sign, name="upload_sign"),
    path("uploads/<str:token>/complete/", uploading.complete, name="upload_complete"),
    path("uploads/parts/<str:signed>", uploading.receive, name="upload_receive"),
]
