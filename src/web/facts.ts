/** The rules and texts of the portals, as the API gives them, kept for a minute. */
import type { Language, Portal } from '../domain/portal';
import type { PortalFacts, Tenure } from './tenure';

const KEPT_MS = 60_000;

export interface Facts {
  /** Throws `ApiProblem` if they were never read and the API is away. */
  of(portal: Portal, language: Language, tenure: Pick<Tenure, 'portal'>): Promise<PortalFacts>;
  /** As they were read last. */
  known(portal: Portal, language: Language): PortalFacts | undefined;
}

export function createFacts(clock: () => number): Facts {
  const kept = new Map<string, { readonly facts: PortalFacts; readonly readAtMs: number }>();
  const keyOf = (portal: Portal, language: Language) => `${portal} ${language}`;

  return {
    known: (portal, language) => kept.get(keyOf(portal, language))?.facts,

    async of(portal, language, tenure) {
      const key = keyOf(portal, language);
      const before = kept.get(key);
      if (before !== undefined && clock() - before.readAtMs < KEPT_MS) return before.facts;
      try {
        const facts = await tenure.portal(portal);
        kept.set(key, { facts, readAtMs: clock() });
        return facts;
      } catch (error) {
        if (before === undefined) throw error;
        return before.facts;
      }
    },
  };
}
