// The switch between light, dark, and what the reader's system says.

const root = document.documentElement;

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
