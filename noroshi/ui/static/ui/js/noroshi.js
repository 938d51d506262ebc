// Makes quicker what works without it: every page can be used with this file missing.
const root = document.documentElement;
root.dataset.js = "";

// ---- light and dark: the button is a form; here the page does not have to load again ----
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = dark ? "light" : "dark";
  root.dataset.theme = theme;
  const body = new FormData(form);
  body.set("theme", theme);
  fetch(form.action, { method: "POST", body, redirect: "manual" });
});

// ---- dialogs: a link to #id opens it, so :target shows it without this file ----
function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return false;
  if (!dialog.open) dialog.showModal();
  return true;
}

function closeMenus(but) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(but)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const opens = event.target.closest("a[data-opens]");
  // A dialog gives the focus back where it was: not into a menu that is closed by then.
  opens?.closest("details.menu")?.querySelector("summary").focus();
  if (opens && openDialog(opens.hash.slice(1))) event.preventDefault();
  const closes = event.target.closest("[data-closes]");
  const dialog = closes?.closest("dialog[open]");
  if (dialog) {
    event.preventDefault();
    dialog.close();
  }
  closeMenus(opens ? null : event.target);
});

// Who goes on by Tab would have the menu lie over what has the focus.
document.addEventListener("focusin", (event) => closeMenus(event.target));

document.addEventListener("keydown", (event) => {
  const opens = event.target.closest?.("a[data-opens], a[data-closes]");
  if (opens && event.key === " ") {
    event.preventDefault();
    opens.click();
  }
  if (event.key !== "Escape") return;
  if (event.target.matches?.(".quick input")) {
    event.target.blur();
    beforeSearch?.focus();
  }
  const menu = event.target.closest?.("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// ---- rows: j k x Enter; the row one is at has the focus on its link ----
const titles = () => [...document.querySelectorAll("main .rows .title, main .table tbody a.title")]
  .filter((title) => title.checkVisibility());

const rowOf = (title) => title.closest("li, tr");

function step(by) {
  const all = titles();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  all[next].focus();
  rowOf(all[next]).scrollIntoView({ block: "nearest" });
}

function pickRow() {
  const box = rowOf(document.activeElement)?.querySelector(".pick input");
  box?.click();
}

// ---- shortcuts, never while typing ----
let afterG = 0;

let beforeSearch;

function search() {
  beforeSearch = document.activeElement;
  document.querySelector(".quick input")?.focus();
}

function go(key) {
  document.querySelector(`.nav a[data-key="${CSS.escape(key)}"]`)?.click();
}

const shortcuts = {
  "/": () => search(),
  "?": () => openDialog("keys"),
  g: () => { afterG = Date.now(); },
  j: () => step(1),
  k: () => step(-1),
  x: () => pickRow(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (typing || event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  if (Date.now() - afterG < 1500 && /^[a-z]$/.test(event.key)) {
    afterG = 0;
    event.preventDefault();
    go(event.key);
    return;
  }
  const shortcut = shortcuts[event.key];
  if (!shortcut) return;
  event.preventDefault();
  shortcut();
});

// ---- the bulk bar: how many are picked, pick all on this page ----
function countPicked(form) {
  const boxes = [...form.querySelectorAll("tbody .pick input")];
  const picked = boxes.filter((box) => box.checked).length;
  const words = form.querySelector(".picked");
  if (words && picked) {
    words.value = picked === 1 ? words.dataset.one : words.dataset.many.replace("{count}", picked);
  }
  const all = form.querySelector("[data-pick-all]");
  if (all) {
    all.checked = picked > 0 && picked === boxes.length;
    all.indeterminate = picked > 0 && picked < boxes.length;
  }
}

for (const all of document.querySelectorAll("[data-pick-all]")) all.hidden = false;

document.addEventListener("change", (event) => {
  const form = event.target.closest("form");
  if (!form || !event.target.closest(".pick")) return;
  if (event.target.matches("[data-pick-all]")) {
    for (const box of form.querySelectorAll("tbody .pick input")) box.checked = event.target.checked;
  }
  countPicked(form);
});

// ---- who reads this: an answer that did not come must not look like the present one ----
for (const name of ["htmx:response:error", "htmx:error"]) {
  document.addEventListener(name, (event) => {
    const stale = event.target.closest?.(".audience")?.querySelector(".stale");
    if (stale) stale.hidden = false;
  });
}
