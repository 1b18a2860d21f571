/** docker-compose.yml as Compose reads it. */
import { parse } from 'yaml';
import { readProjectFile } from './image';

export interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly restart?: string;
  readonly pull_policy?: string;
  readonly init?: boolean;
  readonly profiles?: readonly string[];
  readonly container_name?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly configs?: readonly { readonly source: string }[];
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, unknown>>;
}

/** Before variables are put in. */
export const readComposeFile = (): ComposeFile =>
  parse(readProjectFile('docker-compose.yml'), { merge: true }) as ComposeFile;

/** As Compose puts variables in. */
export function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text
    .replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_all, name: string, otherwise = '') => env[name] || otherwise)
    .replaceAll('$$', '$');
}

/** First and last host port of `127.0.0.1:3000-3009:3000`. */
export function hostPorts(mapping: string): {
  readonly address: string;
  readonly first: number;
  readonly last: number;
} {
  const [address = '', ports = ''] = mapping.split(':');
  const [first = '', last = first] = ports.split('-');
  return { address, first: Number(first), last: Number(last) };
}
