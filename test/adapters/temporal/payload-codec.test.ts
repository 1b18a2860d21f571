import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import { AesGcmCodec } from '../../../src/adapters/temporal/payload-codec';

const toPayload = (value: unknown) => defaultPayloadConverter.toPayload(value);
const key = (id: string) => ({ id, key: randomBytes(32) });
const old = key('k1');
const current = key('k2');

describe('Payload codec', () => {
  it('The payload codec returns what it encrypted, and the encrypted payload reveals nothing of it', async () => {
    const codec = new AesGcmCodec([current]);
    const payload = toPayload({ resetId: 'find-me' });

    const [encrypted] = await codec.encode([payload]);
    const [decrypted] = await codec.decode([encrypted!]);

    expect(Buffer.from(encrypted!.data!).includes('find-me')).toBe(false);
    expect(Buffer.from(decrypted!.data!).toString()).toBe('{"resetId":"find-me"}');
  });

  it('The payload codec reads what an older key encrypted', async () => {
    const [encrypted] = await new AesGcmCodec([old]).encode([toPayload('x')]);

    const [decrypted] = await new AesGcmCodec([current, old]).decode([encrypted!]);

    expect(Buffer.from(decrypted!.data!).toString()).toBe('"x"');
  });

  it('The payload codec lets payloads pass that were never encrypted, so that it can be switched on later', async () => {
    const payload = toPayload('plain');

    expect(await new AesGcmCodec([current]).decode([payload])).toEqual([payload]);
  });

  it('The payload codec refuses a payload that was tampered with, and names a key that is missing', async () => {
    const [encrypted] = await new AesGcmCodec([old]).encode([toPayload('x')]);
    const tampered = { ...encrypted!, data: Buffer.from(encrypted!.data!).fill(0, 20, 22) };

    await expect(new AesGcmCodec([old]).decode([tampered])).rejects.toThrow();
    await expect(new AesGcmCodec([current]).decode([encrypted!])).rejects.toThrow(
      /"k1" in TEMPORAL_CODEC_KEYS/,
    );
  });
});
