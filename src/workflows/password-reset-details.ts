import { deadlineMs, proofExpiresAtMs, triesLeft, type ResetState } from '../domain/password-reset';
import { utcMinute, type RunDetails } from './run-details';

/** A reset as operators read it: where it stands, what it waits for and until when, and what became of the newest email. */
export function resetDetails(state: ResetState, mail: string): RunDetails {
  const { ending, proof, terms, sequence, pinsLeft } = state;
  const email = { 'Email of the newest PIN': mail };
  if (ending !== undefined) return { stage: ending, waitsFor: 'nothing: it is over', facts: email };
  if (proof !== undefined) {
    return {
      stage: 'password',
      waitsFor: 'the person to choose a new password',
      untilMs: deadlineMs(state),
      facts: email,
    };
  }
  return {
    stage: terms.proof,
    waitsFor: 'the person to enter the PIN',
    untilMs: deadlineMs(state),
    facts: {
      'Newest PIN': `number ${sequence}, good until ${utcMinute(proofExpiresAtMs(state))}`,
      ...email,
      'Tries left': triesLeft(state),
      'PINs left': pinsLeft,
    },
  };
}
