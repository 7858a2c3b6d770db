"use strict";
// The report reads without this script. It adds: the filter, the theme switch, and the unfolding of packed
// conversations, whose HTML was made and escaped by the same templates as the rest of the page.

const root = document.documentElement;

// --- theme ---

const themes = ["auto", "light", "dark"];
const button = document.getElementById("theme");

function keep(theme) {
  try {
    localStorage.setItem("xmpp-harness-theme", theme);
  } catch {
    // a file opened from disk may have no storage: the choice then lasts as long as the page
  }
}

function kept() {
  try {
    return localStorage.getItem("xmpp-harness-theme");
  } catch {
    return null;
  }
}

function show(theme) {
  if (theme === "auto") root.removeAttribute("data-theme");
  else root.setAttribute("data-theme", theme);
  button.textContent = "Theme: " + theme;
  button.dataset.theme = theme;
}

button.hidden = false;
show(themes.includes(kept()) ? kept() : "auto");
button.addEventListener("click", () => {
  const next = themes[(themes.indexOf(button.dataset.theme) + 1) % themes.length];
  show(next);
  keep(next);
});

// --- packed conversations ---

const blocks = new Map();

function block(number) {
  if (!blocks.has(number)) blocks.set(number, unpack(document.getElementById("block-" + number).textContent));
  return blocks.get(number);
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

async function unfold(place) {
  const pieces = await block(place.dataset.block);
  place.classList.remove("packed");
  place.innerHTML = pieces[Number(place.dataset.piece)];
}

function unfoldOpened(details) {
  for (const place of details.querySelectorAll(".packed")) {
    let outer = place.closest("details");
    while (outer && outer.open) outer = outer.parentElement.closest("details");
    if (!outer) unfold(place);
  }
}

document.addEventListener("toggle", (event) => event.target.open && unfoldOpened(event.target), true);

// --- links into closed parts ---

function reveal() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let part = target; part; part = part.parentElement) {
    if (part.tagName === "DETAILS") part.open = true;
    if (part.hidden) part.hidden = false;
  }
  target.scrollIntoView();
}

addEventListener("hashchange", reveal);
reveal();

addEventListener("beforeprint", () => {
  for (const outcome of document.querySelectorAll("details.outcome[open]")) outcome.closest("details.case").open = true;
});

// --- filter ---

const form = document.querySelector(".filter");
const cases = [...document.querySelectorAll("details.case")];
const families = [...document.querySelectorAll(".family")];
const words = new Map();

function text(one) {
  if (!words.has(one)) words.set(one, one.textContent.toLowerCase());
  return words.get(one);
}

function wanted() {
  const data = (id) => document.getElementById(id).value;
  return {
    terms: data("search").toLowerCase().split(/\s+/).filter(Boolean),
    target: data("target"),
    family: data("family"),
    document: data("document"),
    verdicts: [...form.querySelectorAll("input[name=verdict]:checked")].map((input) => input.value),
  };
}

function column(mark) {
  return mark.match(/^\d+/)[0];
}

function fits(one, want) {
  const marks = one.dataset.marks.split(" ").filter((mark) => want.target === "" || column(mark) === want.target);
  if (!marks.length) return false;
  if (want.verdicts.length && !marks.some((mark) => want.verdicts.includes(mark.replace(/^\d+/, "")))) return false;
  if (want.family && one.parentElement.dataset.family !== want.family) return false;
  if (want.document && !one.dataset.documents.split("|").includes(want.document)) return false;
  return want.terms.every((term) => text(one).includes(term));
}

function filter() {
  const want = wanted();
  let number = 0;
  for (const one of cases) {
    one.hidden = !fits(one, want);
    number += one.hidden ? 0 : 1;
  }
  for (const family of families) family.hidden = !family.querySelector("details.case:not([hidden])");
  document.getElementById("shown").textContent = number === cases.length ? String(number) : number + " of " + cases.length;
  document.getElementById("none").hidden = number > 0;
}

form.hidden = false;
filter(); // browsers keep what was filled in before a reload
form.addEventListener("input", filter);
form.addEventListener("reset", () => setTimeout(filter));
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("keydown", (event) => {
  if (event.key !== "/" || /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
  event.preventDefault();
  document.getElementById("search").focus();
});
