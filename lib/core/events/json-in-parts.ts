import { randomUUID } from 'node:crypto';
import { RawBytes, type BodyBytes } from '../common/raw-bytes.js';
import { decodeUtf8 } from './decode-utf8.js';
import { isObject } from './json-object.js';
import { parseText } from './parse-text.js';

/**
 * From 128 KiB on V8 keeps a string apart, in memory that the system has to find for each one anew. Text
 * that is not ASCII takes two bytes for a character.
 */
const PART_BYTES = 60 * 1024;
/** Smaller text is not kept apart. */
const LARGE_BYTES = 128 * 1024;

const LIST_NAME = '"messages"';
const [SPACE, LINE_FEED, CARRIAGE_RETURN, TAB] = [0x20, 0x0a, 0x0d, 0x09];
const [COLON, COMMA] = [0x3a, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** How many brackets are looked at to find the end of the list: they may stand in texts as well. */
const MAX_BRACKETS = 4096;
/** How many braces are looked at to find the end of a message. */
const MAX_BRACES = 32;

/** Stands for the messages in what is around them. Nobody else knows it, so it stands nowhere else. */
const PLACEHOLDER = randomUUID();

/** A part with the brackets around it. Used from one line to the next only, so one is enough. */
const memory = Buffer.alloc(PART_BYTES + 2);

/**
 * Parses a large payload without ever having the whole of it as text: what is around the list
 * `transcription.messages`, and the list some messages at a time.
 *
 * Where one message ends and the next begins is guessed from the bytes; parsing proves the guess. What is
 * around the list must be valid with a placeholder in it, which must then be where the list belongs, and
 * each part of the list must be valid by itself: put together, they are what the whole stands for.
 *
 * @returns the value, the same as of the whole text; undefined where it has to be parsed as a whole to
 * know it, as it is small, invalid or built in another way
 */
export function parseJsonInParts(body: BodyBytes): unknown {
  if (body.length < LARGE_BYTES) return undefined;
  const bytes = body instanceof RawBytes ? body : new RawBytes([body], body.length);
  const start = findListStart(bytes.pieces[0]);
  const end = start === undefined ? undefined : findListEnd(bytes, start);
  if (start === undefined || end === undefined) return undefined;
  try {
    const around = parseAround(bytes, start, end);
    const messages = around && parseMessages(bytes, start, end);
    if (!messages) return undefined;
    around.transcription.messages = messages;
    return around;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** @returns the place after `"messages": [` */
function findListStart(piece: Buffer | undefined): number | undefined {
  const name = piece?.indexOf(LIST_NAME, 0, 'latin1') ?? -1;
  if (!piece || name === -1) return undefined;
  const colon = skipSpace(piece, name + LIST_NAME.length);
  const open = skipSpace(piece, colon + 1);
  return piece[colon] === COLON && piece[open] === OPEN_LIST ? open + 1 : undefined;
}

/** @returns the place of the first `]` that stands after a `}` */
function findListEnd(bytes: RawBytes, start: number): number | undefined {
  let end = bytes.indexOf(CLOSE_LIST, start);
  for (let guess = 0; end !== -1 && guess < MAX_BRACKETS; guess += 1) {
    let before = end - 1;
    while (isSpace(bytes.at(before))) before -= 1;
    if (bytes.at(before) === CLOSE_OBJECT) return end;
    end = bytes.indexOf(CLOSE_LIST, end + 1);
  }
  return undefined;
}

function parseAround(
  bytes: RawBytes,
  start: number,
  end: number,
): { transcription: { messages: unknown } } | undefined {
  if (start > PART_BYTES || bytes.length - end > PART_BYTES) return undefined;
  const before = decodeUtf8(memory.subarray(0, bytes.copy(memory, 0, 0, start)));
  const after = decodeUtf8(memory.subarray(0, bytes.copy(memory, 0, end, bytes.length)));
  const around = parseText(`${before}"${PLACEHOLDER}"${after}`);
  if (!isObject(around) || !isObject(around.transcription)) return undefined;
  const { messages } = around.transcription;
  const isThere = Array.isArray(messages) && messages[0] === PLACEHOLDER;
  return isThere ? (around as { transcription: { messages: unknown } }) : undefined;
}

function parseMessages(bytes: RawBytes, start: number, end: number): unknown[] | undefined {
  const messages: unknown[] = [];
  for (let from = start; from < end;) {
    const size = bytes.copy(memory, 1, from, Math.min(end, from + PART_BYTES));
    const isLast = from + size === end;
    const length = isLast ? size : findLastComma(memory.subarray(1, 1 + size));
    if (length === undefined) return undefined;
    memory[0] = OPEN_LIST;
    memory[1 + length] = CLOSE_LIST;
    const part = JSON.parse(decodeUtf8(memory.subarray(0, length + 2))) as unknown[];
    for (const message of part) messages.push(message);
    from += length + 1;
  }
  return messages;
}

/** @returns the place of the last comma between a `}` and a `{` */
function findLastComma(part: Buffer): number | undefined {
  let close = part.lastIndexOf(CLOSE_OBJECT);
  for (let guess = 0; close > 0 && guess < MAX_BRACES; guess += 1) {
    const comma = skipSpace(part, close + 1);
    if (part[comma] === COMMA && part[skipSpace(part, comma + 1)] === OPEN_OBJECT) {
      return comma;
    }
    close = part.lastIndexOf(CLOSE_OBJECT, close - 1);
  }
  return undefined;
}

function skipSpace(bytes: Buffer, from: number): number {
  let place = from;
  while (isSpace(bytes[place])) place += 1;
  return place;
}

const isSpace = (byte: number | undefined) =>
  byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;
