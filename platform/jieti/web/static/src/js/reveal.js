// Passwords that can be shown while typing: [data-reveal-show] around a password input holds the two words.
import { fresh } from "./dom.js";

export function reveal(root) {
  for (const box of fresh(root, "[data-reveal-show]", "Reveal")) {
    const input = box.querySelector('input[type="password"]');
    if (!input) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-quiet reveal";
    button.setAttribute("aria-controls", input.id);
    const show = (shown) => {
      input.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
      button.textContent = shown ? box.dataset.revealHide : box.dataset.revealShow;
    };
    button.addEventListener("click", () => show(input.type === "password"));
    input.form?.addEventListener("submit", () => show(false)); // so that the browser does not keep it as plain text
    show(false);
    input.after(button);
  }
}
