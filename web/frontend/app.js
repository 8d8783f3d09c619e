// On every page: htmx, set so that it asks nothing our content security policy forbids.
import htmx from "htmx.org";

htmx.config.includeIndicatorStyles = false; // an inline <style>; nothing uses its classes
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
// What the server refuses it explains, in a piece of page that stands where the answer would have.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "4..", swap: true, error: true },
  { code: "...", swap: false, error: true },
];

// When no answer comes or none that can be shown, say so: a button that does nothing looks broken.
const trouble = document.getElementById("trouble");
document.body.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  trouble.hidden = xhr.status > 0 && xhr.status < 500;
});
