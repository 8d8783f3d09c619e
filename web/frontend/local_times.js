// Beside each date above this script what it is on the reader's own clock, where that differs.
// No module: it has to run before what stands below it is drawn, which then need not move.
{
  const dates = document.currentScript.previousElementSibling;
  const { zone, yours } = dates.dataset;
  const shape = { dateStyle: "medium", timeStyle: "short" };
  const format = (timeZone) => new Intl.DateTimeFormat(document.documentElement.lang, { ...shape, timeZone });
  const [theirs, own] = [format(zone), format(undefined)];
  for (const time of dates.querySelectorAll("time")) {
    const moment = new Date(time.dateTime);
    const text = own.format(moment);
    if (text === theirs.format(moment)) continue;
    const local = document.createElement("span");
    local.className = "local-time";
    local.textContent = yours.replace("{time}", text);
    time.append(" ", local);
  }
}
