import type { AgentOfRecordContent } from '../../../src/ports/email-templates';
import { agentOfRecord, languages, reasonCases } from './plan-change-letters';

describe('Email to an agent about the agent of record', () => {
  it.each(reasonCases)(
    'The agent-of-record email (%s, %s) explains the reason in words',
    (change, reason, english, spanish) => {
      const inEnglish = agentOfRecord('en', { change, reason }).text;
      const inSpanish = agentOfRecord('es', { change, reason }).text;

      expect(inEnglish).toContain(`\nWHY\n\n${english}\n\n`);
      expect(inSpanish).toContain(`\nPOR QUÉ\n\n${spanish}\n\n`);
    },
  );

  it('The agent-of-record email words every reason differently', () => {
    for (const language of languages) {
      const words = reasonCases.map(([change, reason]) => {
        const { text } = agentOfRecord(language, { change, reason });
        return /^(?:WHY|POR QUÉ)\n\n(.+)$/m.exec(text)?.[1];
      });

      expect(words).not.toContain(undefined);
      expect(new Set(words).size).toBe(reasonCases.length);
    }
  });

  it('The agent-of-record email says that the agent remains and the renewal commission continues', () => {
    const english = agentOfRecord('en', { change: 'kept' });
    const spanish = agentOfRecord('es', { change: 'kept' });

    expect(english.subject).toBe('Plan Change Services: you remain agent of record');
    expect(english.text).toContain(
      '\nThe customer with the number C-20417 has changed plans. The new plan starts on January 1, 2027.\n\nYou remain agent of record for this customer, and your renewal commission continues.\n',
    );
    expect(spanish.subject).toBe('Servicios de cambio de plan: usted sigue siendo agente de registro');
    expect(spanish.text).toContain(
      '\nEl cliente con el número C-20417 cambió de plan. El nuevo plan comienza el 1 de enero de 2027.\n\nUsted sigue siendo agente de registro de este cliente y su comisión de renovación continúa.\n',
    );
  });

  it('The agent-of-record email says from when a new agent is agent of record', () => {
    const fields = { change: 'gained', reason: 'external-agent-facilitated' } as const;

    const english = agentOfRecord('en', fields);
    const spanish = agentOfRecord('es', fields);

    expect(english.subject).toBe('Plan Change Services: you are the new agent of record of a customer');
    expect(english.text).toContain('\nFrom January 1, 2027 on, you are agent of record for this customer.\n');
    expect(spanish.subject).toBe(
      'Servicios de cambio de plan: usted pasa a ser agente de registro de un cliente',
    );
    expect(spanish.text).toContain(
      '\nA partir del 1 de enero de 2027, usted es agente de registro de este cliente.\n',
    );
    expect(english.text + spanish.text).not.toMatch(/commission|comisión/);
  });

  it('The agent-of-record email says until when a former agent was one, and that the renewal commission ends', () => {
    const fields = { change: 'lost', reason: 'agent-not-certified' } as const;

    const english = agentOfRecord('en', fields);
    const spanish = agentOfRecord('es', fields);

    expect(english.subject).toBe('Plan Change Services: you will no longer be agent of record of a customer');
    expect(english.text).toContain(
      '\nFrom January 1, 2027 on, you are no longer agent of record for this customer, and with that your renewal commission for this customer ends. The day before is your last as agent of record.\n',
    );
    expect(spanish.subject).toBe(
      'Servicios de cambio de plan: usted dejará de ser agente de registro de un cliente',
    );
    expect(spanish.text).toContain(
      '\nA partir del 1 de enero de 2027, usted ya no es agente de registro de este cliente y con ello termina su comisión de renovación por este cliente. El día anterior es su último día como agente de registro.\n',
    );
  });

  it('The agent-of-record email reminds only agents who remain of the two ways to stay agent of record', () => {
    const english =
      'You may always tell a customer to call the Dedicated Plan Change line, 1-855-649-5105, or send in a new application yourself: both keep you agent of record, as long as you are active, licensed, appointed and certified.';
    const spanish =
      'Usted siempre puede pedirle a un cliente que llame a la línea exclusiva para cambios de plan, 1-855-649-5105, o presentar usted una nueva solicitud: en ambos casos sigue siendo agente de registro, mientras esté activo y tenga licencia, nombramiento y certificación.';

    for (const [change, reason] of reasonCases) {
      const reminded = change === 'kept';

      expect(agentOfRecord('en', { change, reason }).text.includes(`\n${english}\n`)).toBe(reminded);
      expect(agentOfRecord('es', { change, reason }).text.includes(`\n${spanish}\n`)).toBe(reminded);
    }
  });

  it.each(reasonCases)(
    'The agent-of-record email (%s, %s) says whom to call if it is not right',
    (change, reason) => {
      const english = agentOfRecord('en', { change, reason }).text;
      const spanish = agentOfRecord('es', { change, reason }).text;

      expect(english).toContain(
        '\nIF THIS IS NOT RIGHT\n\nPlease call the help line for brokers: 877.454.0923 (during business hours).\n',
      );
      expect(spanish).toContain(
        '\nSI ESTO NO ES CORRECTO\n\nPor favor, llame a la línea de ayuda para agentes: 877.454.0923 (en horario de oficina).\n',
      );
    },
  );

  it.each<[AgentOfRecordContent['change'], AgentOfRecordContent['reason']]>([
    ['kept', 'agent-terminated'],
    ['kept', 'no-agent-of-record'],
    ['gained', 'unit-completed'],
    ['lost', 'own-agent-applied'],
    ['lost', 'no-agent-of-record'],
  ])(
    'The agent-of-record email cannot be written for the impossible combination %s, %s',
    (change, reason) => {
      expect(() => agentOfRecord('en', { change, reason })).toThrow(
        `agent of record ${change}: not for the reason ${reason}`,
      );
    },
  );

  it('The agent-of-record email escapes a malformed customer number and keeps it on one line', () => {
    const { text, html } = agentOfRecord('en', { customerId: '<b>7</b>\n\nx' });

    expect(text).toContain('\nThe customer with the number <b>7</b> x has changed plans.');
    expect(html).toContain('&lt;b&gt;7&lt;/b&gt; x has');
    expect(html).not.toContain('<b>');
  });
});
