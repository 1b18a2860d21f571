import type { Portal } from '../../domain/portal';
import { show, type Page } from '../page';

/** Whom to call, and when. */
export const helpPage = (portal: Portal): Page => ({
  path: `/${portal}/help`,
  async show({ say }) {
    return show('help', say('pages.help.title'));
  },
});
