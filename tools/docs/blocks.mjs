/**
 * @typedef {object} Block A block of TypeScript in a Markdown file.
 * @property {number} line Of its first line of code, from 1.
 * @property {string} code
 * @property {string} [file] Name under which other blocks of the document import it.
 * @property {string} [frame] What stands around a fragment, see frames.mjs.
 */

const FENCE = /^( *)(`{3,}|~{3,})\s*(\S*)/;
const NOTE = /^<!-- check-docs: (file|frame)=(\S+) -->$/;
const NAMED = /^\/\/ (src\/\S+)$/;
/** Would be read as code, yet is not what is compiled here. */
const OTHER_NAMES = new Set(['typescript', 'tsx', 'mts', 'cts', 'js', 'javascript', 'mjs', 'jsx']);

/**
 * Every block of TypeScript of a Markdown text. A line `<!-- check-docs: file=… -->` or
 * `<!-- check-docs: frame=… -->` right above a block tells how it is compiled; a first line `// src/…`
 * names its file as well.
 *
 * @param {string} markdown
 * @returns {Block[]}
 * @throws Error where a block can't be told from text, or a note has no block
 */
export function blocksOf(markdown) {
  const blocks = [];
  const lines = markdown.split('\n');
  let note;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index];
    const fence = FENCE.exec(line);
    if (fence) {
      const start = index + 1;
      index = endOf(lines, start, fence[2]);
      const block = readBlock(fence, lines.slice(start, index), start + 1, note);
      if (block) blocks.push(block);
      else if (note) throw new Error(`line ${note.line}: the note is above no block of TypeScript`);
      note = undefined;
    } else if (line.includes('check-docs:')) {
      if (note) throw new Error(`line ${note.line}: the note is above no block of TypeScript`);
      const [, key, value] = NOTE.exec(line) ?? [];
      if (!key) throw new Error(`line ${index + 1}: not a note: ${line}`);
      note = { [key]: value, line: index + 1 };
    } else if (note && line !== '') {
      throw new Error(`line ${note.line}: the note is above no block of TypeScript`);
    }
  }
  if (note) throw new Error(`line ${note.line}: the note is above no block of TypeScript`);
  return blocks;
}

function endOf(lines, start, marks) {
  const end = lines.findIndex(
    (line, index) =>
      index >= start && line.trim().startsWith(marks) && /^(`+|~+)$/.test(line.trim()),
  );
  if (end === -1) throw new Error(`line ${start}: the block has no end`);
  return end;
}

function readBlock([, indent, , language], lines, line, note) {
  if (OTHER_NAMES.has(language.toLowerCase())) {
    throw new Error(`line ${line - 1}: a block of ${language}: only ts is compiled`);
  }
  if (language !== 'ts') return undefined;
  const code = lines.map(text => text.slice(indent.length)).join('\n');
  const [, name] = NAMED.exec(lines[0]) ?? [];
  return { line, code, file: note?.file ?? name, frame: note?.frame };
}
