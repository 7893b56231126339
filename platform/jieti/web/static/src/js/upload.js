// One file at a time by XHR, for the progress; the answer is the list item. Without script the file goes with the form.
import { csrf, fresh } from "./dom.js";

export function upload(root) {
  for (const box of fresh(root, "[data-upload-url]", "Upload")) {
    const input = box.querySelector('input[type="file"]');
    const status = box.querySelector(".upload-status");
    input.addEventListener("change", async () => {
      const files = [...input.files];
      input.value = "";
      for (const file of files) await send(box, input.name, file, status);
    });
  }
}

function send(box, name, file, status) {
  if (file.size > Number(box.dataset.uploadMax) * 1048576) {
    status.classList.remove("visually-hidden");
    status.textContent = box.dataset.tooLarge;
    return Promise.resolve();
  }
  return new Promise((done) => {
    const bar = document.createElement("progress");
    bar.max = file.size || 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `${box.dataset.progress} ${file.name}`);
    status.classList.remove("visually-hidden");
    status.textContent = `${box.dataset.progress} ${file.name} `;
    status.append(bar);
    const body = new FormData();
    body.append("csrf_token", csrf());
    body.append(name, file);
    const request = new XMLHttpRequest();
    request.open("POST", box.dataset.uploadUrl);
    request.setRequestHeader("X-CSRFToken", csrf());
    request.setRequestHeader("X-Requested-With", "fetch");
    request.upload.onprogress = (event) => (bar.value = event.loaded);
    request.onloadend = () => {
      if (request.status === 200) {
        document.getElementById(box.dataset.uploadList).insertAdjacentHTML("beforeend", request.responseText);
        status.textContent = file.name; // for who cannot see the list grow
        status.classList.add("visually-hidden");
      } else {
        const plain = (request.getResponseHeader("Content-Type") || "").startsWith("text/plain");
        status.textContent = (plain && request.responseText) || box.dataset.failed;
      }
      done();
    };
    request.send(body);
  });
}
