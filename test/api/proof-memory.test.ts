import { createProofMemory } from '../../src/api/starters/proof-memory';
import type { HeldReset } from '../../src/api/ports';

const reset = (resetId: string): HeldReset => ({
  resetId,
  portal: 'member',
  sentTo: 'm***@example.com',
  view: { stage: 'password', expiresAtMs: 1_000 },
});

describe('the memory of proofs', () => {
  it('knows a page that proved identity until its time to choose is over', () => {
    let nowMs = 0;
    const proofs = createProofMemory(() => nowMs);
    proofs.remember('page', reset('r1'));

    const before = proofs.of('page');
    nowMs = 1_000;
    const after = proofs.of('page');

    expect(before?.resetId).toBe('r1');
    expect(after).toBeUndefined();
  });

  it('knows nothing of other pages', () => {
    const proofs = createProofMemory(() => 0);
    proofs.remember('page', reset('r1'));

    expect(proofs.of('another')).toBeUndefined();
  });

  it('forgets the oldest when it is full', () => {
    const proofs = createProofMemory(() => 0, 2);
    for (const page of ['a', 'b', 'a', 'c']) proofs.remember(page, reset(page));

    expect(['a', 'b', 'c'].map((page) => proofs.of(page)?.resetId)).toEqual(['a', undefined, 'c']);
  });
});
