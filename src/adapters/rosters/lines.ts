/** Files as lines, in chunks: memory stays flat however long the file is. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { RosterError } from './roster-error';

const MAX_LINE_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/**
 * Makes sure that there is such a file and that all of it is UTF-8. Gives its size in bytes.
 * Throws `RosterError`, naming the line that is not.
 */
export async function checkFile(path: string): Promise<number> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new RosterError(
      error.code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read: ${error.code}.`,
    );
  });
  if (stats.isDirectory()) throw new RosterError(`${path} is a directory, not a file.`);
  if (!stats.isFile()) throw new RosterError(`${path} is not a regular file; it is read twice.`);
  if (stats.size === 0) throw new RosterError(`${path} is empty: not even a header line.`);

  let linesBefore = 0;
  for await (const block of wholeLines(path)) {
    const lines = countNewlines(block);
    if (!isUtf8(block)) throw notUtf8(linesBefore + 1 + badLineIndex(block));
    linesBefore += lines;
  }
  return stats.size;
}

/** The lines of a UTF-8 file in batches, without their newline but with the carriage return before it, where there is one. */
export async function* readLines(
  path: string,
): AsyncGenerator<{ readonly lines: readonly string[]; readonly bytes: number }> {
  let isFirst = true;
  for await (const block of wholeLines(path)) {
    const text = block.toString('utf8', isFirst && hasByteOrderMark(block) ? 3 : 0);
    isFirst = false;
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    yield { lines, bytes: block.length };
  }
}

/** The file in blocks that end where a line ends; a newline byte is never part of another character in UTF-8. */
async function* wholeLines(path: string): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  let linesBefore = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 16 }) as AsyncIterable<Buffer>) {
    const cut = chunk.lastIndexOf(NEWLINE) + 1;
    if (cut === 0) {
      rest = Buffer.concat([rest, chunk]);
    } else {
      const block = Buffer.concat([rest, chunk.subarray(0, cut)]);
      rest = Buffer.from(chunk.subarray(cut));
      linesBefore += countNewlines(block);
      yield block;
    }
    if (rest.length > MAX_LINE_BYTES)
      throw new RosterError(`Line ${linesBefore + 1} is longer than a megabyte: this is no roster.`);
  }
  if (rest.length > 0) yield rest;
}

function notUtf8(line: number): RosterError {
  return new RosterError(`Line ${line} is not UTF-8. Save the file as UTF-8 and import it again.`);
}

function countNewlines(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(NEWLINE); at !== -1; at = block.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** How many lines of the block come before the first that is not UTF-8. */
function badLineIndex(block: Buffer): number {
  let index = 0;
  for (let start = 0; start < block.length; index++) {
    const newline = block.indexOf(NEWLINE, start);
    const end = newline === -1 ? block.length : newline + 1;
    if (!isUtf8(block.subarray(start, end))) return index;
    start = end;
  }
  return index;
}

const hasByteOrderMark = (block: Buffer): boolean =>
  block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf;
