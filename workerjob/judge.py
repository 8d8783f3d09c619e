"""Whether a source is fit, a result is right, and whose fault a failure is."""

from pathlib import Path

from contests.reasons import Refused
from workerjob import intact
from workerjob.ffmpeg import Outcome, ToolFailed
from workerjob.plan import Plan, Profile, plan
from workerjob.probed import Packets, Probe

_DRIFT = 0.02  # how far a result's duration may lie from what the source really holds
_TOO_LARGE = "exceeds specified max pixel count"
_TRUNCATION_MESSAGES = ("partial file", "File ended prematurely", "moov atom not found")
# ffmpeg 5 and 7 have words of their own for playlists and for too many tracks.
_OTHER_FORMATS = (
    *("Format not on whitelist", "Not detecting m3u8"),
    *("Number of streams exceeds", "Number of tracks exceeds"),
)
# Signs that the run failed for our reasons; everything else is blamed on the media.
_OUR_FAULTS = (
    *("bwrap:", "prlimit:", "setsid:", "setpriv:", "No space left on device", "Read-only file"),
    *("Permission denied", "Unrecognized option", "Option not found", "Unknown encoder"),
    *("No such filter", "Error splitting the argument list", "error while loading shared"),
    *("Invalid encoder type", "Error parsing options", "Error setting preset"),
    *("Unable to parse option value", "Undefined constant or missing"),
)


def planned(probe: Probe, profile: Profile, errors: tuple[str, ...]) -> Plan:
    """plan(), with ffprobe's own complaints used where they explain a refusal better."""
    try:
        return plan(probe, profile)
    except Refused as refused:
        if refused.code == "no_frames" and any(_TOO_LARGE in line for line in errors):
            raise Refused("too_large_picture", errors[0]) from None
        if refused.code == "no_frames" and _tells_other_format("\n".join(errors)):
            raise Refused("unsupported_format", errors[0]) from None
        raise


def refuse_unfit(
    probe: Probe, video: Packets, source: Path, errors: tuple[str, ...], longest: float
) -> None:
    """Refuse what lasts more than `longest` seconds or was cut off, before any work is done.

    A header that claims a longer time than there is proves nothing: many real ones lie. Missing
    bytes do.
    """
    # An MP4 only: ffmpeg 7 now and then "decodes" what is encrypted. Protected ASF fails by itself.
    if probe.container.startswith("mov") and intact.encrypted(source):
        raise Refused("protected")
    if video.seconds > longest:
        raise Refused("too_long", f"{video.seconds:.0f} s")
    read = [stream.packets for stream in probe.streams if stream.packets.count]
    seconds = max(p.end for p in read) - min(p.start for p in read)
    told = any(message in line for message in _TRUNCATION_MESSAGES for line in errors)
    shorter = seconds < probe.claimed * (1 - _DRIFT)
    if (shorter and (told or intact.cut_short(source))) or intact.missing(source) > _DRIFT:
        raise Refused("truncated", f"{seconds:.1f} of {probe.claimed:.1f} s")


def flaw_in(result: Probe, chosen: Plan) -> str:
    """What is wrong with the probed result, measured against the plan; "" when nothing is."""
    video = next((s for s in result.streams if s.kind == "video"), None)
    if video is None or video is not result.streams[0] or not video.packets.count:
        return "no frames"
    expected, got = chosen.video.stream.packets.seconds, video.packets.seconds
    frame = got / video.packets.count
    # One picture lasts as long as the container cares to say; two frames are the muxers' rounding.
    allowed = max(expected * _DRIFT, 2 * frame, 0.1)
    checks = (
        (video.codec == "h264" and video.pixels == "yuv420p", f"{video.codec} {video.pixels}"),
        ((video.width, video.height) == (chosen.width, chosen.height), "wrong size"),
        (
            video.packets.keyframes[:1] <= (video.packets.start + allowed,),
            "starts without keyframe",
        ),
        (bool(video.packets.keyframes), "no keyframe"),
        (abs(got - expected) <= allowed, f"{got:.2f} s instead of {expected:.2f} s"),
        (len(result.streams) == (2 if chosen.audio else 1), "wrong number of streams"),
        (all(s.packets.count for s in result.streams), "an empty stream"),
    )
    return ", ".join(why for fine, why in checks if not fine)


def refusal(outcome: Outcome, source: Path, flaw: str) -> Exception:
    """Whose fault a failed run is: ToolFailed when ours, else Refused with the best reason."""
    said = "\n".join(outcome.errors)
    details = f"{flaw}: {said[:1000]}"
    # 126, 127: not started. 137: killed by somebody else, such as the kernel short of memory.
    # ffmpeg never fails without a word, a launcher may.
    dumb = outcome.code in (126, 127, 137) or (outcome.code == 1 and not said)
    if dumb or any(sign in said for sign in _OUR_FAULTS):
        return ToolFailed(details)
    if outcome.code in (152, 153):  # SIGXCPU, SIGXFSZ: the limits of the box
        return Refused("too_heavy", details)
    if intact.encrypted(source):
        return Refused("protected", details)
    if _tells_other_format(said):
        return Refused("unsupported_format", details)
    if "not on whitelist" in said:
        return Refused("unsupported_codec", details)
    if _TOO_LARGE in said:
        return Refused("too_large_picture", details)
    if "Cannot allocate memory" in said:
        return Refused("too_heavy", details)
    if not intact.looks_like_media(source):
        return Refused("not_media", details)
    if "moov atom not found" in said or intact.cut_short(source):
        return Refused("truncated", details)
    return Refused("no_frames" if flaw == "no frames" else "damaged", details)


def _tells_other_format(said: str) -> bool:
    return any(sign in said for sign in _OTHER_FORMATS)
