/** A broker's forgotten username (spec.md 5). */
import { goTo, show, type Page } from '../../page';

export const forgotUsername: Page = {
  path: '/broker/forgot-username',
  fields: {
    firstName: 'pages.fields.first-name',
    lastName: 'pages.fields.last-name',
    notAnAgent: 'pages.broker.forgot-username.not-an-agent',
    agentNumber: 'pages.fields.agent-number',
    email: 'pages.fields.email',
  },

  async show({ say }) {
    return show('broker/forgot-username', say('pages.broker.forgot-username.title'));
  },

  async act({ form, tenure, jar, once }) {
    const names = { firstName: form('firstName'), lastName: form('lastName') };
    const body =
      form('notAnAgent') === 'yes'
        ? { ...names, notAnAgent: true as const, email: form('email') }
        : { ...names, agentNumber: form('agentNumber') };
    const { username } = await tenure.remindUsername(body, once);
    jar.set('broker-username', username);
    return goTo('/broker/sign-in?found=yes');
  },
};
