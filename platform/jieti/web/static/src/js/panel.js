// Beside the form of a posting: what is missing and what would be matched, asked again at each pause in typing.
// The newest question alone is answered; what fails leaves the panel as it was, since the page works without it.
import { fresh, post } from "./dom.js";

const PAUSE = 800;
const narrow = matchMedia("(max-width: 767.98px)");

export function panel(root) {
  for (const box of fresh(root, "[data-preview]", "Preview")) box.open = !narrow.matches;
  for (const box of fresh(root, "[data-panel-url]", "Panel")) {
    const form = document.getElementById(box.dataset.panel);
    const status = box.parentElement.querySelector("[data-panel-status]");
    let timer;
    let asking;
    let waiting;

    const show = (html) => {
      // Whoever is on a link in it must not lose it under the finger: it is renewed when they leave.
      if (box.contains(document.activeElement)) {
        waiting = html;
        return;
      }
      waiting = null;
      const before = box.querySelector("[data-preview]");
      const headline = before?.querySelector("[data-headline]").textContent;
      box.innerHTML = html;
      const after = box.querySelector("[data-preview]");
      if (!after) return;
      after.jietiPreview = true;
      if (before) after.open = before.open;
      const now = after.querySelector("[data-headline]").textContent;
      if (now !== headline) status.textContent = now;
    };

    const ask = async () => {
      asking?.abort();
      const mine = (asking = new AbortController());
      const slow = setTimeout(() => box.setAttribute("aria-busy", "true"), 400);
      const body = new FormData(form);
      for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
      try {
        const answer = await post(box.dataset.panelUrl, body, {}, mine.signal);
        const html = answer.ok && !answer.redirected ? await answer.text() : "";
        if (html && mine === asking) show(html);
      } catch {
        // Off line, or a newer question: nothing to say.
      }
      clearTimeout(slow);
      if (mine === asking) box.removeAttribute("aria-busy");
    };

    const changed = (event) => {
      if (event.target.type === "file") return;
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    };
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      asking?.abort();
    });
    box.addEventListener("focusout", () => setTimeout(() => waiting && show(waiting)));
  }
}
