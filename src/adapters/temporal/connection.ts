/** Connections to Temporal, and what Tenure sets up there by itself. */
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

/** Whether Temporal says that this client may not, or that its service has no such thing. */
export function isNotOursToManage(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && NOT_OURS_TO_MANAGE.has(cause.code);
}

/** What `Connection.connect` and `NativeConnection.connect` both take. */
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

/** A client over a lazily opened connection: the API starts while Temporal is away, and is not ready until it is back. */
export function createTemporalClient(
  config: TemporalConfig,
  interceptors: readonly WorkflowClientInterceptor[] = [],
): { client: Client; connection: Connection } {
  const connection = Connection.lazy(connectionOptions(config));
  return { client: clientOver(connection, config, interceptors), connection };
}

/** A client over a connection that is there already, such as the worker's. */
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
 * Registers the search attributes that the namespace does not have, and waits until it shows them. False where this client
 * may not manage them, as on Temporal Cloud. Throws when they do not appear within `timeoutMs`, with what to do.
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
