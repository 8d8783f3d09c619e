"""The sentences of all reasons, Spanish and English, by their codes; see reasons.py."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """What a person is told; every sentence says what happened and what to do next."""

    es: str
    en: str


UNKNOWN = Reason(
    "No hemos podido aceptarlo. Inténtalo de nuevo o escribe a la organización.",
    "We could not accept this. Try again or write to the organizer.",
)

REASONS: dict[str, Reason] = {
    # The media itself, found by the worker.
    "empty_file": Reason(
        "El archivo está vacío. Comprueba que se reproduce en tu equipo y envíalo otra vez.",
        "The file is empty. Check that it plays on your computer and send it again.",
    ),
    "not_media": Reason(
        "El archivo no es un vídeo, aunque su nombre lo parezca. Elige el vídeo y envíalo otra "
        "vez.",
        "The file is not a video, whatever its name says. Choose the video and send it again.",
    ),
    "no_video": Reason(
        "El archivo solo tiene sonido. Envía un archivo que contenga imagen.",
        "The file holds only sound. Send a file that has pictures in it.",
    ),
    "no_frames": Reason(
        "No hemos podido leer ninguna imagen del vídeo. Expórtalo de nuevo, por ejemplo como MP4, "
        "y envíalo otra vez.",
        "We could not read a single picture from the video. Export it again, for example as MP4, "
        "and send it again.",
    ),
    "truncated": Reason(
        "Al vídeo le falta el final. Copia de nuevo el archivo completo desde la cámara y envíalo "
        "otra vez.",
        "The end of the video is missing. Copy the complete file from the camera again and send "
        "it again.",
    ),
    "damaged": Reason(
        "El vídeo está dañado y no se puede leer. Comprueba que se reproduce entero en tu equipo, "
        "expórtalo de nuevo y envíalo otra vez.",
        "The video is damaged and cannot be read. Check that all of it plays on your computer, "
        "export it again and send it again.",
    ),
    "protected": Reason(
        "El archivo está protegido contra copia. Expórtalo sin protección y envíalo otra vez.",
        "The file is protected against copying. Export it without protection and send it again.",
    ),
    "unsupported_format": Reason(
        "No aceptamos este tipo de archivo. Exporta el vídeo como MP4 y envíalo otra vez.",
        "We do not accept this kind of file. Export the video as MP4 and send it again.",
    ),
    "unsupported_codec": Reason(
        "El vídeo usa una compresión que no aceptamos. Expórtalo como MP4 (H.264) y envíalo otra "
        "vez.",
        "The video uses a compression we do not accept. Export it as MP4 (H.264) and send it "
        "again.",
    ),
    "too_large_picture": Reason(
        "La imagen del vídeo es demasiado grande. Expórtalo con 1920 × 1080 puntos o menos y "
        "envíalo otra vez.",
        "The picture is too large. Export the video at 1920 × 1080 pixels or less and send it "
        "again.",
    ),
    "too_long": Reason(
        "El vídeo dura demasiado. Acórtalo y envíalo otra vez.",
        "The video is too long. Shorten it and send it again.",
    ),
    "too_heavy": Reason(
        "El vídeo necesita demasiado trabajo para convertirlo. Expórtalo como MP4, más corto o con "
        "menos resolución, y envíalo otra vez.",
        "The video takes too much work to convert. Export it as MP4, shorter or with a smaller "
        "picture, and send it again.",
    ),
    # No refusal: the video is published all the same.
    "partial": Reason(
        "No hemos podido leer una parte del archivo original: al vídeo publicado le faltan "
        "imágenes o el sonido. Compruébalo; si no está bien, expórtalo de nuevo y envíalo otra "
        "vez.",
        "We could not read a part of the original file: the published video lacks pictures or its "
        "sound. Check it; if it is not right, export it again and send it again.",
    ),
    # Uploads and submissions.
    "content_mismatch": Reason(
        "El contenido no es un vídeo de un tipo que aceptemos. Exporta el vídeo como MP4 y "
        "envíalo otra vez.",
        "The content is not a video of a kind we accept. Export the video as MP4 and send it "
        "again.",
    ),
    "file_type": Reason(
        "No aceptamos archivos con esa terminación. Envía un vídeo, por ejemplo MP4, MOV, AVI, "
        "WMV o FLV.",
        "We do not accept files with that ending. Send a video, for example MP4, MOV, AVI, WMV "
        "or FLV.",
    ),
    "file_too_big": Reason(
        "El archivo es demasiado grande. Expórtalo con menos calidad o acórtalo y envíalo otra "
        "vez.",
        "The file is too big. Export it at a lower quality or shorten it and send it again.",
    ),
    "no_space": Reason(
        "Ahora mismo no queda sitio para este archivo. Inténtalo más tarde; la organización ya "
        "puede verlo.",
        "There is no room for this file right now. Try again later; the organizer can see it.",
    ),
    "upload_incomplete": Reason(
        "El archivo no ha llegado completo. Elige el mismo archivo otra vez: solo se enviará lo "
        "que falta.",
        "The file has not arrived completely. Choose the same file again: only what is missing "
        "will be sent.",
    ),
    "upload_unknown": Reason(
        "No encontramos esa subida; puede haber caducado. Elige el archivo y envíalo otra vez.",
        "We cannot find that upload; it may have expired. Choose the file and send it again.",
    ),
    "already_sent": Reason(
        "El equipo ya ha enviado un archivo con este nombre y este tamaño. Si es otro vídeo, "
        "cambia el nombre del archivo y elígelo otra vez.",
        "The team has sent a file of this name and size already. If it is another video, rename "
        "the file and choose it again.",
    ),
    "captions_too_big": Reason(
        "El archivo de subtítulos es demasiado grande: caben 512 KB. Comprueba que sea un archivo "
        "SRT o WebVTT y envíalo otra vez.",
        "The captions file is too big: 512 KB fit. Check that it is an SRT or WebVTT file and send "
        "it again.",
    ),
    "captions_empty": Reason(
        "El archivo no contiene ningún subtítulo. Guárdalo como SRT o WebVTT y envíalo otra vez.",
        "The file holds no captions. Save it as SRT or WebVTT and send it again.",
    ),
    "captions_unreadable": Reason(
        "No entendemos el archivo de subtítulos. Guárdalo como SRT o WebVTT, con los tiempos como "
        "en 00:01:02,500 --> 00:01:04,000, y envíalo otra vez.",
        "We do not understand the captions file. Save it as SRT or WebVTT, with times such as "
        "00:01:02,500 --> 00:01:04,000, and send it again.",
    ),
    "closed_changes": Reason(
        "Este vídeo ya no se puede cambiar: el plazo de envío ha terminado. Si hay un error "
        "importante, escribe a la organización.",
        "This video cannot be changed any more: submissions are closed. If something important is "
        "wrong, write to the organizer.",
    ),
    "too_many_captions": Reason(
        "El vídeo ya tiene subtítulos en muchos idiomas. Borra unos para añadir otros.",
        "The video has captions in many languages already. Remove some to add others.",
    ),
    "closed_submissions": Reason(
        "El concurso no admite vídeos en este momento. Mira en su página cuándo se abre el plazo.",
        "The contest is not taking videos at this time. See its page for the opening dates.",
    ),
    "too_many_entries": Reason(
        "Con este correo ya se han enviado todos los vídeos que admite el concurso por persona. "
        "Retira uno para enviar otro.",
        "As many videos as this contest takes per person have been sent with this e-mail. Withdraw "
        "one to send another.",
    ),
    "rules_changed": Reason(
        "Las bases han cambiado mientras rellenabas el formulario. Léelas y acéptalas de nuevo; lo "
        "demás sigue aquí.",
        "The rules have changed while you were filling in the form. Read and accept them again; "
        "everything else is still here.",
    ),
    "consent_missing": Reason(
        "Para participar hay que aceptar lo que está marcado como obligatorio.",
        "To take part you have to accept what is marked as required.",
    ),
    "code_needed": Reason(
        "Este concurso es por invitación. Escribe el código que te ha dado la organización.",
        "This contest is by invitation. Type the code that the organizer gave you.",
    ),
    "code_unknown": Reason(
        "Este código no sirve: puede tener una errata, estar gastado o haber caducado. Revísalo o "
        "pide otro a la organización.",
        "This code does not work: it may be mistyped, used up or out of date. Check it or ask the "
        "organizer for another.",
    ),
    "too_many_codes": Reason(
        "En un concurso caben 10 000 códigos. Usa los que ya tienes o haz menos.",
        "A contest has room for 10,000 codes. Use those you have or make fewer.",
    ),
    "entrance_needed": Reason(
        "Este concurso es privado. Entra con su contraseña o con el código que te han dado.",
        "This contest is private. Come in with its password or with the code you were given.",
    ),
    "entrance_unknown": Reason(
        "Ni la contraseña ni el código son esos. Revísalo o pide otro a la organización.",
        "This is neither the password nor a code. Check it or ask the organizer for another.",
    ),
    # The team.
    "already_member": Reason(
        "Esta persona ya está en el equipo. Su papel se cambia en la lista.",
        "This person is in the team already. Their role is changed in the list.",
    ),
    "invitation_gone": Reason(
        "Esta invitación ya no sirve: se ha usado o se ha retirado. Pide otra a quien te invitó.",
        "This invitation is no longer good: it was used or taken back. Ask who invited you for "
        "another.",
    ),
    "last_owner": Reason(
        "Un concurso siempre tiene a alguien responsable. Da antes ese papel a otra persona.",
        "A contest always has an owner. Make somebody else one first.",
    ),
    # Later changes, and votes.
    "closed_withdrawal": Reason(
        "La votación ha terminado y su resultado ya no cambia: el vídeo se queda en el concurso. "
        "Si hay un motivo serio para retirarlo, escribe a la organización.",
        "Voting is over and its result does not change any more: the video stays in the contest. "
        "If there is a serious reason to take it out, write to the organizer.",
    ),
    "closed_voting": Reason(
        "La votación no está abierta en este momento. Mira en la página del concurso cuándo se "
        "abre.",
        "Voting is not open at this time. See the contest's page for the opening dates.",
    ),
    "reason_needed": Reason(
        "Escribe el motivo: quien envió el vídeo lo lee en su página.",
        "Write the reason: whoever sent the video reads it on their page.",
    ),
    "reason_too_long": Reason(
        "El motivo es demasiado largo. Escribe como mucho 2000 caracteres.",
        "The reason is too long. Write at most 2000 characters.",
    ),
    "nothing_ticked": Reason(
        "Marca primero los vídeos de los que quieres decidir.",
        "Tick the videos first that you want to decide on.",
    ),
    "entry_unknown": Reason(
        "Ese vídeo ya no está en el concurso.",
        "That video is not in the contest any more.",
    ),
    "vote_unknown": Reason(
        "Ese voto no es válido. Abre el vídeo en la página del concurso y vota otra vez.",
        "That vote is not valid. Open the video on the contest's page and vote again.",
    ),
    "voter_erased": Reason(
        "Con este correo ya se votó en este concurso, y después se borró. Esos votos siguen "
        "contando y no se pueden cambiar; los demás concursos no tienen nada que ver.",
        "This e-mail has voted in this contest, and was erased afterwards. Those votes still count "
        "and cannot be changed; other contests have nothing to do with it.",
    ),
    "unavailable": Reason(
        "Ahora mismo no podemos guardar tu archivo. Inténtalo de nuevo en un momento: lo que ya ha "
        "llegado no se pierde.",
        "We cannot store your file right now. Try again in a moment: what has arrived is not lost.",
    ),
    "too_many_requests": Reason(
        "Has hecho demasiadas peticiones seguidas. Espera unos minutos e inténtalo de nuevo.",
        "You have made too many requests in a row. Wait a few minutes and try again.",
    ),
}
