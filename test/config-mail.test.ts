import { ConfigError, loadWorkerConfig } from '../src/config';

const load = (settings: Readonly<Record<string, string>>) =>
  loadWorkerConfig({
    DATABASE_URL: 'postgres://localhost/tenure',
    TEMPORAL_ADDRESS: 'localhost:7233',
    TENURE_PEPPERS: `p1:${Buffer.alloc(32, 7).toString('base64')}`,
    ...settings,
  });

describe('SMTP_URL', () => {
  it.each([
    'smtps://mail.example.com',
    'smtps://tenure:secret@mail.example.com:465',
    'smtp://mail.example.com:587?requireTLS=true',
    'smtp://localhost:1025',
    'smtp://127.0.0.1:1025',
    'smtp://127.8.9.10',
    'smtp://[::1]:1025',
  ])('is taken as %s', (url) => {
    expect(load({ SMTP_URL: url })).toMatchObject({ smtpUrl: url, smtpPlaintext: false });
  });

  it.each([
    'smtp://mail.example.com:587',
    'smtp://mail.example.com?requireTLS=false',
    'smtp://mail.example.com?requireTLS=',
    'smtp://10.0.0.5:25',
    'smtp://localhost.example.com:25',
    'smtp://127.0.0.1.example.com:25',
    'SMTP://mail.example.com',
  ])('to another machine is refused by name without TLS: %s', (url) => {
    expect(() => load({ SMTP_URL: url })).toThrow(ConfigError);
    expect(() => load({ SMTP_URL: url })).toThrow('SMTP_URL');
  });

  it('is refused without repeating the password in it', () => {
    expect(() => load({ SMTP_URL: 'smtp://tenure:hunter2@mail.example.com' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('to another machine without TLS is taken where SMTP_ALLOW_PLAINTEXT says so, and that is known', () => {
    const settings = { SMTP_URL: 'smtp://mailpit:1025', SMTP_ALLOW_PLAINTEXT: 'on' };

    expect(load(settings)).toMatchObject({ smtpPlaintext: true });
  });
});

describe('MAIL_SLOTS', () => {
  it('is 10 unless told', () => {
    const SMTP_URL = 'smtp://localhost:1025';

    expect(load({ SMTP_URL }).mailSlots).toBe(10);
    expect(load({ SMTP_URL, MAIL_SLOTS: '3' }).mailSlots).toBe(3);
    expect(() => load({ SMTP_URL, MAIL_SLOTS: '0' })).toThrow('MAIL_SLOTS');
  });
});
