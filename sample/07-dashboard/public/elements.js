/** An element with text or other elements in it. Text is text: nothing here reads markup. */
export function element(name, attributes, content) {
  return fill(document.createElement(name), attributes, content);
}

export function svg(name, attributes, content) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, content);
}

function fill(node, attributes = {}, content = []) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...(Array.isArray(content) ? content : [String(content)]));
  return node;
}

export const seconds = duration => (duration === null ? '–' : `${duration} s`);
