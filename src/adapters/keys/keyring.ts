/**
 * Everything that needs a pepper (ADR 1, 3, 39). Each use has its own key, derived with HKDF,
 * so that a value made for one purpose is useless for another. Keys have ids, so values made before a rotation stay valid.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { PinSource } from '../../ports/keys';
import type { BrokerSecrets, TokenDigests } from '../../ports/keys';
import { invitationCodeFromMac } from '../../domain/accounts/access-code';
import type { NamedKey } from '../../config';
import { pinFromMac } from '../../domain/password-reset/pin';
import type { Portal } from '../../domain/portal';
import { tokenDigest } from './token-digest';

type Purpose = 'subject' | 'pin' | 'proof' | 'digest' | 'ssn' | 'invitation' | 'sealing';

const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface Keyring extends PinSource, TokenDigests, BrokerSecrets {
  /** Id of the pepper for new values. */
  readonly currentId: string;
  /** Ids of all peppers, the current one first. */
  readonly ids: readonly string[];
  /** Opaque stable key of the person that `identity` (already folded) names; 22 characters of base64url. */
  subjectKey(pepperId: string, portal: Portal, identity: string): string;
  /** Digest of a typed PIN, valid for one reset only. */
  proofDigest(pepperId: string, resetId: string, typed: string): string;
}

/** A keyring over peppers, the current one first. Using an unknown id throws. */
export function createKeyring(peppers: readonly NamedKey[]): Keyring {
  const [current] = peppers;
  if (!current) throw new Error('a keyring needs at least one pepper');
  const derived = new Map(peppers.map(({ id, key }) => [id, deriveKeys(key)]));

  const keysOf = (id: string): Record<Purpose, Buffer> => {
    const keys = derived.get(id);
    if (!keys)
      throw new Error(
        `there is no pepper "${id}": keep a retired one in TENURE_PEPPERS until what it made is over`,
      );
    return keys;
  };
  const mac = (pepperId: string, purpose: Purpose, ...parts: string[]): Buffer =>
    createHmac('sha256', keysOf(pepperId)[purpose]).update(parts.join('\0')).digest();

  return {
    currentId: current.id,
    ids: peppers.map(({ id }) => id),
    subjectKey: (pepperId, portal, identity) =>
      mac(pepperId, 'subject', portal, identity).toString('base64url').slice(0, 22),
    pin: (pepperId, resetId, sequence, digits) =>
      pinFromMac(mac(pepperId, 'pin', resetId, String(sequence)), digits),
    proofDigest: (pepperId, resetId, typed) => mac(pepperId, 'proof', resetId, typed).toString('base64url'),
    ssnDigest: (pepperId, ssnLast6) => mac(pepperId, 'ssn', ssnLast6).toString('base64url'),
    invitationCode: (pepperId, invitationId) =>
      invitationCodeFromMac(mac(pepperId, 'invitation', invitationId)),
    invitationCodeDigest: (code) => createHash('sha256').update(`invitation\0${code}`).digest('base64url'),
    tokenDigest,
    keyedDigest: (text) => mac(current.id, 'digest', text).toString('base64url'),

    seal: (purpose, plain) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keysOf(current.id).sealing, iv);
      cipher.setAAD(Buffer.from(purpose));
      const sealed = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${current.id}.${sealed.toString('base64url')}`;
    },

    open: (purpose, sealed) => {
      const [id = '', body = ''] = sealed.split('.', 2);
      const keys = derived.get(id);
      const bytes = Buffer.from(body, 'base64url');
      if (!keys || bytes.length < IV_BYTES + TAG_BYTES) return null;
      const decipher = createDecipheriv('aes-256-gcm', keys.sealing, bytes.subarray(0, IV_BYTES));
      decipher.setAAD(Buffer.from(purpose));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return (
          decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch {
        return null;
      }
    },
  };
}

function deriveKeys(pepper: Buffer): Record<Purpose, Buffer> {
  const derive = (purpose: Purpose): Buffer =>
    Buffer.from(hkdfSync('sha256', pepper, '', `tenure/${purpose}`, 32));
  return {
    subject: derive('subject'),
    pin: derive('pin'),
    proof: derive('proof'),
    digest: derive('digest'),
    ssn: derive('ssn'),
    invitation: derive('invitation'),
    sealing: derive('sealing'),
  };
}
