/** Cookies: what a browser keeps between two pages. Nothing in them can be read there, or moved to another cookie. */
import { parseCookie, stringifyCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Portal } from '../domain/portal';
import type { TokenDigests } from '../ports/keys';
import type { Held, PasswordReset } from './tenure';

const held: z.ZodType<Held> = z.object({ id: z.uuid(), token: z.string() });

/** A reset, with how the API last told that it stands; without it, pages ask. */
const heldReset = held.and(
  z.object({
    told: z
      .object({
        reset: z.looseObject({
          stage: z.string(),
          expiresAt: z.string(),
        }) as unknown as z.ZodType<PasswordReset>,
        /** In this language, at this time in milliseconds. */
        language: z.string(),
        at: z.number(),
      })
      .optional(),
  }),
);

/** What each cookie holds. All are sealed, whatever they hold; a name belongs to one portal. */
const kept = {
  'member-session': z.string(),
  'broker-session': z.string(),
  'member-reset': heldReset.and(z.object({ wants: z.enum(['password', 'user-id']) })),
  'member-sign-in': held,
  /** The code that proves that codes arrive, while two-step verification is being turned on. */
  'member-two-step': z.object({
    sentTo: z.string(),
    expiresAt: z.string(),
    resendAvailableAt: z.string().optional(),
  }),
  'broker-reset': heldReset,
  /** A recovered or expired username, for the page that asks for it next. */
  'member-username': z.string(),
  'broker-username': z.string(),
  'broker-registration': z.object({
    /** In its forms: those of another registration are not taken. */
    id: z.uuid(),
    token: z.string(),
    kind: z.enum(['agent', 'corporation', 'other']),
    expiresAt: z.iso.datetime(),
    /** What was typed on the page of details; absent before. */
    details: z
      .object({
        username: z.string(),
        password: z.string(),
        email: z.string(),
        phone: z.string(),
        question1: z.string(),
        answer1: z.string(),
        question2: z.string(),
        answer2: z.string(),
      })
      .optional(),
    /** The username, once there is the account. */
    registered: z.string().optional(),
  }),
} as const satisfies Record<string, z.ZodType>;

export type CookieName = keyof typeof kept;
export type Kept<Name extends CookieName> = z.output<(typeof kept)[Name]>;

export type CookieValues = { readonly [Name in CookieName]?: Kept<Name> };

/** Longer than any reset is open, so that somebody who comes back learns what became of it. */
const KEPT_SECONDS = 3 * 60 * 60;
const LANGUAGE_SECONDS = 365 * 24 * 60 * 60;
const LANGUAGE = 'language';
/** Browsers keep 4,096 bytes; a proxy may want some of them. */
const MOST_BYTES = 3500;

export interface Jar {
  /** Undefined if there is none, or what is there was not sealed here as this. */
  get<Name extends CookieName>(name: Name): Kept<Name> | undefined;
  set<Name extends CookieName>(name: Name, value: Kept<Name>): void;
  /** Whether browsers would keep it. */
  hasRoomFor<Name extends CookieName>(name: Name, value: Kept<Name>): boolean;
  clear(...names: readonly CookieName[]): void;
  readonly language: string | undefined;
  setLanguage(language: string): void;
}

export const sessionCookie = (portal: Portal) => `${portal}-session` as const;
export const usernameCookie = (portal: Portal) => `${portal}-username` as const;

export function jarOf(req: Request, res: Response, { seal, open }: Pick<TokenDigests, 'seal' | 'open'>): Jar {
  const given = parseCookie(req.headers.cookie ?? '');
  // Browsers accept `__Host-` only from HTTPS, for this host alone and for all of its paths.
  const nameOf = (name: string) => `${req.secure ? '__Host-' : ''}tenure-${name}`;
  const put = (name: string, value: string, maxAge: number | undefined) =>
    res.append(
      'Set-Cookie',
      stringifySetCookie({
        name: nameOf(name),
        value,
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: req.secure,
        ...(maxAge === undefined ? {} : { maxAge }),
      }),
    );
  const sealed = (name: CookieName, value: unknown) => sealedIn(seal, name, value);
  const now = new Map<string, unknown>();

  return {
    get(name) {
      if (now.has(name)) return now.get(name) as never;
      const cookie = given[nameOf(name)];
      const plain = cookie === undefined ? null : open(`cookie/${name}`, cookie);
      return plain === null ? undefined : (kept[name].safeParse(JSON.parse(plain)).data as never);
    },
    set(name, value) {
      now.set(name, value);
      const isSession = name.endsWith('-session');
      put(name, sealed(name, value), isSession ? undefined : KEPT_SECONDS);
    },
    hasRoomFor: (name, value) => sealed(name, value).length <= MOST_BYTES,
    clear(...names) {
      for (const name of names) {
        now.set(name, undefined);
        if (given[nameOf(name)] !== undefined) put(name, '', 0);
      }
    },
    language: given[nameOf(LANGUAGE)],
    setLanguage: (language) => put(LANGUAGE, language, LANGUAGE_SECONDS),
  };
}

const sealedIn = (seal: TokenDigests['seal'], name: CookieName, value: unknown): string =>
  seal(`cookie/${name}`, JSON.stringify(value));

/** What a browser that keeps these sends, without HTTPS. */
export const cookieHeader = (values: CookieValues, seal: TokenDigests['seal']): string =>
  stringifyCookie(
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        `tenure-${name}`,
        sealedIn(seal, name as CookieName, value),
      ]),
    ),
  );
