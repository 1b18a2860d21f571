/** Request bodies: strict JSON in strict UTF-8, at most 64 KiB, no repeated field in an object. */
import express, { type Request } from 'express';
import { jsonPointer, type FieldError } from '../field-errors';
import { AppError } from '../problems';
import { isJsonMediaType } from './media-type';

export const MAX_BODY_BYTES = 64 * 1024;

/** Reads the body as bytes, whatever its Content-Type. Compressed bodies are refused: their true size is known too late. */
export const readBody = express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: false });

/** The JSON value of a body that `readBody` has read. Throws `AppError`: 400, 415 or 422. */
export function jsonBody(req: Request, { mayBeEmpty }: { readonly mayBeEmpty: boolean }): unknown {
  const bytes: unknown = req.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) {
    if (mayBeEmpty) return {};
    throw new AppError('malformed_json');
  }
  if (!isJsonMediaType(req.headers['content-type'] ?? '')) throw new AppError('unsupported_media_type');
  const text = decode(bytes);
  const value = parse(text);
  const duplicates = duplicateFields(text);
  if (duplicates.length > 0) throw new AppError('invalid_fields', { errors: duplicates });
  return value;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('malformed_json');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('malformed_json');
  }
}

const MOST_DUPLICATES = 20;

interface Level {
  /** Names of an object so far; null: an array. */
  readonly names: Set<string> | null;
  /** Where its members are: the name or index of the current one. */
  at: string | number;
}

/**
 * Names that occur twice in an object of well-formed `json`, at any depth. JSON.parse silently keeps the last one; a gateway in
 * front may have checked the first one.
 */
function duplicateFields(json: string): FieldError[] {
  const twice = new Set<string>();
  const levels: Level[] = [];
  for (const [token, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\],]/g)) {
    const level = levels.at(-1);
    if (token === '{') levels.push({ names: new Set(), at: '' });
    else if (token === '[') levels.push({ names: null, at: 0 });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',') {
      if (typeof level?.at === 'number') level.at += 1;
    } else if (colon !== undefined && level?.names) {
      level.at = String(JSON.parse(token.slice(0, -colon.length)));
      if (level.names.has(level.at)) twice.add(jsonPointer(levels.map(({ at }) => at)));
      if (twice.size === MOST_DUPLICATES) break;
      level.names.add(level.at);
    }
  }
  return [...twice].map((pointer) => ({ pointer, code: 'duplicate_field' }));
}
