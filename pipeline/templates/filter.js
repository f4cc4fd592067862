// Shows the sources that are what the choices above the list say; the page's address keeps them, so that it can be handed on.
const choices = document.getElementById("choices");
const rows = [...document.querySelectorAll("tbody tr")];
const named = name => choices.elements[name];

function show() {
  const words = named("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const chosen = ["state", "conflict", "country", "language"].every(
      name => !named(name).value || row.dataset[name].split("|").includes(named(name).value));
    row.hidden = !(chosen && words.every(word => row.dataset.text.includes(word)));
    shown += !row.hidden;
  }
  document.getElementById("shown").textContent = `${shown} of ${rows.length}`;
}

for (const [name, value] of new URLSearchParams(location.search))
  if (named(name)) named(name).value = value;
choices.addEventListener("input", () => {
  show();
  const kept = [...new FormData(choices)].filter(([, value]) => value);
  history.replaceState(null, "", kept.length ? `?${new URLSearchParams(kept)}` : location.pathname);
});
choices.hidden = false;
show();
