import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { toALabels } from '../../../src/domain/accounts/domain-name';

it.each([
  ['example.com', 'example.com'],
  ['Mail.Example.COM', 'mail.example.com'],
  ['correo-méxico.example', 'xn--correo-mxico-ieb.example'],
  ['CORREO-ME\u0301XICO.Example', 'xn--correo-mxico-ieb.example'],
  ['xn--correo-mxico-ieb.example', 'xn--correo-mxico-ieb.example'],
  ['XN--CORREO-MXICO-IEB.EXAMPLE', 'xn--correo-mxico-ieb.example'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['straße.example', 'xn--strae-oqa.example'],
  ['παράδειγμα.δοκιμή', 'xn--hxajbheg2az3al.xn--jxalpdlp'],
  ['ΟΔΟΣ.gr', 'xn--pxavbq.gr'],
  ['пример.рф', 'xn--e1afmkfd.xn--p1ai'],
  ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
  ['ｅｘａｍｐｌｅ．com', 'example.com'],
  ['日本語.jp', 'xn--wgv71a119e.jp'],
  ['😀.example', 'xn--e28h.example'],
  ['1.2', '1.2'],
  ['münchen.123', 'xn--mnchen-3ya.123'],
  ['', ''],
])('toALabels maps %j to %j', (domain, ascii) => {
  expect(toALabels(domain)).toBe(ascii);
});

it('toALabels agrees with the mapping of browsers for letters and digits of many alphabets', () => {
  const letter = fc.constantFrom(
    ...'abcxyz0189-áéíóúüñçßøåæœšžőğİΑΒΓΣσςωЖжЯяїअकاب例日本語한글กขგაА́'
      .normalize('NFC')
      .replace(/\p{M}/gu, ''),
  );
  const label = fc
    .array(letter, { minLength: 1, maxLength: 12 })
    .map((letters) => letters.join(''))
    .filter((text) => !text.startsWith('-') && !text.endsWith('-') && !text.startsWith('xn--'));
  let compared = 0;
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), (labels) => {
      const domain = `${labels.join('.')}.example`;
      const expected = domainToASCII(domain);
      // It answers nothing for what may not be registered: right-to-left labels with digits before them, for one.
      fc.pre(expected !== '');
      compared += 1;
      expect(toALabels(domain)).toBe(expected);
      expect(toALabels(toALabels(domain))).toBe(expected);
    }),
    { numRuns: 500 },
  );
  expect(compared).toBe(500);
});
