import { styleText } from 'node:util';
import type { DemoAgent, DemoPerson } from './demo-people';
import type { Endpoints } from './endpoints';

export interface WelcomeFacts {
  readonly endpoints: Endpoints;
  readonly people: readonly DemoPerson[];
  readonly agents: readonly DemoAgent[];
  readonly home: string;
  /** Default ports that are in use by other processes. */
  readonly moved: readonly number[];
}

/** The screen shown when everything runs: addresses, demo people, first commands. */
export function welcome({ endpoints, people, agents, home, moved }: WelcomeFacts): string {
  const { web, api, docs, inbox, temporalUi } = endpoints;
  const bold = (text: string) => styleText('bold', text);
  const links = [
    ['Pages', web],
    ['API', api],
    ['API docs', docs],
    ['Mail inbox', inbox],
    ['Temporal UI', temporalUi],
  ].filter((link): link is [string, string] => link[1] !== undefined);
  const first = people[0];
  const width = Math.max(...people.map(({ email }) => email.length), 0);
  return [
    '',
    `  ${bold('Tenure is running.')}`,
    '',
    ...links.map(([name, url]) => `  ${name.padEnd(13)}${styleText('cyan', url)}`),
    ...(moved.length > 0 ? ['', `  ${styleText('dim', movedSentence(moved))}`] : []),
    ...(first
      ? [
          '',
          `  ${bold('People to try')} (nobody has a password yet: a reset gives them one)`,
          ...people.map(
            ({ email, username, name, language }) =>
              `  ${email.padEnd(width)}  ${username.padEnd(12)} ${styleText('dim', `${name}${language === 'es' ? ', gets mail in Spanish' : ''}`)}`,
          ),
          ...(agents.length > 0 ? ['', `  ${bold('Agents who may register')} (last name, access code)`] : []),
          ...agents.map(({ lastName, accessCode }) => `  ${lastName.padEnd(width)}  ${accessCode}`),
          '',
          `  ${bold('Begin with')}`,
          `  ${styleText('cyan', `${web}/member/forgot`)}`,
          `  Enter ${first.email}${inbox ? ', and read the PIN in the inbox' : ''}.`,
        ]
      : []),
    '',
    `  ${bold('Ctrl-C')} stops everything; what is open goes on at the next start. State and logs: ${home}`,
    '',
  ].join('\n');
}

function movedSentence(ports: readonly number[]): string {
  return ports.length === 1
    ? `Port ${ports[0]} was taken, so a free one near it is used.`
    : `Ports ${ports.join(', ')} were taken, so free ones near them are used.`;
}
