"""Whether a source is fit, a result is right, and whose fault a failure is."""

from pathlib import Path

from contests.reasons import Refused
from workerjob import accepted, intact
from workerjob.ffmpeg import Outcome, ToolFailed
from workerjob.filters import LONG_HELD
from workerjob.plan import Plan, Profile, plan
from workerjob.probed import Packets, Probe, Stream

_DRIFT = 0.02  # how far a result's duration may lie from what the source really holds
_OUT_OF_STEP = 0.25  # seconds between picture and sound: beyond that lips and words part
ENOUGH = 0.8  # of a video must be there for it to be published, with a note
# Also ffmpeg 7's words for a picture that did not fit, and x264's.
_NO_MEMORY = ("Cannot allocate memory", "get_buffer() failed", "malloc of size")
_SOME_MISSING = 0.97  # nobody knows how much
_BETWEEN_KEYFRAMES = 10  # seconds; a recording that began midway lacks no more pictures than these
_NO_PICTURE = "missing picture in access unit"
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


def refuse_encrypted(probe: Probe, source: Path) -> None:
    """Raise Refused for an MP4 or WebM that says so: ffmpeg now and then "decodes" what is
    encrypted.

    Protected ASF fails by itself.
    """
    said = probe.container.startswith("mov") and intact.encrypted(source)
    if said or any(stream.encrypted for stream in probe.streams):
        raise Refused("protected")


def second_chance(probe: Probe, profile: Profile, failed: Plan) -> Plan | None:
    """What to try after a plan whose result was flawed: copy the pictures with all that is between
    them, then encode all of it, then without sound."""
    if failed.video.action == "copy" and not failed.notes:
        return plan(probe, profile, silent=failed.audio is None, notes=True)
    if "copy" in (failed.video.action, failed.audio and failed.audio.action):
        return plan(probe, profile, copying=False, silent=failed.audio is None)
    return plan(probe, profile, copying=False, silent=True) if failed.audio else None


def share_present(probe: Probe, source: Path, errors: tuple[str, ...]) -> float:
    """How much of the video is in the file, 0 to 1, before any work is done.

    A header that claims a longer time than there is proves nothing: many real ones lie. Missing
    bytes do, except of an MP4 with everything its index lists.
    """
    read = [stream.packets for stream in probe.streams if stream.packets.count]
    first = min(p.start for p in read)
    seconds = max(p.end for p in read) - first
    told = any(message in line for message in _TRUNCATION_MESSAGES for line in errors)
    nearly = probe.claimed * (1 - _DRIFT)
    needed = [s.packets for s in probe.streams if s.kind in ("video", "audio")]
    indexed = probe.claimed and probe.container.startswith("mov")
    whole = indexed and all(p.end - first >= nearly for p in needed)
    share = 1.0 if whole else 1.0 - intact.missing(source)
    share = min(share, 1 - intact.overwritten(source))
    shorter = seconds < nearly
    if shorter and (told or intact.cut_short(source)):
        share = min(share, seconds / probe.claimed)
    elif (errors and (shorter or any(s.retimed for s in probe.streams))) or intact.ends_abruptly(
        source
    ):
        share = min(share, _SOME_MISSING)
    return share if share < 1 - _DRIFT else 1.0


def share_decoded(chosen: Plan, outcome: Outcome, result: Probe) -> float:
    """How much of the video's packets became pictures, 0 to 1; 1 when nothing complained.

    Damaged stretches are filled by repeating pictures, so the result's length tells nothing.
    """
    if chosen.video.action == "copy" or not outcome.errors:
        return 1.0
    read = chosen.video.stream.packets
    expected, got = _span(chosen, read) - read.last, result.streams[0].packets.seconds
    # Where pictures are woven a packet may hold a whole one or half of it.
    pictures = (read.shown or read.count) / (2 if chosen.video.stream.interlaced else 1)
    lasting = got / expected if expected > got + _OUT_OF_STEP else 1.0
    share = min(outcome.decoded / pictures, lasting)
    if read.held >= LONG_HELD:
        share = min(share, _SOME_MISSING)  # the last picture's repetitions were counted as well
    return share if share < 1 - _DRIFT else 1.0


def _span(chosen: Plan, video: Packets) -> float:
    """How long the result's video should be: at a constant rate it begins when the sound does."""
    first = video.start
    if chosen.audio and chosen.rate and chosen.video.action != "copy":
        first = min(first, chosen.audio.stream.packets.start)
    return video.end - first


def flaw_in(result: Probe, chosen: Plan, outcome: Outcome) -> str:
    """What is wrong with the probed result, measured against the plan; "" when nothing is."""
    video = next((s for s in result.streams if s.kind == "video"), None)
    if video is None or video is not result.streams[0] or not video.packets.count:
        return "no frames"
    read = chosen.video.stream.packets
    expected, got = _span(chosen, read), video.packets.seconds
    # One picture lasts as long as the container cares to say; two frames are the muxers' rounding.
    frame = got / (video.packets.count if read.count > 1 else 1)
    allowed = max(expected * _DRIFT, 2 * frame, _OUT_OF_STEP)
    share = share_decoded(chosen, outcome, result)
    # How long the last picture stands is not always known, nor always heeded.
    shortest = (expected - read.last) * share - allowed
    unseen = min(read.unseen, _BETWEEN_KEYFRAMES)
    enough = ENOUGH * (1 - unseen / expected) if expected else ENOUGH
    checks = (
        (video.codec == "h264" and video.pixels == "yuv420p", f"{video.codec} {video.pixels}"),
        ((video.width, video.height) == (chosen.width, chosen.height), "wrong size"),
        (video.packets.keyed, "starts without keyframe"),
        (share >= enough, f"only {share:.0%} decode"),
        (shortest <= got <= expected + allowed, f"{got:.2f} s instead of {expected:.2f} s"),
        (len(result.streams) == (2 if chosen.audio else 1), "wrong number of streams"),
        (all(s.packets.count for s in result.streams), "an empty stream"),
        (not _lost_keyframes(video, chosen), "keyframes lost"),
        (not _empty_packets(chosen, outcome), "packets without a picture"),
    )
    return ", ".join(why for fine, why in checks if not fine) or _drift(result, chosen)


def _lost_keyframes(video: Stream, chosen: Plan) -> bool:
    """Whether some are none without the notes that make them so (open groups, intra refresh)."""
    were = chosen.video.stream.packets.keyframes
    return chosen.video.action == "copy" and len(video.packets.keyframes) < len(were)


def _empty_packets(chosen: Plan, outcome: Outcome) -> bool:
    """Whether a copy holds packets that show nothing: only decoding tells how many were lost."""
    return chosen.video.action == "copy" and any(_NO_PICTURE in line for line in outcome.errors)


def _drift(result: Probe, chosen: Plan) -> str:
    """Whether sound and picture have moved against each other; "" when they have not.

    Encoded sound keeps its times, so where it begins late or ends early it did not decode there.
    """
    gone = _sound_gone(result, chosen)
    if gone is None:
        return ""
    late, short = gone
    longer = max(_DRIFT * chosen.video.stream.packets.seconds, 2 * _OUT_OF_STEP)
    wrong = late < -_OUT_OF_STEP or short < -longer  # the last packet's length is often a guess
    copied = chosen.audio is not None and chosen.audio.action == "copy"
    lost = copied and max(late, short) > _OUT_OF_STEP
    return f"the sound begins {late:.2f} s late, ends {short:.2f} s early" if wrong or lost else ""


def share_heard(chosen: Plan, outcome: Outcome, result: Probe) -> float:
    """How much of the sound there is in the result, 0 to 1; 1 when nothing complained.

    Only what is missing at its ends is seen: holes are filled with silence.
    """
    gone = _sound_gone(result, chosen)
    if gone is None or not outcome.errors:
        return 1.0
    assert chosen.audio is not None
    lost = sum(max(0.0, each) for each in gone)
    seconds = chosen.audio.stream.packets.seconds
    return 1 - min(1.0, lost / seconds) if lost > max(seconds * _DRIFT, _OUT_OF_STEP) else 1.0


def _sound_gone(result: Probe, chosen: Plan) -> tuple[float, float] | None:
    """Seconds by which the result's sound begins late and ends early, compared with the source's.

    Counted from where the whole file begins; None without sound.
    """
    if not chosen.audio or chosen.audio.stream.retimed:
        return None
    picture, sound = (s.packets for s in result.streams[:2])
    was, heard = chosen.video.stream.packets, chosen.audio.stream.packets
    begins, began = min(picture.start, sound.start), min(was.start, heard.start)
    late = (sound.start - begins) - (heard.start - began)
    return late, (heard.end - began) - (sound.end - begins)


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
    refused = "not on whitelist" in said and "opening decoder" in said
    if refused or any(f"({name}) not on whitelist" in said for name in accepted.DANGEROUS):
        return Refused("unsupported_codec", details)
    if _TOO_LARGE in said:
        return Refused("too_large_picture", details)
    if any(sign in said for sign in _NO_MEMORY):
        return Refused("too_heavy", details)
    if not intact.looks_like_media(source):
        return Refused("not_media", details)
    if "moov atom not found" in said or intact.cut_short(source):
        return Refused("truncated", details)
    return Refused("no_frames" if flaw == "no frames" else "damaged", details)


def _tells_other_format(said: str) -> bool:
    return any(sign in said for sign in _OTHER_FORMATS)
