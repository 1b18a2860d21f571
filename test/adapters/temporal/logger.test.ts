import pino from 'pino';
import { temporalLogger } from '../../../src/adapters/temporal/logger';

const logged = (message: string): string[] => {
  const lines: string[] = [];
  temporalLogger(pino({ level: 'info' }, { write: (line) => void lines.push(line) })).warn(message);
  return lines;
};

it('A warning of the SDK is logged, but not that the mail queue’s worker has no workflows', () => {
  expect(logged('Failed to shut down')).toHaveLength(1);
  expect(logged('No workflows registered, not polling for workflow tasks')).toEqual([]);
});
