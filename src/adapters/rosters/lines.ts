/** Files as lines, in chunks: memory use is independent of the file's size. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { RosterError } from './roster-error';

const MAX_LINE_BYTES = 1 << 20;
const CHUNK_BYTES = 1 << 16;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface RosterFile {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the whole file, in hexadecimal. */
  readonly digest: string;
  /** The byte that ends its lines: a carriage return in files of old Mac spreadsheets, otherwise a line feed. */
  readonly lineEnd: typeof LINE_FEED | typeof CARRIAGE_RETURN;
}

export interface LineBatch {
  /** Without their line ends, except a carriage return before a line feed. */
  readonly lines: readonly string[];
  /** Indexes of lines that are not UTF-8. */
  readonly notUtf8: readonly number[];
  readonly bytes: number;
}

/** Checks that the file exists and begins like text. Throws `RosterError`. */
export async function checkFile(path: string): Promise<RosterFile> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const { code = '' } = error;
    throw new RosterError((say) =>
      code === 'ENOENT'
        ? say('commands.import.file.none', { path })
        : say('commands.import.file.unreadable', { path, code }),
    );
  });
  if (stats.isDirectory()) throw refused('directory', path);
  if (!stats.isFile()) throw refused('not-regular', path);
  if (stats.size === 0) throw refused('empty', path);

  const hash = createHash('sha256');
  let beginning: Buffer | undefined;
  for await (const chunk of chunksOf(path)) {
    beginning ??= chunk;
    hash.update(chunk);
  }
  const { text, lineEnd } = firstLine(beginning ?? Buffer.alloc(0));
  if (text.startsWith('\xff\xfe') || text.startsWith('\xfe\xff') || text.includes('\0'))
    throw refused('not-text', path);
  return { path, bytes: stats.size, digest: hash.digest('hex'), lineEnd };
}

const refused = (what: 'directory' | 'not-regular' | 'empty' | 'not-text', path: string): RosterError =>
  new RosterError((say) => say(`commands.import.file.${what}`, { path }));

/** The lines of the file in batches. A line that is not UTF-8 does not affect the others. */
export async function* readLines({ path, lineEnd }: RosterFile): AsyncGenerator<LineBatch> {
  let isFirst = true;
  for await (const block of wholeLines(path, lineEnd)) {
    const text = block.toString('utf8', isFirst && hasByteOrderMark(block) ? 3 : 0);
    isFirst = false;
    const lines = text.split(String.fromCharCode(lineEnd));
    if (lines.at(-1) === '') lines.pop();
    yield { lines, notUtf8: isUtf8(block) ? [] : linesNotUtf8(block, lineEnd), bytes: block.length };
  }
}

/** The file in blocks that end at a line end; in UTF-8 that byte is never part of another character. */
async function* wholeLines(path: string, lineEnd: number): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  let linesBefore = 0;
  for await (const chunk of chunksOf(path)) {
    const cut = chunk.lastIndexOf(lineEnd) + 1;
    if (cut === 0) {
      rest = Buffer.concat([rest, chunk]);
    } else {
      const block = Buffer.concat([rest, chunk.subarray(0, cut)]);
      rest = Buffer.from(chunk.subarray(cut));
      linesBefore += countLineEnds(block, lineEnd);
      yield block;
    }
    if (rest.length > MAX_LINE_BYTES) {
      const line = linesBefore + 1;
      throw new RosterError((say) => say('commands.import.file.long-line', { line }));
    }
  }
  if (rest.length > 0) yield rest;
}

const chunksOf = (path: string): AsyncIterable<Buffer> =>
  createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>;

/** Byte for byte, with its line end; a file of one line gets the usual one. */
function firstLine(beginning: Buffer): { text: string; lineEnd: RosterFile['lineEnd'] } {
  const text = beginning.toString('latin1');
  const end = /\r*\n|\r/.exec(text);
  return {
    text: text.slice(0, end?.index),
    lineEnd: end?.[0] === '\r' ? CARRIAGE_RETURN : LINE_FEED,
  };
}

function countLineEnds(block: Buffer, lineEnd: number): number {
  let count = 0;
  for (let at = block.indexOf(lineEnd); at !== -1; at = block.indexOf(lineEnd, at + 1)) count++;
  return count;
}

function linesNotUtf8(block: Buffer, lineEnd: number): number[] {
  const found: number[] = [];
  for (let start = 0, index = 0; start < block.length; index++) {
    const at = block.indexOf(lineEnd, start);
    const end = at === -1 ? block.length : at + 1;
    if (!isUtf8(block.subarray(start, end))) found.push(index);
    start = end;
  }
  return found;
}

const hasByteOrderMark = (block: Buffer): boolean =>
  block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf;
