import { startApi, type Api, type CallOptions, type Json } from '../api';

let api: Api;
beforeEach(async () => {
  api = await startApi();
  api.accounts.add();
});
afterEach(() => api.close());

const OPENING = '/v1/portals/member/password-resets';
const open = (options: CallOptions): ReturnType<Api['call']> => api.call('POST', OPENING, options);

/** The `errors` of a 422, as `pointer code`. */
function entries({ status, body }: { status: number; body: Json }): string[] {
  expect([status, body.code]).toEqual([422, 'invalid_fields']);
  return body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`);
}

describe('Malformed email address', () => {
  it.each([
    ['a number', 5, 'wrong_type'],
    ['null', null, 'wrong_type'],
    ['a list', ['maria@example.com'], 'wrong_type'],
    ['nothing', undefined, 'required'],
    ['an empty string', '', 'required'],
    ['spaces', '   ', 'required'],
    ['no @', 'maria.example.com', 'wrong_format'],
    ['two addresses', 'maria@example.com,eve@example.com', 'wrong_format'],
    ['a name and an address', 'Maria <maria@example.com>', 'wrong_format'],
    ['10 kB', `${'a'.repeat(10_240)}@example.com`, 'too_long'],
    ['255 characters', `${'a'.repeat(60)}@${'b'.repeat(194)}`, 'too_long'],
    ['CR and LF', 'maria@example.com\r\nBcc: eve@example.com', 'control_character'],
    ['LF', 'maria@example\n.com', 'control_character'],
    ['NUL', 'maria\u0000@example.com', 'control_character'],
    ['DEL', 'maria\u007f@example.com', 'control_character'],
    ['NEL', 'maria\u0085@example.com', 'control_character'],
    ['a right-to-left override', 'maria\u202e@example.com', 'hidden_character'],
    ['a left-to-right mark', 'maria\u200e@example.com', 'hidden_character'],
    ['an isolate', 'maria@\u2066example\u2069.com', 'hidden_character'],
    ['a zero-width space', 'ma\u200bria@example.com', 'hidden_character'],
    ['a line separator', 'ma\u2028ria@example.com', 'hidden_character'],
  ])('An email field with %s is refused, and no reset is started', async (_, email, code) => {
    const answer = await open({ body: { email } });

    expect(entries(answer)).toEqual([`/email ${code}`]);
    expect(api.resets.calls).toEqual([]);
  });

  it.each(['\\ud800@example.com', 'maria@exa\\udc00mple.com'])(
    'An email address with half a surrogate pair (%s) is refused',
    async (email) => {
      expect(entries(await open({ raw: `{"email":"${email}"}` }))).toEqual(['/email malformed_text']);
    },
  );

  it('A refused email address is explained in the language of the page', async () => {
    const { body } = await open({ body: {}, headers: { 'accept-language': 'es' } });

    expect(body).toMatchObject({
      title: 'Algunos campos no se pueden aceptar',
      errors: [{ detail: 'Este dato es obligatorio.' }],
    });
  });

  it('A refused email address is not repeated in the answer', async () => {
    const { body } = await open({ body: { email: 'not-an-address-of-maria' } });

    expect(JSON.stringify(body)).not.toContain('not-an-address');
  });
});

describe('Unusual email address', () => {
  it.each([
    ['m\u0430ria@example.com', 'm***@example.com'],
    ['\u00e9lodie@ex\u00e4mple.com', '\u00e9***@ex\u00e4mple.com'],
    ["o'brien+tag@example.com", 'o***@example.com'],
    [`${'a'.repeat(60)}@${'b'.repeat(190)}.io`, `a***@${'b'.repeat(190)}.io`],
  ])('An unusual email address is accepted as typed: %j', async (email, sentTo) => {
    expect(await open({ body: { email } })).toMatchObject({ status: 202, body: { sentTo } });
  });

  it.each([
    'jos\u00e9@correo-m\u00e9xico.example',
    'JOSE\u0301@Correo-Me\u0301xico.example',
    'jos\u00e9@xn--correo-mxico-ieb.example',
  ])('An internationalised email address finds its owner in every spelling: %j', async (email) => {
    const { id } = api.accounts.add({ email: 'Jose\u0301@correo-m\u00e9xico.example' });

    await open({ body: { email } });

    expect([...api.resets.runs.values()].map(({ accountId }) => accountId)).toEqual([id]);
  });

  it('An email address that only looks like another one does not match its account', async () => {
    await open({ body: { email: 'm\u0430ria@example.com' } });

    expect([...api.resets.runs.values()].map(({ accountId }) => accountId)).toEqual([null]);
  });
});

describe('Unknown and duplicate fields', () => {
  it('Unknown fields are refused by name', async () => {
    const raw = '{"email":"m@example.com","__proto__":{"x":1},"a/b~c":2,"constructor":3}';

    expect(entries(await open({ raw })).toSorted()).toEqual([
      '/__proto__ unknown_field',
      '/a~1b~0c unknown_field',
      '/constructor unknown_field',
    ]);
  });

  it('Duplicate fields are refused', async () => {
    const raw = '{"email":"m@example.com", "em\\u0061il" : "eve@example.com", "x": {"y":1,"y":2}}';

    expect(entries(await open({ raw }))).toEqual(['/email duplicate_field', '/x/y duplicate_field']);
  });

  it.each([
    ['in an object of a list', '{"a":[{"b":1},[0,{"b":1,"c":2,"b":3}]]}', ['/a/1/1/b duplicate_field']],
    [
      'in an object whose name is there twice',
      '{"a":{"b":1,"b":1},"a":1}',
      ['/a/b duplicate_field', '/a duplicate_field'],
    ],
    [
      'at a name that a pointer has to write otherwise',
      '{"a/b":{"~":1,"~":2}}',
      ['/a~1b/~0 duplicate_field'],
    ],
  ])('Duplicate fields are refused %s', async (_where, raw, expected) => {
    expect(entries(await open({ raw }))).toEqual(expected);
  });

  it('A field name may be repeated in different objects and as a value', async () => {
    const raw = '{"email":"m@example.com","x":[{"email":"email"},{"email":["email","email"]}]}';

    expect(entries(await open({ raw }))).toEqual(['/x unknown_field']);
  });

  it('Unknown fields are listed up to twenty, with shortened names', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}${'x'.repeat(90)}`, i]));

    const answer = await open({ body: many });

    expect(entries(answer)).toHaveLength(20);
    expect(JSON.stringify(answer.body).length).toBeLessThan(5_000);
  });

  it('Unknown fields are refused where a call takes no body', async () => {
    const { path, token } = await api.open();

    expect(entries(await api.call('POST', `${path}/resend`, { token, body: { force: true } }))).toEqual([
      '/force unknown_field',
    ]);
  });
});

describe('Malformed PIN', () => {
  it.each([
    [1785, 'wrong_type'],
    [undefined, 'required'],
    ['', 'required'],
    ['17 85', 'wrong_format'],
    ['178', 'wrong_format'],
    ['17855', 'wrong_format'],
    ['178a', 'wrong_format'],
    ['-178', 'wrong_format'],
    ['1e10', 'wrong_format'],
    ['\u0661\u0667\u0668\u0665', 'wrong_format'],
    ['\uff11\uff17\uff18\uff15', 'wrong_format'],
    ['17\u200e85', 'hidden_character'],
    ['17\n85', 'control_character'],
    ['1785\u0000', 'control_character'],
    ['1'.repeat(100), 'too_long'],
  ])('A malformed PIN (%j) is refused and uses up no try', async (pin, code) => {
    const { path, token } = await api.open();
    api.resets.calls.length = 0;

    expect(entries(await api.call('POST', `${path}/pin`, { token, body: { pin } }))).toEqual([
      `/pin ${code}`,
    ]);
    expect(api.resets.calls).toEqual([]);
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { triesLeft: 3 } });
  });
});

it.each([
  ['178512', 'pin_wrong'],
  ['1785', 'invalid_fields'],
])('A reset opened with six-digit PINs answers the PIN %j with %s', async (pin, code) => {
  const { path, token } = await api.open();
  for (const run of api.resets.runs.values())
    run.state = { ...run.state, terms: { ...run.state.terms, pinDigits: 6 } };

  const { status, body } = await api.call('POST', `${path}/pin`, { token, body: { pin } });

  expect([status, body.code]).toEqual([422, code]);
});

describe('Malformed password', () => {
  it.each([
    ['a number', '12345678', 'wrong_type'],
    ['half a character', '"Rainy\\ud83d_8"', 'malformed_text'],
    ['NUL', '"Rainy\\u0000_8"', 'control_character'],
    ['nothing', '""', 'required'],
    ['2 kB', `"${'Ab1'.repeat(700)}"`, 'too_long'],
  ])('A malformed password (%s) is refused, and the proof remains valid', async (_, json, code) => {
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });

    const answer = await api.call('POST', `${path}/password`, {
      token,
      raw: `{"password":${json},"confirmation":"Rainy_day8"}`,
    });

    expect(entries(answer)).toEqual([`/password ${code}`]);
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { stage: 'password' } });
  });
});

describe('Malformed sign-in', () => {
  it('A malformed sign-in is answered with every refused field', async () => {
    const answer = await api.call('POST', '/v1/portals/member/sessions', {
      body: { username: {}, application: 'mail', extra: 1 },
    });

    expect(entries(answer).toSorted()).toEqual([
      '/application not_one_of',
      '/extra unknown_field',
      '/password required',
      '/username wrong_type',
    ]);
  });

  it('A password of emoji is answered as wrong, not as an error', async () => {
    const body = { username: 'maria.lopez', password: '\u{1F436}' };

    expect(await api.call('POST', '/v1/portals/member/sessions', { body })).toMatchObject({
      status: 401,
      body: { code: 'credentials_wrong' },
    });
  });
});

describe('Malformed JSON', () => {
  it.each([
    '',
    '{',
    '{"email":}',
    "{'email':'m@example.com'}",
    '{"email":"m@example.com"}x',
    'undefined',
    '{"a":1,}',
  ])('A body that is not JSON (%j) is answered 400', async (raw) => {
    expect(await open({ raw })).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
  });

  it('A body with invalid UTF-8 is answered 400', async () => {
    const raw = new Uint8Array([...Buffer.from('{"email":"'), 0xc3, 0x28, ...Buffer.from('@example.com"}')]);

    expect(await open({ raw })).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
  });

  it.each(['[]', '"text"', 'null', '5', `${'['.repeat(30_000)}${']'.repeat(30_000)}`])(
    'A JSON body that is not an object is answered 422: %.20j',
    async (raw) => {
      expect(entries(await open({ raw }))).toEqual([' wrong_type']);
    },
  );

  it('A JSON body may begin with a byte order mark', async () => {
    expect(await open({ raw: '\ufeff{"email":"m@example.com"}' })).toMatchObject({ status: 202 });
  });
});

describe('Content type', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'application/json; charset=utf-16',
    'application/json; charset="utf-8',
    'application/json; charset=utf-8; charset=latin1',
    'application/json; charset=',
    'application/json, text/plain',
    'application/json charset=utf-8',
    'multipart/form-data; boundary=x',
  ])('A body with the content type %s is answered 415', async (type) => {
    const answer = await open({ raw: '{"email":"m@example.com"}', headers: { 'content-type': type } });

    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/json;',
    'application/json; charset=utf-8;',
    'application/json; charset=utf8',
    'application/json;charset="UTF8"',
    'application/json\t;\tcharset=utf-8',
    'application/json; odata.metadata=minimal; charset=utf-8',
  ])('A body with the content type %s is accepted as JSON', async (type) => {
    expect(await open({ raw: '{"email":"m@example.com"}', headers: { 'content-type': type } })).toMatchObject(
      {
        status: 202,
      },
    );
  });

  it('A compressed body is answered 415', async () => {
    const answer = await open({ raw: '{"email":"m@example.com"}', headers: { 'content-encoding': 'gzip' } });

    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });
});

describe('Body size', () => {
  const ofBytes = (bytes: number): string => `{"email":"m@example.com"${' '.repeat(bytes - 25)}}`;

  it('A body of 64 KiB is accepted', async () => {
    expect(await open({ raw: ofBytes(64 * 1024) })).toMatchObject({ status: 202 });
  });

  it.each([64 * 1024 + 1, 65 * 1024, 2_000_000])('A body of %d bytes is answered 413', async (bytes) => {
    expect(await open({ raw: ofBytes(bytes) })).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    });
  });
});

describe('Wrong method', () => {
  it.each([
    ['GET', OPENING, 'POST'],
    ['PUT', '/v1/portals/member', 'GET, HEAD'],
    ['PATCH', '/v1/password-resets/4b0d7c1e-27f4-4f0a-9f5f-1c9e0f6f2f10', 'GET, HEAD, DELETE'],
    ['POST', '/v1/session', 'GET, HEAD, DELETE'],
    ['DELETE', '/healthz', 'GET, HEAD'],
    ['POST', '/docs', 'GET, HEAD'],
    ['OPTIONS', OPENING, 'POST'],
  ])('%s %s is answered 405 with the allowed methods: %s', async (method, path, allow) => {
    const { status, body, headers } = await api.call(method, path);

    expect([status, body.code, headers.get('allow')]).toEqual([405, 'method_not_allowed', allow]);
  });
});

describe('Conditional requests', () => {
  it.each(['/v1/portals/member', '/healthz', '/openapi.json'])(
    'If-None-Match is ignored: %s is returned in full',
    async (path) => {
      const headers = { 'if-none-match': '*' };

      expect(await api.call('GET', path, { headers })).toMatchObject({ status: 200 });
    },
  );
});

describe('Unknown route', () => {
  it.each([
    '/',
    '/v1',
    '/v1/nothing',
    '/V1/session',
    '/v1/session/',
    '/v1/password-resets',
    '/docs/../package.json',
    '/docs/package.json',
    '/docs/%2e%2e/package.json',
    '/%',
  ])('GET %s is answered 404', async (path) => {
    expect(await api.call('GET', path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it.each(['/v1/plan-change', '/v1/portals/member/registrations'])(
    'POST %s is answered 404',
    async (path) => {
      expect(await api.call('POST', path, { body: {} })).toMatchObject({ status: 404 });
    },
  );
});
