import type { Page } from '../../page';
import { helpPage } from '../help';
import { forgotPages } from './forgot';
import { signInPages } from './sign-in';

export const memberPages: readonly Page[] = [...signInPages, ...forgotPages, helpPage('member')];
