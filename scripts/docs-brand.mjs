// `npm run docs:brand`: writes brand/portal.schema.json from the schema of portal.yaml.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('./typescript.cjs');
const { PORTAL_SCHEMA, portalSchema } = require('../lab/docs/portal-schema.ts');
writeFileSync(new URL(`../${PORTAL_SCHEMA}`, import.meta.url), portalSchema());
