// Indicator rows: add and remove without a round trip. Without script the same buttons submit the form.
import { fresh } from "./dom.js";

export function rows(root) {
  for (const group of fresh(root, "[data-rows]", "Rows")) {
    const list = group.querySelector("ol");
    const status = group.querySelector("[data-row-status]");
    group.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.matches("[data-add-row]")) {
        event.preventDefault();
        const row = list.lastElementChild.cloneNode(true);
        list.append(row);
        clear(row);
        renumber(list);
        row.querySelector("input").focus();
        status.textContent = status.dataset.added;
      } else if (button?.matches("[data-remove-row]")) {
        event.preventDefault();
        const row = button.closest("[data-row]");
        const next = row.nextElementSibling || row.previousElementSibling;
        if (next) row.remove();
        else clear(row);
        renumber(list);
        (next || row).querySelector("input").focus();
        status.textContent = status.dataset.removed;
        list.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
  }
}

function clear(row) {
  row.querySelectorAll(".field-error, .advice").forEach((e) => e.remove());
  row.querySelectorAll("input, select").forEach((field) => {
    if (field.type !== "hidden" || !/csrf/.test(field.name)) field.value = field.tagName === "SELECT" ? field.options[0].value : "";
    field.classList.remove("is-invalid");
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  });
}

function renumber(list) {
  [...list.children].forEach((row, index) => {
    row.querySelectorAll("[id], [name], [for]").forEach((element) => {
      for (const name of ["id", "name", "for"]) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replace(/-\d+-/, `-${index}-`));
      }
    });
    row.querySelector("[data-remove-row]").value = index;
  });
}
