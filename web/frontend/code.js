// A printed square leads here with its code behind the #, where no server and no log sees it: fill it
// in, and take it out of the address.
const field = document.querySelector("[data-typed-code] input[type=text]");

const fill = () => {
  const code = new URLSearchParams(location.hash.slice(1)).get("codigo");
  if (!code) return;
  field.value = code;
  history.replaceState(null, "", location.pathname + location.search);
};

if (field) {
  fill();
  addEventListener("hashchange", fill); // the next square, opened in the same window
}
