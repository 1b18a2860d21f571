import { randomBytes } from 'node:crypto';
import { createKeyring, type Keyring } from '../../src/adapters/keys/keyring';
import type { NamedKey } from '../../src/config';

export const newPepper = (id: string): NamedKey => ({ id, key: randomBytes(32) });

/** A keyring over a pepper of its own: subject keys, and so workflow ids, never meet those of another test file. */
export const createTestKeyring = (): Keyring => createKeyring([newPepper('test')]);
