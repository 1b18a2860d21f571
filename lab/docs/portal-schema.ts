import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { z } from 'zod';
import { DEFAULT_FOLDER } from '../../src/adapters/brand/load-brand';
import { portalFile } from '../../src/adapters/brand/portal-file';

/** Where `npm run docs:brand` writes the schema, in the checkout: editors complete and check portal.yaml by it. */
export const PORTAL_SCHEMA = 'brand/portal.schema.json';

interface Schema {
  description?: string;
  required?: unknown;
  properties?: Record<string, Schema>;
}

/** brand/portal.schema.json: nothing is required, because an insurer says what differs. Comments of our file are its descriptions. */
export function portalSchema(): string {
  const schema = z.toJSONSchema(portalFile, { io: 'input' }) as Schema;
  const { contents } = parseDocument(readFileSync(join(DEFAULT_FOLDER, 'portal.yaml'), 'utf8'));
  if (isMap(contents)) describe(schema, contents);
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function describe(schema: Schema, { items }: YAMLMap): void {
  delete schema.required;
  for (const { key, value } of items) {
    const one = isScalar(key) ? schema.properties?.[String(key.value)] : undefined;
    if (!isScalar(key) || one === undefined) continue;
    const comment = (isScalar(value) || isMap(value) ? value.comment : undefined) ?? key.commentBefore;
    // A paragraph before it is of the file.
    const text = comment
      ?.split('\n\n')
      .at(-1)
      ?.trim()
      .replaceAll(/\s*\n\s*/g, ' ');
    if (text) one.description = text;
    if (isMap(value)) describe(one, value);
  }
}
