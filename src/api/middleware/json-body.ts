/** Bodies: strict JSON in strict UTF-8, at most 64 KiB, no field twice. */
import express, { type Request } from 'express';
import { jsonPointer, type FieldError } from '../field-errors';
import { AppError } from '../problems';

export const MAX_BODY_BYTES = 64 * 1024;

/** Reads the body as bytes, whatever it claims to be. Compressed bodies are refused: their true size shows too late. */
export const readBody = express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: false });

/** The JSON value of a body that `readBody` has read. Throws `AppError`: 400, 415 or 422. */
export function jsonBody(req: Request, { mayBeEmpty }: { readonly mayBeEmpty: boolean }): unknown {
  const bytes: unknown = req.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) {
    if (mayBeEmpty) return {};
    throw new AppError('malformed_json');
  }
  if (!/^application\/json *(; *charset="?utf-8"? *)?$/i.test(req.headers['content-type'] ?? '')) {
    throw new AppError('unsupported_media_type');
  }
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

/**
 * Names that the outermost object of well-formed `json` has twice. JSON.parse keeps the last one in silence; a gateway in front
 * may have looked at the first one.
 */
function duplicateFields(json: string): FieldError[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  let depth = 0;
  for (const [token, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && colon !== undefined) {
      const name = String(JSON.parse(token.slice(0, -colon.length)));
      (seen.has(name) ? twice : seen).add(name);
    }
  }
  return [...twice].slice(0, 20).map((name) => ({ pointer: jsonPointer([name]), code: 'duplicate_field' }));
}
