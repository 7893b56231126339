// Keys: / search, ? list, g t today, j k walk a list, Enter opens, m moves on the board. Off in fields; can be turned off.
import { composing, typing } from "./dom.js";

export function keys() {
  if (document.documentElement.dataset.keys === "off") return;
  let waiting = 0;
  let picked = null;

  const items = () => [...document.querySelectorAll("[data-item]")].filter((e) => e.offsetParent !== null);

  const walk = (step) => {
    const all = items();
    if (!all.length) return;
    const at = all.indexOf(picked);
    const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))];
    picked?.classList.remove("is-picked");
    picked = next;
    picked.classList.add("is-picked");
    (picked.querySelector("a[href]") || picked).focus({ preventScroll: true });
    picked.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || composing(event) || typing(event.target) || document.querySelector("dialog[open]")) return;
    const afterG = Date.now() - waiting < 1500;
    waiting = 0;
    const actions = {
      "/": () => (visible("#top-q") || document.querySelector("main [data-search]"))?.focus(),
      "?": () => document.getElementById("keys")?.showModal(),
      g: () => (waiting = Date.now()),
      j: () => walk(1),
      k: () => walk(-1),
      m: () => move(event.target.closest("[data-card]") || picked),
    };
    if (afterG && event.key === "t") return void (location.href = "/today");
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function visible(selector) {
  const element = document.querySelector(selector);
  return element?.offsetParent ? element : null;
}

function move(card) {
  const menu = card?.querySelector("[data-move-menu]");
  if (!menu) return;
  menu.closest("details").open = true;
  menu.closest("details").querySelector("button")?.focus();
}
