/** Connections to Temporal, and Tenure's own setup there. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  Connection,
  isGrpcServiceError,
  ServiceError,
  type ConnectionLike,
  type TLSConfig,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { TemporalConfig } from '../../config';
import { searchAttributes } from '../../contracts/search-attributes';
import { createDataConverter } from './payload-codec';

const { IndexedValueType } = temporal.api.enums.v1;

/** gRPC: PERMISSION_DENIED, UNIMPLEMENTED. */
const NOT_OURS_TO_MANAGE: ReadonlySet<number> = new Set([7, 12]);

/** Whether Temporal denies permission to this client, or does not implement the call. */
export function isNotOursToManage(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && NOT_OURS_TO_MANAGE.has(cause.code);
}

/** Options for both `Connection.connect` and `NativeConnection.connect`. */
export interface TemporalConnectionOptions {
  readonly address: string;
  readonly apiKey?: string;
  readonly tls?: TLSConfig;
}

export function connectionOptions(config: TemporalConfig): TemporalConnectionOptions {
  const { tls, apiKey } = config;
  return {
    address: config.address,
    ...(apiKey ? { apiKey } : {}),
    ...(tls
      ? {
          tls: {
            ...(tls.ca ? { serverRootCACertificate: tls.ca } : {}),
            ...(tls.serverName ? { serverNameOverride: tls.serverName } : {}),
            ...(tls.cert && tls.key ? { clientCertPair: { crt: tls.cert, key: tls.key } } : {}),
          },
        }
      : {}),
  };
}

/** A client over a lazy connection: the API starts during a Temporal outage, and is not ready until it ends. */
export function createTemporalClient(
  config: TemporalConfig,
  interceptors: readonly WorkflowClientInterceptor[] = [],
): { client: Client; connection: Connection } {
  const connection = Connection.lazy(connectionOptions(config));
  return { client: clientOver(connection, config, interceptors), connection };
}

/** A client over an existing connection, such as the worker's. */
export function clientOver(
  connection: ConnectionLike,
  config: TemporalConfig,
  interceptors: readonly WorkflowClientInterceptor[] = [],
): Client {
  return new Client({
    connection,
    namespace: config.namespace,
    dataConverter: createDataConverter(config.codecKeys),
    interceptors: { workflow: [...interceptors] },
  });
}

/**
 * Registers the search attributes that the namespace lacks, and waits until they are visible. False if this client
 * may not manage them, as on Temporal Cloud. Throws with instructions if they do not appear within `timeoutMs`.
 */
export async function ensureSearchAttributes(
  connection: Connection,
  namespace: string,
  timeoutMs = 30_000,
): Promise<boolean> {
  const names = Object.values(searchAttributes).map(({ name }) => name);
  const missing = async (): Promise<string[]> => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return names.filter((name) => !(name in customAttributes));
  };

  try {
    const toAdd = await missing();
    if (toAdd.length === 0) return true;
    const types = Object.fromEntries(
      toAdd.map((name) => [name, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD]),
    );
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: types });
  } catch (error) {
    if (isNotOursToManage(error)) return false;
    throw error;
  }

  const giveUpAt = Date.now() + timeoutMs;
  for (let left = await missing(); left.length > 0; left = await missing()) {
    if (Date.now() > giveUpAt) {
      throw new Error(
        `Temporal did not take the search attributes ${left.join(', ')}. Add them yourself (type Keyword), or allow this client to.`,
      );
    }
    await sleep(200);
  }
  return true;
}
