import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { parse } from 'yaml';
import { PORTAL_SCHEMA, portalSchema } from '../../lab/docs/portal-schema';
import { DEFAULT_FOLDER } from '../../src/adapters/brand/load-brand';
import { readProjectFile } from '../ops/image';

const accepts = new Ajv().compile(JSON.parse(portalSchema()) as object);

it('brand/portal.schema.json is what "npm run docs:brand" writes from the schema', () => {
  expect(readProjectFile(PORTAL_SCHEMA)).toBe(portalSchema());
});

it('The schema accepts our file, and one that says nearly nothing', () => {
  expect(accepts(parse(readFileSync(join(DEFAULT_FOLDER, 'portal.yaml'), 'utf8')))).toBe(true);
  expect(accepts({ portals: { member: { pin: { digits: 6 } } } })).toBe(true);
});

it.each([
  [{ portals: { member: { pin: { digits: 3 } } } }],
  [{ portals: { member: { pins: {} } } }],
  [{ planChanges: { unitHours: 'always' } }],
])('The schema refuses %j', (portal) => {
  expect(accepts(portal)).toBe(false);
});

it('The schema describes values with the comments of our file', () => {
  expect(portalSchema()).toContain('how many of the last passwords cannot be reused');
});
