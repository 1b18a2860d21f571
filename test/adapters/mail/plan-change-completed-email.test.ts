import type { PlanChangeCompletedContent } from '../../../src/ports/email-templates';
import { completed, languages } from './plan-change-letters';

describe('Email about a completed plan change', () => {
  it('The email about a completed plan change names the new plan and the day it starts', () => {
    expect(completed('en').subject).toBe('Plan Change Services: your plan change is complete');
    expect(completed('en').text).toContain(
      '\nThe plan change you asked for is complete. Your new plan, Golden Choice (HMO), starts on January 1, 2027.\n',
    );
    expect(completed('es').subject).toBe('Servicios de cambio de plan: se completó su cambio de plan');
    expect(completed('es').text).toContain(
      '\nEl cambio de plan que usted pidió ya está hecho. Su nuevo plan, Golden Choice (HMO), comienza el 1 de enero de 2027.\n',
    );
  });

  it.each<[PlanChangeCompletedContent['agentOfRecord'], string, string]>([
    [
      { kind: 'stays', name: 'Avery Stone' },
      'Avery Stone is still your agent of record and looks after your plan as before.',
      'Avery Stone sigue siendo su agente de registro y se encarga de su plan como hasta ahora.',
    ],
    [
      { kind: 'is-new', name: 'Stone Agency, Inc.' },
      'From January 1, 2027 on, Stone Agency, Inc. is your new agent of record and looks after your plan.',
      'A partir del 1 de enero de 2027, Stone Agency, Inc. pasa a ser su agente de registro y se encarga de su plan.',
    ],
    [
      { kind: 'nobody' },
      'From January 1, 2027 on, you have no agent of record: no agent looks after your plan. If you have any question, please call the Dedicated Plan Change line: 1-855-649-5105.',
      'A partir del 1 de enero de 2027, usted no tiene agente de registro: ningún agente se encarga de su plan. Si tiene alguna pregunta, llame a la línea exclusiva para cambios de plan: 1-855-649-5105.',
    ],
  ])(
    'The email about a completed plan change says who is agent of record from then on: %j',
    (agent, english, spanish) => {
      const inEnglish = completed('en', { agentOfRecord: agent }).text;
      const inSpanish = completed('es', { agentOfRecord: agent }).text;

      expect(inEnglish).toContain(`\nYOUR AGENT OF RECORD\n\n${english}\n\n`);
      expect(inSpanish).toContain(`\nSU AGENTE DE REGISTRO\n\n${spanish}\n\n`);
    },
  );

  it('The email about a completed plan change says whom to call if the customer did not ask for it', () => {
    expect(completed('en').text).toContain(
      '\nIF YOU DID NOT ASK FOR THIS\n\nPlease call the Dedicated Plan Change line right away: 1-855-649-5105.\n',
    );
    expect(completed('es').text).toContain(
      '\nSI USTED NO PIDIÓ ESTE CAMBIO\n\nPor favor, llame de inmediato a la línea exclusiva para cambios de plan: 1-855-649-5105.\n',
    );
  });

  it('The email about a completed plan change escapes plan and agent names that look like HTML', () => {
    const { text, html } = completed('en', {
      planName: '<b>Gold & "Silver"</b>',
      agentOfRecord: { kind: 'stays', name: "<i>O'Dwyer</i>" },
    });

    expect(text).toContain('<b>Gold & "Silver"</b>');
    expect(text).toContain("<i>O'Dwyer</i> is still");
    expect(html).toContain('&lt;b&gt;Gold &amp; &quot;Silver&quot;&lt;/b&gt;');
    expect(html).toContain('&lt;i&gt;O&#39;Dwyer&lt;/i&gt; is still');
    expect(html).not.toMatch(/<[bi]>/);
  });

  it.each(languages)(
    'The email about a completed plan change keeps an agent’s name with line breaks on one line (%s)',
    (language) => {
      const plain = completed(language, { agentOfRecord: { kind: 'is-new', name: 'Avery Stone' } });

      const { text, html } = completed(language, {
        agentOfRecord: { kind: 'is-new', name: 'Avery\r\n\r\nCALL\u2028900-555-0100\u202e' },
      });

      expect(text).toContain(' Avery CALL 900-555-0100 ');
      expect(text.split('\n')).toHaveLength(plain.text.split('\n').length);
      expect(html.split('\n')).toHaveLength(plain.html.split('\n').length);
    },
  );
});
