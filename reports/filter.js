// Shows the cases that were asked for.

const form = document.querySelector(".filter");
const cases = [...document.querySelectorAll("details.case")];
const families = [...document.querySelectorAll(".family")];
const words = new Map();

function text(one) {
  if (!words.has(one)) words.set(one, (one.textContent + " " + (one.dataset.words || "")).toLowerCase());
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
