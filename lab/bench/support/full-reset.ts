import type { JsonClient } from '../../system/json-client';
import type { BenchMail } from './bench-mail';
import { timeMs } from './measure';
import type { BenchMember } from './members';
import { noPause, resetTimes, type Pause, type ResetTimes } from './steps';

interface OpenedReset {
  readonly id: string;
  readonly token: string;
}

const NEW_PASSWORD = 'Cloudy_day8';

export const openReset = (api: JsonClient, { email }: BenchMember): Promise<OpenedReset> =>
  api.post('/v1/portals/member/password-resets', { email });

/** A whole reset like a front end and a person, with the PIN read from the email. */
export async function runFullReset(
  api: JsonClient,
  mailServer: BenchMail,
  member: BenchMember,
  pause: Pause = noPause,
): Promise<ResetTimes> {
  let reset: OpenedReset | undefined;
  const open = await timeMs(async () => (reset = await openReset(api, member)));
  const { id, token } = reset!;
  let pin = '';
  const mail = await timeMs(async () => (pin = await mailServer.pinFor(member.email)));
  await pause();
  const proof = await timeMs(() => api.post(`/v1/password-resets/${id}/pin`, { pin }, token));
  await pause();
  const password = await timeMs(async () => {
    const choice = { password: NEW_PASSWORD, confirmation: NEW_PASSWORD };
    const { stage } = await api.post<{ stage: string }>(`/v1/password-resets/${id}/password`, choice, token);
    if (stage !== 'completed') throw new Error(`a reset ended as ${stage}`);
  });
  return resetTimes({ open, mail, pin: proof, password });
}
