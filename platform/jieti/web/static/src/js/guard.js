// A second submit of the same form while the first is on its way is ignored; the button stays enabled. The idempotency key
// on the server is the safeguard, this spares the wait. Composing text never submits; htmx gets the CSRF token.
import { composing, csrf } from "./dom.js";

export function guard() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    // A download or an answer 204 leaves the page: open the form again.
    setTimeout(() => release(form), 8000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && composing(event)) event.stopPropagation();
    if (event.key === "Enter" && composing(event) && event.target.form) event.preventDefault();
  }, true);
  // While composing, an `input` is half a syllable: hold it back, one comes when the word is chosen.
  document.addEventListener("input", (event) => {
    if (event.isComposing) event.stopImmediatePropagation();
  }, true);
  document.addEventListener("compositionend", (event) => {
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx?.request;
    if (request?.headers) request.headers["X-CSRFToken"] = csrf();
  });
}

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll('[aria-busy="true"]').forEach((b) => b.removeAttribute("aria-busy"));
}
