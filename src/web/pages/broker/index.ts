import type { Page } from '../../page';
import { helpPage } from '../help';

export const brokerPages: readonly Page[] = [helpPage('broker')];
