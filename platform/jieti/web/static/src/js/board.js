// Board: dragging a card posts the card's own 移到… form. A stage that the lifecycle forbids says why; one announcement a move.
import { fresh, post } from "./dom.js";

export function board(root) {
  for (const element of fresh(root, "[data-board]", "Board")) {
    const status = document.querySelector("[data-board-status]");
    let card = null;
    const columns = [...element.querySelectorAll("[data-stage]")];
    const allowed = (stage) => card.dataset.targets.split(" ").includes(stage);
    const clear = () => columns.forEach((c) => c.classList.remove("is-target", "is-refused"));

    element.querySelectorAll("[data-card]").forEach((c) => (c.draggable = Boolean(c.dataset.targets)));
    element.addEventListener("dragstart", (event) => {
      card = event.target.closest?.("[data-card]");
      if (!card) return;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", card.dataset.ref);
      card.classList.add("is-dragged");
      const home = card.closest("[data-stage]");
      columns.forEach((c) => c !== home && c.classList.add(allowed(c.dataset.stage) ? "is-target" : "is-refused"));
    });
    element.addEventListener("dragover", (event) => {
      if (card && event.target.closest("[data-stage]")) event.preventDefault();
    });
    element.addEventListener("dragend", () => {
      clear();
      card?.classList.remove("is-dragged");
    });
    element.addEventListener("drop", async (event) => {
      const column = event.target.closest("[data-stage]");
      if (!card || !column) return;
      event.preventDefault();
      clear();
      const moved = card;
      if (column.contains(moved)) return;
      const name = column.dataset.stageLabel;
      if (!allowed(column.dataset.stage)) return say(element, status, element.dataset.notAllowed.replace("{stage}", name));
      const body = new FormData(moved.querySelector("[data-move-form]"));
      body.set("to", column.dataset.stage);
      const answer = await post(element.dataset.moveUrl, body).catch(() => null);
      if (answer?.ok) {
        column.querySelector(".board-empty")?.remove();
        column.querySelector(".board-cards").prepend(moved);
        say(element, status, element.dataset.moved.replace("{stage}", name));
        // The card's next stages and the counts come from the server.
        location.hash = moved.id;
        location.reload();
      } else {
        say(element, status, (answer && (await answer.text()).slice(0, 200)) || element.dataset.notAllowed.replace("{stage}", name));
      }
    });
  }
}

function say(element, status, text) {
  status.textContent = text;
  status.classList.remove("visually-hidden");
  status.classList.add("banner", "banner-info");
}
