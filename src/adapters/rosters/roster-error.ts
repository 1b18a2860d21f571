import type { Say } from '../../ports/texts';
import type { Reason } from './reason';

/** Nothing can be imported. `tell` says why to the person who runs the import, and repeats no value of the file. */
export class RosterError extends Error {
  override readonly name = 'RosterError';

  constructor(readonly tell: (say: Say, inWords: (reason: Reason) => string) => string) {
    super('the roster cannot be imported');
  }
}
