/** What browsers load besides pages: styles and scripts, from files. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import compression from 'compression';
import { Router } from 'express';

const PUBLIC = join(__dirname, 'public');
const GOVUK_SCRIPT = require.resolve('govuk-frontend/dist/govuk/govuk-frontend.min.js');

/** An insurer's styles (docs/branding.md), and its logo if it has one. */
export interface Look {
  readonly css: string;
  readonly logo?: Buffer | undefined;
}

interface Asset {
  readonly name: string;
  readonly address: string;
  readonly type: string;
  readonly content: Buffer;
}

export interface Assets {
  /** Addresses by name; each changes with its content. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly router: Router;
}

/** Browsers may keep everything for a year: other content has another address. */
export function createAssets({ css, logo }: Look): Assets {
  const govuk = asset('govuk-frontend.js', 'js', readFileSync(GOVUK_SCRIPT));
  const assets = [
    govuk,
    asset('pages.css', 'css', readFileSync(join(PUBLIC, 'pages.css'))),
    asset('brand.css', 'css', Buffer.from(css)),
    asset(
      'pages.js',
      'js',
      Buffer.from(
        readFileSync(join(PUBLIC, 'pages.js'), 'utf8').replace('./govuk-frontend.js', govuk.address),
      ),
    ),
    asset('logo.svg', 'svg', logo ?? readFileSync(join(PUBLIC, 'logo.svg'))),
  ];
  const router = Router();
  // Only of assets: the length of a compressed page could tell what is in it.
  router.use(compression());
  for (const { name, type, content } of assets) {
    router.get(`/${name}`, (_req, res) => {
      res.set('Cache-Control', 'public, max-age=31536000, immutable').type(type).send(content);
    });
  }
  return {
    router,
    addresses: Object.fromEntries(assets.map(({ name, address }) => [name.replaceAll(/\W/g, '_'), address])),
  };
}

function asset(name: string, type: string, content: Buffer): Asset {
  const version = createHash('sha256').update(content).digest('base64url').slice(0, 10);
  return { name, type, content, address: `/assets/${name}?v=${version}` };
}
