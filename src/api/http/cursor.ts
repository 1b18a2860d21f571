/** Where a page of a list ended: a time, and an id among those of the same time. Opaque to callers. */
import { z } from 'zod';
import { AppError } from './problems';

/** No page ends outside these years, and the database has no times far beyond them. */
const moment = z.int().min(Date.parse('0001-01-01T00:00:00Z')).max(Date.parse('9999-12-31T23:59:59Z'));

export interface Cursor {
  readonly atMs: number;
  readonly id: string;
}

export const encodeCursor = ({ atMs, id }: Cursor): string =>
  Buffer.from(JSON.stringify([atMs, id])).toString('base64url');

/** `ofId`: the format of this list's ids. Throws `AppError('invalid_fields')` for a cursor that no page returned. */
export function decodeCursor(cursor: string, ofId: z.ZodType<string> = z.uuid()): Cursor {
  try {
    const [atMs, id] = z.tuple([moment, ofId]).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return { atMs, id };
  } catch {
    throw unknownCursor();
  }
}

/** The page of `found`, which has one more entry if there is a next page. `placeOf`: an entry's position in the list's order. */
export function pageOf<T>(
  found: readonly T[],
  size: number,
  placeOf: (entry: T) => Cursor,
): { readonly page: readonly T[]; readonly nextCursor: string | null } {
  const page = found.slice(0, size);
  const last = page.at(-1);
  const more = found.length > size && last !== undefined;
  return { page, nextCursor: more ? encodeCursor(placeOf(last)) : null };
}

export const unknownCursor = (): AppError =>
  new AppError('invalid_fields', { errors: [{ pointer: 'query:cursor', code: 'wrong_format' }] });
