import {
  deadlineMs,
  proofExpiresAtMs,
  triesLeft,
  type ResetState,
} from '../domain/password-reset/password-reset';
import { OVER, utcMinute, type RunDetails } from './run-details';

/** A reset as operators see it: its stage, what it waits for and until when, and the state of the newest email. */
export function resetDetails(state: ResetState, mail: string): RunDetails {
  const { ending, proof, terms, sequence, pinsLeft } = state;
  const email = terms.proof === 'pin' ? { 'Email of the newest PIN': mail } : {};
  if (ending !== undefined) return { stage: ending, waitsFor: OVER, facts: email };
  const untilMs = deadlineMs(state);
  if (proof !== undefined) {
    return { stage: 'password', waitsFor: 'the person to choose a new password', untilMs, facts: email };
  }
  const tries = { 'Tries left': triesLeft(state) };
  if (terms.proof === 'answers') {
    return {
      stage: 'answers',
      waitsFor: 'the person to answer both security questions',
      untilMs,
      facts: tries,
    };
  }
  const newest = { 'Newest PIN': `number ${sequence}, good until ${utcMinute(proofExpiresAtMs(state))}` };
  const facts = { ...newest, ...email, ...tries, 'PINs left': pinsLeft };
  return { stage: 'pin', waitsFor: 'the person to enter the PIN', untilMs, facts };
}
