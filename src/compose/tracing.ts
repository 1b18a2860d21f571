/** Traces, for both processes. OpenTelemetry is loaded only when an OTLP endpoint is set. */
import type { Tracing } from '../adapters/telemetry/tracing';
import type { ServerConfig } from '../config';
import { PACKAGE_VERSION } from '../contracts/version';

export async function traceWhereSet(
  { otlpEndpoint }: Pick<ServerConfig, 'otlpEndpoint'>,
  service: string,
): Promise<Tracing | undefined> {
  if (otlpEndpoint === undefined) return undefined;
  const { startTracing } = await import('../adapters/telemetry/tracing.js');
  return startTracing({ endpoint: otlpEndpoint, service, version: PACKAGE_VERSION });
}
