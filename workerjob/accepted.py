"""Which containers and decoders may touch a stranger's file, and why each of them.

These are the names ffmpeg's whitelists want: demuxers and *decoders* (``mp3float``, not ``mp3``,
is what decodes MP3; AV1 is ``libdav1d``). A file is opened as what its content is, whatever its
name ends in. A demuxer not listed is never opened: playlists and scripts (hls, dash, concat, sdp)
name other files and addresses, which is how one participant's file published another's.
"""

CONTAINERS = {
    "avi": "compact cameras, DV tapes, old Windows, screen recorders",
    "flv": "Flash: webcams, streaming and screen recorders",
    "asf": "WMV: Windows Movie Maker, Windows phones, screen recorders",
    "mov": "MP4, M4V, MOV, 3GP, 3G2, F4V: phones and cameras of the last twenty years",
    "matroska": "MKV and WebM: browsers, OBS",
    "mpeg": "MPEG-PS: DVD and hard disc camcorders, TV cards",
    "mpegvideo": "MPEG-1 and 2 pictures in no container, named .mpg: encoders of the nineties",
    "mpegts": "TS, MTS, M2TS: AVCHD camcorders, broadcast",
    "ogg": "Ogg Theora: free screen recorders, old Firefox",
    "dv": "tapes copied as they are",
    "mxf": "broadcast cameras",
    "rm": "RealMedia: web video before Flash",
}
FORMATS = tuple(CONTAINERS)

VIDEO = {
    "Flash: cameras' web modes, screen recorders": (
        "flv h263 h263i h263p vp6 vp6a vp6f flashsv flashsv2"
    ),
    "Windows Media and its screen codecs": (
        "wmv1 wmv2 wmv3 wmv3image vc1 vc1image mss1 mss2 mts2 msmpeg4v1 msmpeg4v2 msmpeg4 msa1"
    ),
    "AVI: DivX, Xvid, compact cameras": (
        "mpeg4 mjpeg mjpegb amv sp5x asv1 asv2 mxpeg jpegls dvvideo h261"
    ),
    "old Windows and its capture cards": (
        "cinepak indeo2 indeo3 indeo4 indeo5 msvideo1 msrle aasc cljr cyuv wnv1 vcr1 ultimotion "
        "truemotion1 truemotion2 xl"
    ),
    "old QuickTime": "8bps rpza smc qtrle svq1 svq3 aic pixlet",
    "screen recorders": (
        "camtasia tscc2 camstudio vmnc zmbv zlib mszh fraps dxtory fic g2m scpr rscc "
        "screenpresso mscc srgc wcmv lscr"
    ),
    "capture and exchange without loss": (
        "rawvideo v210 v210x 012v v308 v408 v410 r210 r10k ayuv yuv4 y41p avui avrp huffyuv "
        "ffvhuff lagarith utvideo ffv1 loco vble cllc sheervideo zerocodec"
    ),
    "editing": ("prores dnxhd png apng jpeg2000 libopenjpeg hq_hqa hqx hap dxv speedhq snow qoi"),
    "phones and the web": "h264 hevc vp8 libvpx vp9 libvpx-vp9 av1 libdav1d libaom-av1 vp7 vp5",
    "discs, broadcast, Ogg": "mpeg1video mpeg2video mpegvideo theora vp3 vp4",
    "RealMedia": "rv10 rv20 rv30 rv40 clearvideo",
    "pictures in a row, cover art": "bmp gif webp tiff targa",
}
AUDIO = {
    "phones, cameras and the web": (
        "aac aac_latm mp1 mp1float mp2 mp2float mp3 mp3float mp3adu mp3adufloat mp3on4 mp3on4float "
        "opus libopus vorbis libvorbis flac alac"
    ),
    "discs and broadcast": ("ac3 eac3 dca mlp truehd s302m pcm_bluray pcm_dvd dolby_e pcm_s24daud"),
    "3GP phones and telephony": (
        "amrnb amrwb qcelp evrc gsm libgsm gsm_ms libgsm_ms g723_1 g729 g722 g726 g726le ilbc "
        "comfortnoise"
    ),
    "Flash": "nellymoser speex libspeex adpcm_swf",
    "Windows Media": "wmav1 wmav2 wmapro wmavoice wmalossless",
    "RealMedia": "cook sipr ralf real_144 real_288 atrac3 atrac3al atrac3plus",
    "old QuickTime": "qdm2 qdmc mace3 mace6 adpcm_ima_qt",
    "old Windows": "metasound truespeech imc iac dvaudio msnsiren",
    "lossless": "wavpack tta ape",
    "ADPCM of recorders and cards": (
        "adpcm_ms adpcm_ima_wav adpcm_ima_dk3 adpcm_ima_dk4 adpcm_ima_amv adpcm_yamaha adpcm_ct "
        "adpcm_sbpro_2 adpcm_sbpro_3 adpcm_sbpro_4"
    ),
    "PCM": (
        "pcm_alaw pcm_mulaw pcm_vidc pcm_u8 pcm_s8 pcm_s8_planar pcm_s16le pcm_s16be "
        "pcm_s16le_planar pcm_s16be_planar pcm_u16le pcm_u16be pcm_s24le pcm_s24be "
        "pcm_s24le_planar pcm_u24le pcm_u24be pcm_s32le pcm_s32be pcm_s32le_planar pcm_u32le "
        "pcm_u32be pcm_s64le pcm_s64be pcm_f16le pcm_f24le pcm_f32le pcm_f32be pcm_f64le pcm_f64be"
    ),
}
# Opened when a file is described, never decoded; "text" carries the cue points of FLVs.
IGNORED = {
    "subtitles and cue points": (
        "text ass ssa srt subrip mov_text webvtt dvbsub dvdsub pgssub xsub cc_dec "
        "libzvbi_teletextdec"
    ),
}
# Pictures' decoders that write where they must not in Debian 12's ffmpeg 5.1.9 (README.md, "Known
# holes"): never opened, not even for a stream that nobody needs. Two for sound, adpcm_adx and
# on2avc, are merely left off the lists: never decoded, and the pictures are published mute.
DANGEROUS = {
    "magicyuv": "CVE-2026-8461",
    "cfhd": "CVE-2026-70632, open in Debian 13's 7.1.5 too",
    "tdsc": "CVE-2026-65703, open in Debian 13's 7.1.5 too, and CVE-2026-18393",
    "dirac": "two overflows that 7.1.5 closed, without a number",
}

DECODERS = tuple(
    dict.fromkeys(
        name
        for group in (VIDEO, AUDIO, IGNORED)
        for names in group.values()
        for name in names.split()
    )
)

# Pictures beyond this are refused: 4096 × 2304, the largest a camera for the public wrote.
MAX_PIXELS = 4096 * 2304
# A DVD holds 41 (1 picture, 8 sound, 32 subtitles). Each costs memory, whether needed or not.
MAX_STREAMS = 48
