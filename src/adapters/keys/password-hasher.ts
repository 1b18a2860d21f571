import { hash, verify } from '@node-rs/argon2';
import type { PasswordHasher } from '../../ports/keys';

/** 19 MiB, two passes, one lane (ADR 40). The library's default algorithm is argon2id. */
export const ARGON2_COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes and compares on the thread pool. Created once per process: it prepares the hash that unknown people are compared with. */
export async function createPasswordHasher(): Promise<PasswordHasher> {
  const nobody = await hash(crypto.randomUUID(), ARGON2_COST);
  return {
    hash: (password) => hash(password, ARGON2_COST),
    verify: (stored, password) => verify(stored, password),
    verifyNobody: async (password) => {
      await verify(nobody, password);
      return false;
    },
  };
}
