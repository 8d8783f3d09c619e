"""Who may use which address: the table of tests/test_authorisation.py."""

# --- who gets through: y(es), h(idden: 404), l(og in first); by role
ROLES = ("anonymous", "participant", "other organizer", "moderator", "owner", "staff")
ALL = "yyyyyy"
SIGNED_IN = "lyyyyy"
TEAM = "lhhyyh"
OWNERS = "lhhhyh"
STAFF = "hhhhhy"
NOBODY = "hhhhhh"

# Who uses what, by method and route. Addresses with a token or a signature in them belong to
# whoever has it; that another token opens nothing is tested below.
TABLE: dict[str, str] = {
    "GET ": ALL,
    "POST avisos/ses/": NOBODY,  # but SNS, and only where SES is configured
    "POST idioma/setlang/": ALL,
    "GET media/<path:key>": ALL,
    # --- voters
    "GET concurso/<slug:url>/": ALL,
    "GET concurso/<slug:url>/entrar/": ALL,
    "GET concurso/<slug:url>/codigo/": ALL,
    "GET concurso/<slug:url>/bases/": ALL,
    "GET privacidad/": ALL,
    "GET concurso/<slug:url>/privacidad/": ALL,
    "GET concurso/<slug:url>/mis-datos/": ALL,
    "POST concurso/<slug:url>/mis-datos/enlace/": ALL,
    "GET votar/datos/<str:token>/": ALL,
    "GET concurso/<slug:url>/mis-datos/datos.json": NOBODY,  # but who has voted there
    "GET concurso/<slug:url>/ranking/": ALL,
    "POST concurso/<slug:url>/votar/<int:entry_id>/": ALL,
    "POST concurso/<slug:url>/votar/otra-persona/": ALL,
    "GET concurso/<slug:url>/subtitulos/<int:entry_id>/<str:language>.vtt": ALL,
    "GET concurso/<slug:url>/denunciar/<int:entry_id>/": ALL,
    "GET votar/confirmar/<str:token>/": ALL,
    # --- participants
    "GET concurso/<slug:url>/participar/": ALL,
    "GET concurso/<slug:url>/participar/codigo/": ALL,
    "POST concurso/<slug:url>/uploads/": ALL,
    "GET uploads/<str:token>/draft/": ALL,
    "GET uploads/<str:token>/parts/": ALL,
    "POST uploads/<str:token>/parts/<int:number>/": ALL,
    "POST uploads/<str:token>/complete/": ALL,
    "DELETE uploads/<str:token>/": ALL,  # after the others: what it deletes stays deleted
    "PUT uploads/parts/<str:signed>": ALL,
    "GET participar/<str:token>/": ALL,
    "GET participar/<str:token>/estado/": ALL,
    "GET participar/<str:token>/cambiar/": ALL,
    "POST participar/<str:token>/portada/": ALL,
    "POST participar/<str:token>/revisar/": ALL,
    "POST participar/<str:token>/subtitulos/": ALL,
    "POST participar/<str:token>/subtitulos/<str:language>/borrar/": ALL,
    "GET participar/<str:token>/subtitulos/<str:language>.vtt": ALL,
    "POST participar/<str:token>/retirar/": ALL,
    "GET participar/<str:token>/recibo.txt": ALL,
    "POST participar/<str:token>/datos.zip": ALL,
    "GET participar/<str:token>/borrar/": ALL,
    "GET recibo/": ALL,
    "GET mis-videos/": ALL,
    "GET mis-videos/<str:token>/": ALL,
    # --- organizers
    "GET organizador/": SIGNED_IN,
    "GET organizador/nuevo/": SIGNED_IN,
    "GET organizador/<slug:url>/": TEAM,
    "GET organizador/<slug:url>/ahora/": TEAM,
    "GET organizador/<slug:url>/videos/": TEAM,
    "POST organizador/<slug:url>/videos/": TEAM,
    "POST organizador/<slug:url>/videos/deshacer/": TEAM,
    "GET organizador/<slug:url>/videos/<int:entry>/": TEAM,
    "POST organizador/<slug:url>/videos/<int:entry>/descartar/": TEAM,
    "POST organizador/<slug:url>/exportar/<str:form>/": TEAM,
    "POST organizador/<slug:url>/enviar/": TEAM,
    "POST organizador/<slug:url>/enviar/lista/": TEAM,
    "POST organizador/<slug:url>/enviar/uploads/": "hhhyyh",  # asked by the page's script
    "GET organizador/<slug:url>/historial/": TEAM,
    "POST organizador/<slug:url>/reintentar/": TEAM,
    "POST organizador/<slug:url>/reintentar/<int:entry>/": TEAM,
    "GET organizador/<slug:url>/equipo/": TEAM,
    "POST organizador/<slug:url>/equipo/<int:pk>/papel/": OWNERS,
    "POST organizador/<slug:url>/equipo/<int:pk>/salir/": TEAM,  # the moderator's own membership
    "POST organizador/<slug:url>/equipo/invitaciones/<int:pk>/": OWNERS,
    "GET equipo/<str:token>/": ALL,
    "POST organizador/<slug:url>/ajustes/": OWNERS,
    "POST organizador/<slug:url>/ajustes/fechas/": OWNERS,
    "POST organizador/<slug:url>/ajustes/participar/": OWNERS,
    "POST organizador/<slug:url>/ajustes/datos/": OWNERS,
    "POST organizador/<slug:url>/ajustes/bases/": OWNERS,
    **{
        f"POST organizador/<slug:url>/ajustes/{part}/{rest}": OWNERS
        for part in ("categorias", "preguntas")
        for rest in ("", "<int:pk>/", "<int:pk>/mover/", "<int:pk>/quitar/")
    },
    "POST organizador/<slug:url>/anunciar/": OWNERS,
    "POST organizador/<slug:url>/vista/": OWNERS,
    "POST organizador/<slug:url>/resultado/": OWNERS,
    "POST organizador/<slug:url>/duplicar/": OWNERS,
    "POST organizador/<slug:url>/borrar/": OWNERS,
    "GET organizador/<slug:url>/codigos/": OWNERS,
    "POST organizador/<slug:url>/codigos/retirar/": OWNERS,
    "GET organizador/<slug:url>/codigos/tabla.csv": OWNERS,
    "GET organizador/<slug:url>/codigos/hojas/": OWNERS,
    # --- staff
    "GET ops/": STAFF,
    "GET ops/persona/": STAFF,
    "GET ops/estado/": STAFF,
    "POST ops/reintentar/": STAFF,
    "POST ops/reintentar/<int:conversion>/": STAFF,
}
