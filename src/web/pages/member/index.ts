import type { Page } from '../../page';
import { helpPage } from '../help';
import { forgotPages } from './forgot';
import { signInPages } from './sign-in';
import { twoStepPages } from './two-step';

export const memberPages: readonly Page[] = [
  ...signInPages,
  ...twoStepPages,
  ...forgotPages,
  helpPage('member'),
];
