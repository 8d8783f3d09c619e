// What this browser remembers: which upload a chosen file belongs to, so that it goes on tomorrow,
// and a draft of the text about it. Nothing about the person: computers are shared.

const UPLOAD = "videoshare:upload:";
const DRAFT = "videoshare:draft:";
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
  });
}

export function recall(contest, file) {
  return quietly(() => JSON.parse(localStorage[keyOf(contest, file)]).token);
}

export function forget(contest, file) {
  quietly(() => localStorage.removeItem(keyOf(contest, file)));
}

export function saveDraft(contest, texts) {
  quietly(() => (localStorage[DRAFT + contest] = JSON.stringify(texts)));
}

export function draft(contest) {
  return quietly(() => JSON.parse(localStorage[DRAFT + contest])) ?? {};
}

// The form is on its way; whether it was accepted shows on the page that follows.
export function markSent(contest) {
  quietly(() => (sessionStorage[SENT] = contest));
}

export function clearIfSent(contest, accepted) {
  quietly(() => {
    if (accepted && sessionStorage[SENT] === contest) localStorage.removeItem(DRAFT + contest);
    sessionStorage.removeItem(SENT);
  });
}
