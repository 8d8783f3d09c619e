// What this browser remembers: which upload a chosen file belongs to, so that it goes on tomorrow,
// which one was the last, with which the server keeps what was typed, and a draft of the text before
// there is any. Nothing about the person: computers are shared. All of it goes with submitting.

const UPLOAD = "videoshare:upload:";
const DRAFT = "videoshare:draft:";
const LAST = "videoshare:last:";
const SENT = "videoshare:sent";
const KEEP = 14 * 24 * 3600 * 1000; // milliseconds; the server has forgotten it by then

// A browser may refuse to store anything; then nothing is remembered, and all else works.
function quietly(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

function keyOf(contest, file) {
  return `${UPLOAD}${contest}:${file.name}:${file.size}:${file.lastModified}`;
}

export function remember(contest, file, token) {
  quietly(() => {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(UPLOAD) && !(JSON.parse(localStorage[key]).at > Date.now() - KEEP)) {
        localStorage.removeItem(key);
      }
    }
    localStorage[keyOf(contest, file)] = JSON.stringify({ token, at: Date.now() });
    localStorage[LAST + contest] = token;
  });
}

export function recall(contest, file) {
  return quietly(() => JSON.parse(localStorage[keyOf(contest, file)]).token);
}

// The contest's latest upload, whose form may be gone on with.
export function last(contest) {
  return quietly(() => localStorage[LAST + contest]) ?? "";
}

// Forget an upload that is dropped, or has become an entry.
export function forget(contest, token) {
  quietly(() => {
    for (const key of Object.keys(localStorage)) {
      const ours = key.startsWith(UPLOAD) && JSON.parse(localStorage[key]).token === token;
      if (ours || (key === LAST + contest && localStorage[key] === token)) {
        localStorage.removeItem(key);
      }
    }
  });
}

export function saveDraft(contest, texts) {
  quietly(() => (localStorage[DRAFT + contest] = JSON.stringify(texts)));
}

export function draft(contest) {
  return quietly(() => JSON.parse(localStorage[DRAFT + contest])) ?? {};
}

// The form is on its way; whether it was accepted shows on the page that follows.
export function markSent(contest, token) {
  quietly(() => (sessionStorage[SENT] = JSON.stringify({ contest, token })));
}

export function clearIfSent(contest, accepted) {
  quietly(() => {
    const sent = JSON.parse(sessionStorage[SENT] ?? "{}");
    sessionStorage.removeItem(SENT);
    if (!accepted || sent.contest !== contest) return;
    localStorage.removeItem(DRAFT + contest);
    forget(contest, sent.token);
  });
}
