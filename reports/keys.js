// Single keys: / to search, j and k from case to case, o opens, ? tells them. They can be switched off, since
// who speaks to the machine presses keys without meaning to (WCAG 2.1, 2.1.4).

const dialog = document.getElementById("keys");
const button = document.getElementById("keys-open");
const choice = document.getElementById("keys-on");
const search = document.getElementById("search");
const place = "xmpp-harness-keys";

function kept() {
  try {
    return localStorage.getItem(place);
  } catch {
    return null; // a file opened from disk may have no storage: the choice then lasts as long as the page
  }
}

function keep(value) {
  try {
    localStorage.setItem(place, value);
  } catch {
    // as above
  }
}

function tell() {
  dialog.showModal();
}

function current() {
  return document.activeElement.closest("details.case");
}

function shown() {
  return [...document.querySelectorAll("details.case:not([hidden])")].filter((one) => !one.parentElement.hidden);
}

function step(by) {
  const cases = shown();
  const at = cases.indexOf(current());
  const next = cases[at < 0 ? 0 : Math.min(Math.max(at + by, 0), cases.length - 1)];
  if (!next) return;
  next.querySelector("summary").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function toggle() {
  const details = document.activeElement.closest("summary") && document.activeElement.parentElement;
  if (details) details.open = !details.open;
}

function close() {
  const one = current();
  if (!one || !one.open) return;
  one.open = false;
  one.querySelector("summary").focus();
}

function leave() {
  if (document.activeElement === search) search.blur();
  else close();
}

const singles = { "/": () => search.focus(), j: () => step(1), k: () => step(-1), o: toggle, "?": tell };

function isTyped(target) {
  return target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return;
  if (event.key === "Escape") return leave();
  const act = singles[event.key];
  if (!act || !choice.checked || isTyped(event.target)) return;
  event.preventDefault();
  act();
});

button.addEventListener("click", tell);
choice.checked = kept() !== "off";
choice.addEventListener("change", () => keep(choice.checked ? "on" : "off"));
