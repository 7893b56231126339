// Drafts are saved two seconds after the last key. Nothing typed is lost: off line it tries again, a conflict or a sign-out is said.
import { fresh, post } from "./dom.js";

export function autosave(root) {
  for (const form of fresh(root, "form[data-autosave-url]", "Autosave")) {
    const status = form.querySelector("[data-autosave-status]") || document.querySelector("[data-autosave-status]");
    if (!status) continue;
    let timer;
    let busy = false;
    let dirty = false;
    let stopped = false;

    const say = (text, link) => {
      status.textContent = text;
      if (!link) return;
      const a = document.createElement("a");
      a.href = link;
      a.textContent = status.dataset.conflictLink;
      status.append(" ", a);
    };

    const save = async () => {
      if (busy || stopped || form.dataset.sent) return;
      busy = true;
      dirty = false;
      const body = new FormData(form);
      for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
      try {
        const answer = await post(form.dataset.autosaveUrl, body, { Accept: "application/json", "X-Autosave": "1" });
        if (answer.ok && !answer.redirected) {
          const { saved_at: time, version } = await answer.json();
          const field = form.elements.version;
          if (field && version != null) field.value = version;
          say(status.dataset.saved.replace("{t}", time));
        } else if (answer.status === 409) {
          stopped = true;
          const { url } = await answer.json();
          say(status.dataset.conflict, url);
        } else if (answer.status === 401 || answer.redirected) {
          dirty = true;
          say(status.dataset.signedOut);
        } else {
          say(status.dataset.failed);
        }
      } catch {
        dirty = true;
        say(status.dataset.offline);
      }
      busy = false;
      if (dirty && navigator.onLine) later(10000);
    };

    const later = (wait = 2000) => {
      clearTimeout(timer);
      timer = setTimeout(save, wait);
    };

    const changed = (event) => {
      if (event.target.type === "file") return;
      dirty = true;
      later();
    };
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    form.addEventListener("submit", () => clearTimeout(timer));
    addEventListener("online", () => dirty && save());
    addEventListener("beforeunload", (event) => {
      if (dirty && !form.dataset.sent) event.preventDefault();
    });
  }
}
