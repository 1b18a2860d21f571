import { randomBytes } from 'node:crypto';
import { createKeyring, type Keyring } from '../../src/adapters/keyring';

/** A keyring over a pepper of its own: subject keys, and so workflow ids, never meet those of another test file. */
export const createTestKeyring = (): Keyring => createKeyring([{ id: 'test', key: randomBytes(32) }]);
