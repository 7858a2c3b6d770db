// Links into parts that are closed, and a sign beside each part that has an address.

const linked = ["case", "outcome", "target"];
const summaries = linked.map((name) => "details." + name + " > summary").join(", ");

function address() {
  return decodeURIComponent(location.hash.slice(1));
}

function meant() {
  return document.getElementById(address());
}

// An outcome whose case is packed is there when the case has been opened.
function outer() {
  return document.getElementById(address().replace(/-\d+$/, ""));
}

function reveal() {
  const place = meant() || outer();
  if (!place) return;
  for (let part = place; part; part = part.parentElement) {
    if (part.tagName === "DETAILS") part.open = true;
    if (part.hidden) part.hidden = false;
  }
  place.scrollIntoView();
}

addEventListener("hashchange", reveal);
addEventListener("unfolded", (event) => event.target.contains(meant()) && reveal());
reveal();

// There are thousands of cases, so one sign goes where the pointer or the focus is, and no page carries them all.
const sign = document.createElement("a");
sign.className = "permalink";

function offer(event) {
  const summary = event.target.closest && event.target.closest(summaries);
  if (!summary || summary.contains(sign)) return;
  const part = summary.parentElement;
  const word = linked.find((name) => part.classList.contains(name));
  sign.href = "#" + part.id;
  sign.setAttribute("aria-label", "Link to this " + word);
  sign.classList.remove("copied");
  (summary.querySelector(".name") || summary).append(sign);
}

document.addEventListener("pointerover", offer);
document.addEventListener("focusin", offer);

async function copy(link) {
  try {
    await navigator.clipboard.writeText(link.href);
    link.classList.add("copied");
    setTimeout(() => link.classList.remove("copied"), 1500);
  } catch {
    // no clipboard for this page: the address bar has it
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.permalink");
  if (!link) return;
  event.preventDefault(); // the summary around it would open or close
  history.replaceState(null, "", link.hash);
  copy(link);
});

// Paper cannot be opened: what failed is printed whole, and so are the pages of the targets.
addEventListener("beforeprint", () => {
  for (const outcome of document.querySelectorAll("details.outcome[open]")) outcome.closest("details.case").open = true;
  for (const target of document.querySelectorAll("details.target")) target.open = true;
});
