// Suggestions while typing: an ARIA combobox over the server's list. Enter without a choice goes to the search page.
import { composing, fresh } from "./dom.js";

export function search(root) {
  for (const form of fresh(root, "form[data-suggest]", "Suggest")) {
    const input = form.querySelector("[data-search]") || form.querySelector('[name="q"]');
    const list = document.createElement("ul");
    list.className = "suggestions";
    list.id = `${input.id}-list`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.labels?.[0]?.textContent.trim() || "");
    list.hidden = true;
    form.append(list);
    const set = (pairs) => Object.entries(pairs).forEach(([k, v]) => input.setAttribute(k, v));
    set({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" });

    let timer;
    let asked = 0;
    let at = -1;
    const options = () => [...list.querySelectorAll('[role="option"]')];
    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const choose = (index) => {
      const all = options();
      if (!all.length) return;
      at = (index + all.length) % all.length;
      all.forEach((option, i) => option.setAttribute("aria-selected", i === at ? "true" : "false"));
      input.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    };
    const go = (option) => {
      if (option?.dataset.href) location.href = option.dataset.href;
    };
    const ask = async () => {
      const text = input.value.trim();
      const turn = ++asked;
      if (!text) return close();
      try {
        const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(text)}`, { credentials: "same-origin" });
        const html = answer.ok ? await answer.text() : "";
        if (turn !== asked) return;
        list.innerHTML = html;
      } catch {
        return close();
      }
      at = -1;
      options().forEach((option, i) => {
        option.id = `${list.id}-${i}`;
        option.setAttribute("aria-selected", "false");
        // An option may hold nothing that takes focus of its own: the link becomes the option's target.
        const link = option.querySelector("a");
        if (!link) return;
        option.dataset.href = link.getAttribute("href");
        link.replaceWith(...link.childNodes);
      });
      const some = options().length > 0 && document.activeElement === input;
      list.hidden = !some;
      input.setAttribute("aria-expanded", String(some));
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 200);
    });
    input.addEventListener("keydown", (event) => {
      if (composing(event) || list.hidden) return;
      if (event.key === "ArrowDown") choose(at + 1);
      else if (event.key === "ArrowUp") choose(at < 0 ? -1 : at - 1);
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && at >= 0) go(options()[at]);
      else return;
      event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      go(event.target.closest('[role="option"]'));
    });
    input.addEventListener("blur", close);
  }
}
