// Sizes and times as people read them, in the page's language.

const language = document.documentElement.lang || "es";
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

// "3.4 MB"
export function bytes(count) {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return number(count / 1000 ** power, UNITS[power], "short", power > 1 ? 1 : 0);
}

// "40 seconds", "3 minutes"
export function duration(seconds) {
  if (seconds < 60) return number(Math.max(1, Math.round(seconds)), "second", "long", 0);
  if (seconds < 5400) return number(Math.round(seconds / 60), "minute", "long", 0);
  return number(seconds / 3600, "hour", "long", 1);
}

// "2:30", as the organizer gave the longest video
export function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// Puts values into a text's {places}.
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

function number(value, unit, unitDisplay, maximumFractionDigits) {
  const options = { style: "unit", unit, unitDisplay, maximumFractionDigits };
  return new Intl.NumberFormat(language, options).format(value);
}
