import { startApi, type Api } from '../api';
import { withBrokerPins } from '../../support/brand';

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

describe('GET /v1/portals/{portal}', () => {
  it('The member portal publishes its rules', async () => {
    const { status, body, headers } = await api.call('GET', '/v1/portals/member');

    expect(status).toBe(200);
    expect(body).toEqual({
      portal: 'member',
      name: 'Member Portal',
      languages: ['en', 'es'],
      applications: ['portal'],
      timeZone: 'America/New_York',
      username: { minLength: 4, maxLength: 30, minLetters: 1, maxDigitsInARow: 5, symbols: '._-@' },
      password: {
        minLength: 8,
        maxLength: 12,
        minDigits: 1,
        minLetters: 1,
        symbols: '_!.&@',
        historyLength: 4,
        lifetimeDays: null,
      },
      recovery: 'pin',
      pin: { digits: 4, validForMinutes: 90, resendAfterSeconds: 45 },
      twoStep: { digits: 6, validForMinutes: 10, resendAfterSeconds: 45, triesPerCode: 3, codesPerHour: 5 },
      securityQuestions: [],
      sessionIdleMinutes: 15,
      termsVersion: '2026-01',
      helpLines: {
        portal: { phone: '800-853-2713', hours: '24 hours a day, 7 days a week' },
        emails: { phone: '855-221-0273', hours: '24 hours a day, 7 days a week' },
      },
    });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('vary')).toBe('Accept-Language');
  });

  it('The broker portal publishes its rules: no PIN, and passwords that expire after 90 days', async () => {
    const { body } = await api.call('GET', '/v1/portals/broker');

    expect(body).toMatchObject({
      recovery: 'answers',
      pin: null,
      password: { lifetimeDays: 90 },
      applications: ['portal', 'express-app'],
    });
    expect(body.securityQuestions[0]).toEqual({
      id: 'first-pet',
      text: 'What was the name of your first pet?',
    });
  });

  it('A broker portal whose brand allows PINs too publishes their rule', async () => {
    await api.close();
    api = await startApi({ policies: withBrokerPins });

    expect((await api.call('GET', '/v1/portals/broker')).body).toMatchObject({
      recovery: 'either',
      pin: { digits: 4, validForMinutes: 20, resendAfterSeconds: 60 },
    });
    expect((await api.call('GET', '/v1/portals/member')).body.recovery).toBe('pin');
  });

  it.each([
    ['es', 'es', 'Portal de agentes'],
    ['es-MX,en;q=0.5', 'es', 'Portal de agentes'],
    ['fr, en;q=0.2', 'en', 'Broker Portal'],
    ['fr', 'en', 'Broker Portal'],
    ['*', 'en', 'Broker Portal'],
    ['en;q=0.1, es;q=0.9', 'es', 'Portal de agentes'],
    ['\u00e9;;q=x', 'en', 'Broker Portal'],
    ['es-MX', 'es', 'Portal de agentes'],
    ['es-MX, en', 'es', 'Portal de agentes'],
    ['es-419,en-US;q=1.0', 'es', 'Portal de agentes'],
    ['ES-mx;q=0.9, en;q=0.8', 'es', 'Portal de agentes'],
    ['es_US', 'es', 'Portal de agentes'],
    ['es-Latn-MX ; q=0.7, fr', 'es', 'Portal de agentes'],
    ['en-GB, es', 'en', 'Broker Portal'],
    ['es-MX;q=0, en;q=0.1', 'en', 'Broker Portal'],
    ['en;q=0, *', 'es', 'Portal de agentes'],
    ['est', 'en', 'Broker Portal'],
  ])('A portal answers Accept-Language %j in %s', async (accepted, language, name) => {
    const { body, headers } = await api.call('GET', '/v1/portals/broker', {
      headers: { 'accept-language': accepted },
    });

    expect(headers.get('content-language')).toBe(language);
    expect(body.name).toBe(name);
  });

  it('An unknown portal is answered 404', async () => {
    const { status, body } = await api.call('GET', '/v1/portals/agents');

    expect(status).toBe(404);
    expect(body.code).toBe('not_found');
  });
});
