// Small helpers shared by the parts.

/** Elements under root that match, each given only once for a name. */
export function fresh(root, selector, name) {
  return [...root.querySelectorAll(selector)].filter((element) => {
    const key = `jieti${name}`;
    if (element[key]) return false;
    element[key] = true;
    return true;
  });
}

export const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content || "";

/** True while an input method composes: nothing may be sent or submitted then. */
export const composing = (event) => event.isComposing || event.keyCode === 229;

export const typing = (element) =>
  element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

/** Post and do not follow redirects into pages: the answer's status is what counts. */
export function post(url, body, headers = {}, signal = undefined) {
  return fetch(url, {
    method: "POST",
    body,
    credentials: "same-origin",
    signal,
    headers: { "X-CSRFToken": csrf(), "X-Requested-With": "fetch", ...headers },
  });
}
