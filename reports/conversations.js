// Unfolds what is packed, whose HTML was made and escaped by the same templates as the rest of the page.

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
  place.dispatchEvent(new Event("unfolded", { bubbles: true }));
}

function unfoldOpened(details) {
  for (const place of details.querySelectorAll(".packed")) {
    let outer = place.closest("details");
    while (outer && outer.open) outer = outer.parentElement.closest("details");
    if (!outer) unfold(place);
  }
}

document.addEventListener("toggle", (event) => event.target.open && unfoldOpened(event.target), true);
