// What the browser itself can say of a file, before anything travels. What it can't read it lets
// pass: the worker knows more formats than any browser.

// The same rules as submitting.looks_like_video: what is certainly no video.
const NOT_VIDEO = ["PK\x03\x04", "%PDF", "\x7fELF", "MZ", "\x89PNG", "\xff\xd8\xff", "GIF8"];
const HEAD = 4096; // bytes
const PATIENCE = 4000; // milliseconds for a browser to tell a length

export async function looksLikeVideo(file) {
  try {
    const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
    const start = String.fromCharCode(...head.subarray(0, 8));
    return head.includes(0) && !NOT_VIDEO.some((each) => start.startsWith(each));
  } catch {
    return true; // it can't be read now; sending it will tell
  }
}

// The seconds a video lasts, or null where this browser can't tell.
export function secondsOf(file) {
  const url = URL.createObjectURL(file);
  const video = document.createElement("video");
  video.preload = "metadata";
  return new Promise((resolve) => {
    const done = (value) => {
      video.removeAttribute("src");
      URL.revokeObjectURL(url);
      resolve(Number.isFinite(value) && value > 0 ? value : null);
    };
    video.addEventListener("loadedmetadata", () => done(video.duration), { once: true });
    video.addEventListener("error", () => done(null), { once: true });
    setTimeout(() => done(null), PATIENCE);
    video.src = url;
  });
}
