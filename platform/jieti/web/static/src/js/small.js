// Small things: focus of the error summary, messages that can be put away, menus that close, printing.
import { fresh } from "./dom.js";

export function small(root) {
  for (const element of fresh(root, "[data-focus]", "Focus")) element.focus();
  for (const button of fresh(root, "[data-dismiss]", "Dismiss")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      button.closest("[data-dismissible]").remove();
      document.getElementById("main")?.focus();
    });
  }
  for (const button of fresh(root, "[data-print]", "Print")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  if (root !== document || document.jietiSmall) return;
  document.jietiSmall = true;
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.activeElement?.closest("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  addEventListener("beforeprint", () => document.querySelectorAll("details:not(.menu):not([open])").forEach((d) => {
    d.open = true;
    d.dataset.folded = "1";
  }));
  addEventListener("afterprint", () => document.querySelectorAll("details[data-folded]").forEach((d) => {
    d.open = false;
    delete d.dataset.folded;
  }));
}
