import { randomBytes } from 'node:crypto';
import { createKeyring, type Keyring } from '../../src/adapters/keys/keyring';
import type { NamedKey } from '../../src/config';

export const newPepper = (id: string): NamedKey => ({ id, key: randomBytes(32) });

/** A keyring with its own pepper, so that subject keys, and so workflow ids, never collide with another test file's. */
export const createTestKeyring = (): Keyring => createKeyring([newPepper('test')]);
