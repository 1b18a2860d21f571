import { continueAsNew, proxyActivities } from '@temporalio/workflow';
import type {
  RotationSweepActivities,
  RotationSweepInput,
  RotationSweepResult,
} from '../contracts/rotation-sweep';
import { endAs, showDetails } from './run-details';

/** A batch of a thousand takes ten seconds; without a heartbeat for 30 its worker is lost, and it is retried elsewhere. */
const { startDueRotations } = proxyActivities<RotationSweepActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
});

/**
 * Finds the passwords that are about to expire and starts a `passwordRotation` for each (spec.md 6).
 *
 * Ends as `swept`. Nothing is lost if it is cancelled or fails: the runs it started go on, and the next sweep finds the rest.
 */
export async function rotationSweep(input: RotationSweepInput = {}): Promise<RotationSweepResult> {
  const { batchSize = 1000, batchesPerRun = 100, soFar = { started: 0, alreadyThere: 0 } } = input;
  let swept = soFar;

  for (let batch = 0; batch < batchesPerRun; batch++) {
    const { more, ...counts } = await startDueRotations({ limit: batchSize });
    swept = added(swept, counts);
    const facts = { 'Runs started': swept.started, 'Already there': swept.alreadyThere };
    if (!more) {
      endAs('swept', facts);
      return swept;
    }
    showDetails({ stage: 'sweeping', waitsFor: 'the next batch to be started', facts });
  }
  return continueAsNew<typeof rotationSweep>({ ...input, soFar: swept });
}

const added = (one: RotationSweepResult, other: RotationSweepResult): RotationSweepResult => ({
  started: one.started + other.started,
  alreadyThere: one.alreadyThere + other.alreadyThere,
});
