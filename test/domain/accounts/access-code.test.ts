import fc from 'fast-check';
import {
  displayInvitationCode,
  invitationCodeFromMac,
  parseAccessCode,
} from '../../../src/domain/accounts/access-code';

describe('access code of an agent', () => {
  it.each([
    ['C20417904417A', '20417'],
    ['c20417904417a', '20417'],
    [' C 20417 904417 A ', '20417'],
    ['C-20417-904417-A', '20417'],
    ['c–20417\u00a0904417−a', '20417'],
    ['CAB12904417A', 'AB12'],
    ['C2A904417A', '2A'],
    [`C${'9'.repeat(20)}904417A`, '9'.repeat(20)],
    ['CA1904417A', 'A1'],
    ['CC1904417A', 'C1'],
  ])('The access code of an agent is read from %j', (typed, agentKey) => {
    expect(parseAccessCode(typed)).toEqual({ kind: 'agent', agentKey, ssnLast6: '904417' });
  });

  it('The last six digits of an access code are the SSN digits, whatever stands before them', () => {
    expect(parseAccessCode('C1111111222222A')).toEqual({
      kind: 'agent',
      agentKey: '1111111',
      ssnLast6: '222222',
    });
  });
});

describe('access code of a corporation', () => {
  it.each([
    ['CSYS771003904417A'],
    ['csys77-1003 904417a'],
    ['C SYS 771003 904417 A'],
    ['C-sys-77-1003-904417-A'],
  ])('The access code of a corporation is read from %j', (typed) => {
    expect(parseAccessCode(typed)).toEqual({
      kind: 'corporation',
      agentKey: '771003',
      ssnLast6: '904417',
    });
  });

  it('A corporation’s code without SYS is read as that of an agent with the same number', () => {
    expect(parseAccessCode('C771003904417A')).toMatchObject({ kind: 'agent', agentKey: '771003' });
  });
});

describe('texts that are no access code', () => {
  it.each([
    ['nothing', ''],
    ['spaces', '   '],
    ['no C', '20417904417A'],
    ['no A', 'C20417904417'],
    ['another letter at the end', 'C20417904417B'],
    ['digits of the SSN alone', 'C904417A'],
    ['one character before the digits', 'C1904417A'],
    ['a number of 21 characters', `C${'9'.repeat(21)}904417A`],
    ['a letter among the last six', 'C20417904O17A'],
    ['SYS without a number', 'CSYS904417A'],
    ['SYS without digits', 'CSYSA'],
    ['SYS twice', 'CSYSSYS771003904417A'],
    ['SYS twice, apart', 'C SYS-SYS 771003 904417 A'],
    ['SYS in front of C', 'SYSC771003904417A'],
    ['a dot', 'C20417.904417A'],
    ['digits of another script', 'C20417٩٠٤٤١٧A'],
  ])('A text that is no access code is refused: %s', (_what, typed) => {
    expect(parseAccessCode(typed)).toBeNull();
  });

  it('An overlong access code is refused without using much CPU time', () => {
    // Of this process alone, whatever else the machine is at.
    const before = process.cpuUsage();

    expect(parseAccessCode(`C${'1'.repeat(100_000)}B`)).toBeNull();

    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });
});

describe('invitation code', () => {
  const mac = fc.uint8Array({ minLength: 32, maxLength: 32 });

  it('An invitation code is read in every form it is written in and has no letters that look alike', () => {
    fc.assert(
      fc.property(mac, (bytes) => {
        const code = invitationCodeFromMac(bytes);
        const shown = displayInvitationCode(code);

        expect(code).toMatch(/^T[2-9BCDFGHJKMNP-TV-Z]{16}$/);
        expect(shown).toMatch(/^T.{4}-.{4}-.{4}-.{4}$/);
        for (const typed of [code, shown, shown.toLowerCase(), shown.replaceAll('-', ' '), ` ${code} `])
          expect(parseAccessCode(typed)).toEqual({ kind: 'invitation', code });
      }),
    );
  });

  it('An invitation code with a missing, extra or unknown character is refused', () => {
    const code = invitationCodeFromMac(new Uint8Array(32).fill(7));

    for (const typed of [code.slice(0, -1), `${code}2`, `${code.slice(0, -1)}O`, `X${code.slice(1)}`])
      expect(parseAccessCode(typed)).toBeNull();
  });
});

it('Every code made from an agent number and six digits is read back', () => {
  const agentNumber = fc.stringMatching(/^[A-Z0-9]{2,20}$/).filter((number) => !number.startsWith('SYS'));
  fc.assert(
    fc.property(agentNumber, fc.stringMatching(/^\d{6}$/), (agentKey, ssnLast6) => {
      expect(parseAccessCode(`C${agentKey}${ssnLast6}A`)).toEqual({ kind: 'agent', agentKey, ssnLast6 });
      expect(parseAccessCode(`CSYS${agentKey}${ssnLast6}A`)).toEqual({
        kind: 'corporation',
        agentKey,
        ssnLast6,
      });
    }),
  );
});
