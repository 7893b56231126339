// On a phone the filter form moves into a <dialog> that ends in 查看n项; on a desktop it stays beside the list.
import { fresh } from "./dom.js";

export function facets(root) {
  for (const box of fresh(root, "[data-facets]", "Facets")) {
    const open = box.querySelector("[data-facets-open]");
    const dialog = box.querySelector("[data-facets-dialog]");
    const body = box.querySelector("[data-facets-body]");
    const form = box.querySelector("[data-facets-form]");
    const view = form.querySelector(".facets-view");
    const narrow = matchMedia("(max-width: 991.98px)");

    const head = document.createElement("div");
    head.className = "facets-dialog-head";
    const title = document.createElement("h2");
    title.textContent = dialog.getAttribute("aria-label");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-quiet";
    close.textContent = dialog.dataset.close;
    close.addEventListener("click", () => dialog.close());
    head.append(title, close);

    const place = () => {
      if (narrow.matches) {
        dialog.append(head, form);
      } else {
        if (dialog.open) dialog.close();
        body.append(form);
      }
      open.hidden = !narrow.matches;
      view.hidden = !narrow.matches;
      body.hidden = narrow.matches;
    };
    narrow.addEventListener("change", place);
    place();
    open.addEventListener("click", () => dialog.showModal());
    dialog.addEventListener("close", () => open.focus());
  }
}
