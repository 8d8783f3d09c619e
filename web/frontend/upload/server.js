// Talking to our server about an upload, in JSON.

// The server said no; its message is a sentence for the person, in their language.
export class Refusal extends Error {
  constructor(status, { code = "", message = "" } = {}) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

// Call once, or up to `tries` times while the line or the server is down. Throws a Refusal, or what
// fetch throws.
export async function call(method, url, options = {}) {
  const { signal, tries = 1 } = options;
  for (let left = tries; ; left -= 1) {
    try {
      return await once(method, url, options);
    } catch (error) {
      const final = error instanceof Refusal && error.status < 500;
      if (final || signal?.aborted || left <= 1) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
}

async function once(method, url, { csrf = "", body, signal, keepalive = false }) {
  const headers = { "X-CSRFToken": csrf, Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  const text = body && JSON.stringify(body);
  const response = await fetch(url, { method, headers, signal, keepalive, body: text });
  if (response.status === 204) return null;
  const isJson = response.headers.get("Content-Type")?.includes("json");
  const answer = isJson ? await response.json() : {};
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}
