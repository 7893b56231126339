// Counters, the echo of an amount, date presets, searchable selects and tags.
import { fresh } from "./dom.js";

/** An amount as people type it (１２０, 1,200, 120万) in 万元, or null. The server reads it the same way. */
export function readMoney(text) {
  const plain = text.normalize("NFKC").replace(/[,，\s元]/g, "").replace(/万$/, "");
  const yi = plain.endsWith("亿");
  const number = yi ? plain.slice(0, -1) : plain;
  return /^\d+(\.\d+)?$/.test(number) ? Number(number) * (yi ? 10000 : 1) : null;
}

export function fields(root, scripts) {
  for (const input of fresh(root, "[data-limit]", "Limit")) {
    const counter = document.getElementById(`${input.id}-count`);
    const limit = Number(input.dataset.limit);
    const show = () => {
      const left = limit - [...input.value].length;
      if (!counter) return;
      counter.textContent = (left < 0 ? counter.dataset.over : counter.dataset.left).replace("{n}", Math.abs(left));
      counter.classList.toggle("counter-over", left < 0);
    };
    input.addEventListener("input", show);
    show();
  }
  for (const input of fresh(root, "[data-money]", "Money")) {
    const echo = document.getElementById(input.dataset.money);
    const show = () => {
      const amount = readMoney(input.value);
      echo.textContent = amount === null ? "" : echo.dataset.echo.replace("{n}", Math.round(amount * 10000).toLocaleString("en-US"));
    };
    input.addEventListener("input", show);
    show();
  }
  for (const box of fresh(root, "[data-clears]", "Clears")) {
    const input = document.getElementById(box.dataset.clears);
    box.addEventListener("change", () => {
      if (!box.checked) return;
      input.value = "";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    input?.addEventListener("input", () => {
      if (input.value) box.checked = false;
    });
  }
  for (const presets of fresh(root, "[data-presets]", "Presets")) {
    presets.hidden = false;
    presets.addEventListener("click", (event) => {
      const day = event.target.closest("[data-date]")?.dataset.date;
      if (!day) return;
      const input = document.getElementById(presets.dataset.presets);
      input.value = day;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  const selects = fresh(root, "select[data-searchable], input[data-tags]", "Select");
  if (selects.length) load(scripts.tomSelect).then(() => selects.forEach((e) => searchable(e, scripts)));
}

let loading;

function load(url) {
  loading ||= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
  return loading;
}

function searchable(element, words) {
  const label = element.getAttribute("aria-labelledby");
  const note = (text) => {
    const box = document.createElement("div");
    box.className = "no-results";
    box.textContent = text;
    return box;
  };
  const tags = element.dataset.tags;
  const control = new TomSelect(element, {
    plugins: tags || element.multiple ? ["remove_button"] : [],
    create: Boolean(tags),
    createOnBlur: Boolean(tags),
    delimiter: tags || ",",
    splitOn: /[、,，;；\n]/,
    persist: false,
    refreshThrottle: 0, // else Enter soon after the last key takes what was typed before
    maxOptions: null,
    hideSelected: element.multiple,
    controlInput: "<input>",
    render: {
      no_results: () => (tags ? "" : note(words.noResults)),
      option_create: (data, escape) => `<div class="create">${words.add} ${escape(data.input)}</div>`,
    },
  });
  // Tom Select hides the select from its label: name the visible input, and keep hint and error with it.
  for (const name of ["aria-labelledby", "aria-describedby", "aria-invalid"]) {
    const value = element.getAttribute(name);
    if (value) control.control_input.setAttribute(name, value);
  }
  if (label) control.dropdown_content.setAttribute("aria-labelledby", label);
}
