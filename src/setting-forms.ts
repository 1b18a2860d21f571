/** The forms that a setting's value has, and what is said of a setting beside its form. */
import { z } from 'zod';

/** What docs/settings.md says of a setting, in Markdown, beside its name and its default. */
export interface SettingFacts {
  readonly readBy: readonly ('API' | 'worker' | 'web' | 'commands' | 'npm start')[];
  readonly description: string;
  /** What another value does to what is under way; absent: nothing. */
  readonly change?: string;
  /** In place of a default that is no single value. */
  readonly otherwise?: string;
}

/** A schema that knows what its setting is for. Says it last: what is made from a schema has none of its facts. */
export const setting = <T extends z.ZodType>(facts: SettingFacts, schema: T): T => schema.meta({ ...facts });

export const port = z.coerce.number().int().min(0).max(65_535);
export const flag = z.enum(['on', 'off']).transform((value) => value === 'on');
export const count = z.coerce.number().int().positive();

/** Of a worker's version, as Temporal takes it. */
export const versionPart = z.string().regex(/^(?!__)/, 'expected no "__" at its beginning');

/** `id:base64` entries, the current one first; each key has at least 32 bytes. */
export const keyList = z
  .string()
  .transform((list, context) =>
    list.split(',').map((entry) => {
      const [id = '', base64 = ''] = entry.trim().split(':');
      const key = Buffer.from(base64, 'base64');
      if (!/^[A-Za-z0-9_-]{1,16}$/.test(id) || key.length < 32) {
        context.addIssue({
          code: 'custom',
          message: 'expected "id:base64 of at least 32 bytes", separated by commas',
        });
      }
      return { id, key };
    }),
  )
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'each key id may appear once');

/** `on`, `off`, a number of proxies, or a list of their addresses, as Express's "trust proxy" takes it. */
export const trustProxy = z.string().transform((value) => {
  if (value === 'off' || value === 'false') return false;
  if (value === 'on' || value === 'true') return true;
  return /^\d+$/.test(value) ? Number(value) : value;
});

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** `mon-fri 8-20`: from the first weekday to the last, from the first hour until the second. */
export const weeklyHours = z
  .string()
  .regex(/^[a-z]{3}-[a-z]{3} \d{1,2}-\d{1,2}$/, 'expected days and hours such as "mon-fri 8-20"')
  .transform((text) => {
    const [fromDay = '', toDay = '', fromHour = '', toHour = ''] = text.split(/[- ]/);
    return {
      fromWeekday: WEEKDAYS.indexOf(fromDay) + 1,
      toWeekday: WEEKDAYS.indexOf(toDay) + 1,
      fromHour: Number(fromHour),
      toHour: Number(toHour),
    };
  })
  .refine(
    ({ fromWeekday, toWeekday, fromHour, toHour }) =>
      fromWeekday >= 1 && fromWeekday <= toWeekday && fromHour < toHour && toHour <= 24,
    'expected days from mon to sun and hours from 0 to 24, the earlier one first',
  );

/** Of `LISTEN_HOST`; a setting called `HOST` would be set by accident, for some shells keep the machine's name in it. */
export const listenHost = z.union([z.ipv4(), z.ipv6(), z.literal('localhost')], 'expected an IP address');
