/** AES-256-GCM over every payload, for clusters whose operators must not read even opaque ids (setting TEMPORAL_CODEC_KEYS). */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { NamedKey } from '../../config';

const ENCODING = Buffer.from('binary/encrypted');
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts with the first key, decrypts with the key that a payload names. Unencrypted payloads pass unchanged. */
export class AesGcmCodec implements PayloadCodec {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #currentId: string;

  constructor(keys: readonly NamedKey[]) {
    const [current] = keys;
    if (!current) throw new Error('the payload codec needs at least one key');
    this.#currentId = current.id;
    this.#keys = new Map(keys.map(({ id, key }) => [id, key.subarray(0, 32)]));
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => this.#encrypt(payload)));
  }

  // Async so that a payload that cannot be read rejects instead of throwing.
  // oxlint-disable-next-line typescript/require-await
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => this.#decrypt(payload));
  }

  #encrypt(payload: Payload): Payload {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.#currentId), iv);
    const plain = temporal.api.common.v1.Payload.encode(payload).finish();
    return {
      metadata: { encoding: ENCODING, 'encryption-key-id': Buffer.from(this.#currentId) },
      data: Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]),
    };
  }

  #decrypt(payload: Payload): Payload {
    const { encoding, 'encryption-key-id': keyId } = payload.metadata ?? {};
    if (!encoding || !ENCODING.equals(encoding) || !keyId || !payload.data) return payload;
    const data = Buffer.from(payload.data);
    const decipher = createDecipheriv(
      'aes-256-gcm',
      this.#key(Buffer.from(keyId).toString()),
      data.subarray(0, IV_BYTES),
    );
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    return temporal.api.common.v1.Payload.decode(plain);
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (!key) throw new Error(`there is no payload key "${id}" in TEMPORAL_CODEC_KEYS`);
    return key;
  }
}

/** The data converter of client and worker: plain JSON, or encrypted if there are keys. */
export function createDataConverter(keys: readonly NamedKey[] | undefined): DataConverter {
  return keys ? { payloadCodecs: [new AesGcmCodec(keys)] } : {};
}
