// The one own script. It hastens what the server does anyway: every page works without it.
import { autosave } from "./autosave.js";
import { board } from "./board.js";
import { facets } from "./facets.js";
import { fields } from "./fields.js";
import { guard } from "./guard.js";
import { keys } from "./keys.js";
import { panel } from "./panel.js";
import { reveal } from "./reveal.js";
import { rows } from "./rows.js";
import { search } from "./search.js";
import { small } from "./small.js";
import { upload } from "./upload.js";

const scripts = document.currentScript ? document.currentScript.dataset : {};

// Each takes a root (the page, or what htmx has just swapped in) and leaves alone what it has already seen.
const parts = [small, fields, reveal, rows, upload, autosave, panel, facets, search, board];

function enhance(root) {
  for (const part of parts) part(root, scripts);
}

guard();
keys();
enhance(document);
document.addEventListener("htmx:after:swap", () => enhance(document));
