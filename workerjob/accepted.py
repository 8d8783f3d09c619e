"""Which containers and decoders may touch a stranger's file.

These are the names ffmpeg's whitelists want: demuxers and *decoders* (``mp3float``, not ``mp3``,
is what decodes MP3; AV1 is ``libdav1d``). One stream whose decoder is missing here makes ffmpeg
refuse the whole file, so subtitles and cover art are listed though they are never used.
"""

# A demuxer not listed is never opened: playlists and scripts (hls, dash, concat, sdp) name other
# files and addresses, which is how one participant's file published another's.
FORMATS = ("avi", "flv", "asf", "mov", "matroska", "mpeg", "mpegts", "ogg", "dv", "mxf", "rm")

# magicyuv stays out: CVE-2026-8461 is open in Debian 12's ffmpeg 5.1.9.
_VIDEO = (
    # Flash: camcorders' web modes, screen recorders
    "flv h263 h263i h263p vp6 vp6a vp6f flashsv flashsv2 "
    # Windows Media and its screen codecs
    "wmv1 wmv2 wmv3 wmv3image vc1 vc1image mss1 mss2 mts2 msmpeg4v1 msmpeg4v2 msmpeg4 "
    # AVI cameras, DivX and Xvid, old Windows and QuickTime
    "mpeg4 mjpeg mjpegb dvvideo cinepak indeo2 indeo3 indeo4 indeo5 msvideo1 msrle 8bps rpza smc "
    "qtrle svq1 svq3 rawvideo v210 huffyuv ffvhuff lagarith utvideo ffv1 camtasia tscc2 vmnc zmbv "
    "cljr aasc h261 "
    # editing
    "cfhd prores dnxhd png jpeg2000 libopenjpeg "
    # phones and the web
    "h264 hevc vp8 libvpx vp9 libvpx-vp9 av1 libdav1d libaom-av1 "
    # broadcast and discs, Ogg, RealMedia
    "mpeg1video mpeg2video theora vp3 rv10 rv20 rv30 rv40"
)
_AUDIO = (
    "aac aac_latm mp1 mp1float mp2 mp2float mp3 mp3float mp3adu mp3adufloat mp3on4 mp3on4float "
    "ac3 eac3 dca alac flac opus libopus vorbis libvorbis nellymoser speex libspeex wmav1 wmav2 "
    "wmapro wmavoice wmalossless metasound amrnb amrwb qcelp evrc gsm libgsm gsm_ms libgsm_ms "
    "cook sipr ralf real_144 real_288 atrac3 qdm2 qdmc mace3 mace6 truespeech imc iac dvaudio "
    "msnsiren on2avc g723_1 g722 g726 g726le "
    "adpcm_ms adpcm_ima_wav adpcm_ima_qt adpcm_ima_dk3 adpcm_ima_dk4 adpcm_ima_amv adpcm_swf "
    "adpcm_yamaha adpcm_ct adpcm_sbpro_2 adpcm_sbpro_3 adpcm_sbpro_4 "
    "pcm_alaw pcm_mulaw pcm_u8 pcm_s8 pcm_s16le pcm_s16be pcm_u16le pcm_u16be pcm_s24le pcm_s24be "
    "pcm_s32le pcm_s32be pcm_f32le pcm_f32be pcm_f64le pcm_f64be pcm_s8_planar pcm_s16le_planar "
    "pcm_s16be_planar pcm_s24le_planar pcm_s32le_planar pcm_bluray pcm_dvd s302m"
)
# Never decoded into anything we publish; "text" carries the cue points of FLVs.
_IGNORED = (
    "text ass ssa srt subrip mov_text webvtt dvbsub dvdsub pgssub xsub cc_dec "
    "libzvbi_teletextdec bmp gif webp tiff"
)
DECODERS = (*_VIDEO.split(), *_AUDIO.split(), *_IGNORED.split())

# Pictures beyond this are refused: 4096 × 2304, the largest a camera for the public wrote.
MAX_PIXELS = 4096 * 2304
MAX_STREAMS = 16
