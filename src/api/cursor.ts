/** Where a page of a list ended: a moment, and an id among those of the same moment. Opaque to callers. */
import { z } from 'zod';
import { AppError } from './problems';

const place = z.tuple([z.int(), z.uuid()]);

export interface Cursor {
  readonly atMs: number;
  readonly id: string;
}

export const encodeCursor = ({ atMs, id }: Cursor): string =>
  Buffer.from(JSON.stringify([atMs, id])).toString('base64url');

/** Throws `AppError('invalid_fields')` for what no page gave. */
export function decodeCursor(cursor: string): Cursor {
  try {
    const [atMs, id] = place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return { atMs, id };
  } catch {
    throw new AppError('invalid_fields', { errors: [{ pointer: 'query:cursor', code: 'wrong_format' }] });
  }
}
