const BYTE_ORDER_MARK = 0xfeff;

/** @throws SyntaxError whose message quotes the text */
export const parseText = (text: string): unknown =>
  JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text) as unknown;
