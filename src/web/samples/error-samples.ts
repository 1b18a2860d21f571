/** The first page, and the pages about what went wrong. */
import { AWAY, Refused, type SamplePage } from './sample';

const cookies = { 'member-session': 'sample' } as const;
const failing = (error: Error) => ({ cookies, known: { 'GET /v1/session': error } });

/** As Express says what is wrong with a request. */
const httpError = (status: number) => Object.assign(new Error(), { status });

const errors: readonly SamplePage[] = [
  { path: '/member/nothing', state: 'not found', status: 404 },
  { path: '/nothing', state: 'not found, of no portal', status: 404 },
  { path: '/member/account', state: 'nobody answers', status: 503, ...failing(new Refused(AWAY)) },
  { path: '/member/account', state: 'maintenance', status: 503, maintenance: true },
  {
    path: '/member/account',
    state: 'too many requests',
    status: 429,
    ...failing(new Refused({ code: 'too_many_requests', retryAfterSeconds: 30 })),
  },
  { path: '/member/account', state: 'a fault of ours', status: 500, ...failing(new Error('sample')) },
  { path: '/member/account', state: 'not understood', status: 400, ...failing(httpError(400)) },
  { path: '/member/account', state: 'too large', status: 413, ...failing(httpError(413)) },
  { path: '/member/sign-in', state: 'a form from another site', status: 403, fromAnotherSite: true },
  {
    path: '/member/help',
    state: 'a form where there is none',
    status: 405,
    sent: { form: {}, refused: AWAY },
  },
];

export const errorSamples: readonly SamplePage[] = [
  { path: '/', state: 'start' },
  ...errors.map((sample) => ({ ...sample, of: 'errors' })),
];
