import { startApi, type Api, type Called } from '../api';
import { entries, goodFields, register, registerWith, rightCode, verify } from './broker-calls';

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

describe('Access code', () => {
  it.each([
    'CAB123445566A',
    'cab123445566a',
    ' C AB123 445566 A ',
    'C-AB123-445566-A',
    'c-ab 123--44 55 66-a',
    'C\u2013AB123\u2011445566\u2014A',
    'CAB123\u00a0445566A',
  ])('An access code is accepted when typed as %j', async (accessCode) => {
    api.brokers.addAgent();

    expect(await verify(api, { ...rightCode, accessCode })).toMatchObject({ status: 200 });
  });

  it.each(['CSYSCORP9445566A', 'c sys corp9 445566 a', 'C-SYS-CORP9-445566-A'])(
    'A corporation’s access code is accepted when typed as %j',
    async (accessCode) => {
      api.brokers.addAgent({ agentNumber: 'corp-9', kind: 'corporation' });

      expect(await verify(api, { ...rightCode, accessCode })).toMatchObject({ status: 200 });
    },
  );

  it.each([
    [undefined, 'required'],
    ['', 'required'],
    [5, 'wrong_type'],
    ['CAB123\u0000445566A', 'control_character'],
    ['C'.repeat(65), 'too_long'],
  ])('A malformed access code (%j) is refused by field and uses up no try', async (accessCode, code) => {
    expect(entries(await verify(api, { ...rightCode, accessCode }))).toEqual([`/accessCode ${code}`]);
    expect([...api.limiter.taken.keys()]).toEqual([expect.stringMatching(/^requests /)]);
    expect(api.brokers.asked).toEqual([]);
  });
});

describe('Last name', () => {
  it.each([
    [
      'O’Dwyer',
      ["O'Dwyer", 'o’dwyer', 'ODWYER', 'O’Dwyer, Jr.', 'O\u02bcDWYER', 'O`Dwyer', '  O\u2018Dwyer '],
    ],
    ['Núñez-Ortega', ['Nunez Ortega', 'NÚÑEZ ORTEGA', 'Nun\u0303ez-Ortega', 'núñez\u2010ortega']],
    ['ODWYER', ['O’Dwyer', "O'DWYER"]],
    ['Smith, Jr.', ['Smith', 'SMITH JR', 'Smith Jr.', 'Smith III']],
    ['St. John', ['St John', 'ST.JOHN', 'st-john']],
    ['de la  Cruz', ['De La Cruz', 'de-la-cruz', 'DE LA  CRUZ']],
    ['Ø', ['o', 'Ø', 'O']],
    ['Straßer', ['Strasser', 'STRASSER']],
    ['李', ['李']],
    [`${'Very '.repeat(38)}Long`, [`${'very '.repeat(38)}long`]],
  ])('The last name %j is accepted when typed as any of %j', async (lastName, typed) => {
    api.brokers.addAgent({ lastNames: [lastName] });

    for (const name of typed) {
      expect([name, await verify(api, { ...rightCode, lastName: name })]).toMatchObject([
        name,
        { status: 200 },
      ]);
    }
  });

  it.each(['O Dwyer', "O'Dwyers", "O'Dw", 'D'])(
    'The last name %j does not match O’Dwyer',
    async (lastName) => {
      api.brokers.addAgent();

      expect(await verify(api, { ...rightCode, lastName })).toMatchObject({ status: 422 });
    },
  );

  it.each([
    ['  ', 'required'],
    ['12345', 'wrong_format'],
    ["'-'", 'wrong_format'],
    ['O\u202eDwyer', 'hidden_character'],
    ['O\nDwyer', 'control_character'],
    ['x'.repeat(201), 'too_long'],
  ])('A malformed last name (%j) is refused by field', async (lastName, code) => {
    expect(entries(await verify(api, { ...rightCode, lastName }))).toEqual([`/lastName ${code}`]);
  });

  it('A last name is stored exactly as the roster has it', async () => {
    const lastName = `Ó  Maol-Dhomhnaigh ${'Very '.repeat(30)}Long`;
    api.brokers.addAgent({ lastNames: [lastName] });
    await registerWith(api, { ...rightCode, lastName });

    expect(api.brokers.created[0]?.lastName).toBe(lastName);
  });
});

describe('Registration fields', () => {
  let token: string;
  beforeEach(async () => {
    api.brokers.addAgent();
    token = (await verify(api)).body.token;
  });
  const send = (fields: object): Promise<Called> => register(api, token, fields);

  describe('username', () => {
    it.each([['abcd'], ['a'.repeat(30)], ['a12345'], ['12345a67890'], ['x._-@'], ['seamus@example.com']])(
      'The username %j is accepted',
      async (username) => {
        expect(await send({ username })).toMatchObject({ status: 201 });
      },
    );

    it.each([
      ['abc', ['too_short']],
      ['a'.repeat(31), ['too_long']],
      ['12345', ['letter_missing']],
      ['123456', ['letter_missing', 'too_many_digits_in_a_row']],
      ['a123456', ['too_many_digits_in_a_row']],
      ['with space', ['character_not_accepted']],
      ['josé.perez', ['character_not_accepted']],
      ['a+bcd', ['character_not_accepted']],
      ['1é', ['too_short', 'letter_missing', 'character_not_accepted']],
    ])('The username %j is refused for %j', async (username, codes) => {
      expect(entries(await send({ username }))).toEqual(codes.map((code) => `/username ${code}`));
    });

    it('A refused username is answered with the rule that it breaks', async () => {
      const { body } = await send({ username: 'a123456789' });

      expect(body.errors[0].detail).toBe('Use at most 5 digits in a row.');
    });
  });

  describe('password', () => {
    const choose = (password: string): Promise<Called> => send({ password, confirmation: password });

    it.each(['abcd_1', 'a!,&@_1', `${'Ab1'.repeat(42)}Ab`, '1aaaaa'])(
      'The password %j is accepted',
      async (password) => {
        expect(await choose(password)).toMatchObject({ status: 201 });
      },
    );

    it.each([
      ['abcd1', ['too_short']],
      ['Ab1'.repeat(43), ['too_long']],
      ['abcdef', ['digit_missing']],
      ['123456', ['letter_missing']],
      ['abc d1', ['space_not_accepted']],
      ['abcd.1', ['character_not_accepted']],
      ['abcd#1', ['character_not_accepted']],
      ['pássword1', ['character_not_accepted']],
      ['xSEAMUS.odwyer1', ['contains_username', 'character_not_accepted']],
      ['ABC123', ['too_common']],
    ])('The password %j is refused for %j', async (password, codes) => {
      const answer = await choose(password);

      expect(entries(answer).toSorted()).toEqual(codes.map((code) => `/password ${code}`).toSorted());
      expect(answer.body.code).toBe('password_refused');
      expect(api.hashed).toEqual([]);
    });

    it('A password that differs from its confirmation is refused', async () => {
      expect(entries(await send({ confirmation: 'sunny_day7' }))).toEqual(['/confirmation not_equal']);
    });
  });

  describe('phone', () => {
    it.each([
      ['(212) 555-0123', '+12125550123'],
      ['212-555-0123', '+12125550123'],
      ['2125550123', '+12125550123'],
      ['1 212 555 0123', '+12125550123'],
      ['+1 212.555.0123', '+12125550123'],
      ['+12125550123', '+12125550123'],
      ['+34 912 34 56 78', '+34912345678'],
      ['787-555-0123', '+17875550123'],
    ])('The phone number %j is stored as %s', async (phone, kept) => {
      expect(await send({ phone })).toMatchObject({ status: 201 });
      expect(api.brokers.created[0]?.phone).toBe(kept);
    });

    it.each([
      '555-0123',
      '212 555 012',
      '212 555 01234',
      'call me',
      'call 212-555-0123 now',
      '+0 212 555 0123',
      '212-555-0123 ext. 7',
      '912 34 56 78',
    ])('The phone number %j is refused', async (phone) => {
      expect(entries(await send({ phone }))).toEqual(['/phone not_a_phone_number']);
    });
  });

  describe('securityAnswers', () => {
    const answer = (...answers: [questionId: string, answer: string][]): Promise<Called> =>
      send({ securityAnswers: answers.map(([questionId, text]) => ({ questionId, answer: text })) });

    it.each<[string, [string, string], [string, string], string]>([
      [
        'the same question',
        ['first-pet', 'Rex'],
        ['first-pet', 'Bello'],
        '/securityAnswers/1/questionId question_repeated',
      ],
      [
        'no question of the portal',
        ['first-pet', 'Rex'],
        ['shoe-size', '42x'],
        '/securityAnswers/1/questionId unknown_question',
      ],
      [
        'the same answer',
        ['first-pet', 'Rex'],
        ['first-car', ' REX '],
        '/securityAnswers/1/answer answer_repeated',
      ],
      [
        'the username',
        ['first-pet', 'Seamus.ODwyer'],
        ['first-car', 'Ford'],
        '/securityAnswers/0/answer answer_is_username',
      ],
      [
        'a word of the question',
        ['first-pet', 'pet'],
        ['first-car', 'Ford'],
        '/securityAnswers/0/answer answer_in_question',
      ],
      [
        'a word of the Spanish question',
        ['first-pet', 'Mascota'],
        ['first-car', 'Ford'],
        '/securityAnswers/0/answer answer_in_question',
      ],
      [
        'two letters',
        ['first-pet', 'ab'],
        ['first-car', 'Ford'],
        '/securityAnswers/0/answer answer_too_short',
      ],
    ])('Security answers with %s are refused', async (_, first, second, entry) => {
      expect(entries(await answer(first, second))).toEqual([entry]);
    });

    it.each([
      [[], '/securityAnswers wrong_count'],
      [goodFields.securityAnswers.slice(1), '/securityAnswers wrong_count'],
      [[...goodFields.securityAnswers, goodFields.securityAnswers[0]], '/securityAnswers wrong_count'],
      ['Rex', '/securityAnswers wrong_type'],
      [undefined, '/securityAnswers required'],
      [[{ questionId: 'first-pet' }, goodFields.securityAnswers[1]], '/securityAnswers/0/answer required'],
      [
        [{ ...goodFields.securityAnswers[0], hint: 'x' }, goodFields.securityAnswers[1]],
        '/securityAnswers/0/hint unknown_field',
      ],
    ])('Security answers must be two complete answers, not %j', async (securityAnswers, entry) => {
      expect(entries(await send({ securityAnswers }))).toEqual([entry]);
    });
  });

  it.each(['2025-01', '2026-02', 'latest'])(
    'The termsVersion %j is refused as not the current one',
    async (termsVersion) => {
      expect(entries(await send({ termsVersion }))).toEqual(['/termsVersion not_current_terms']);
    },
  );

  it.each(['x', 'a@b@c', 'seamus@example.com\nBcc: x'])(
    'The email address %j is refused as malformed',
    async (email) => {
      expect(entries(await send({ email }))).toHaveLength(1);
    },
  );

  it('A registration is answered with all its refused fields at once', async () => {
    const answer = await send({
      username: 'abc',
      password: 'x',
      confirmation: 'y',
      phone: '1',
      termsVersion: '1',
      securityAnswers: [
        { questionId: 'first-pet', answer: 'x' },
        { questionId: 'first-pet', answer: 'x' },
      ],
    });

    expect(answer.body.code).toBe('invalid_fields');
    expect(new Set(entries(answer).map((entry) => entry.split(/[ /]/)[1]))).toEqual(
      new Set(['username', 'phone', 'securityAnswers', 'termsVersion', 'password', 'confirmation']),
    );
    expect(JSON.stringify(answer.body)).not.toContain('"x"');
  });

  it('A refused registration field is explained in the language of the page', async () => {
    const { body } = await register(api, token, { phone: '1' }, { 'accept-language': 'es' });

    expect(body.errors[0].detail).toMatch(/teléfono/);
  });

  it('A registration requires every field and refuses unknown ones', async () => {
    expect(
      entries(await api.call('POST', '/v1/portals/broker/registrations', { body: { role: 'x' } })).toSorted(),
    ).toEqual(
      [...Object.keys(goodFields), 'token']
        .map((name) => `/${name} required`)
        .concat('/role unknown_field')
        .toSorted(),
    );
  });
});

describe('Verification with unknown fields', () => {
  it('The verification of an access code refuses unknown fields by name', async () => {
    expect(entries(await verify(api, { ...rightCode, firstName: 'x' }))).toEqual([
      '/firstName unknown_field',
    ]);
  });
});
