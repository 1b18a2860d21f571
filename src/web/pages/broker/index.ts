import type { Page } from '../../page';
import { helpPage } from '../help';
import { forgotPasswordPages } from './forgot-password';
import { forgotUsername } from './forgot-username';
import { registerPages } from './register';
import { signInPages } from './sign-in';

export const brokerPages: readonly Page[] = [
  ...signInPages,
  ...registerPages,
  ...forgotPasswordPages,
  forgotUsername,
  helpPage('broker'),
];
