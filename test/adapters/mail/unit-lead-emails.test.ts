import { STANDING_DEFECTS } from '../../../src/domain/plan-change/agent-standing';
import { HOUR_MS } from '../../../src/domain/time';
import { held, languages, planChangeId, waiting, waitingSinceMs } from './plan-change-letters';

describe('Email to the unit’s lead about a waiting plan change', () => {
  it('The email about a waiting plan change says since when, in New York time, and that nobody took it', () => {
    const english = waiting('en');
    const spanish = waiting('es');

    expect(english.subject).toBe('Plan Change Services: a plan change is waiting');
    expect(english.text).toContain(
      '\nA plan change has been waiting since November 22, 2026 at 3:27 PM EST, and nobody has taken it.\n',
    );
    expect(spanish.subject).toBe('Servicios de cambio de plan: un cambio de plan está en espera');
    expect(spanish.text).toContain(
      '\nUn cambio de plan está en espera desde el 22 de noviembre de 2026 a las 3:27 p.m. EST y nadie lo ha tomado.\n',
    );
    expect(english.text).not.toContain('than a day');
    expect(spanish.text).not.toContain('de un día');
  });

  it('The email about a waiting plan change says when it has waited for far too long', () => {
    const english = waiting('en', { overdue: true });
    const spanish = waiting('es', { overdue: true });

    expect(english.subject).toBe('Plan Change Services: a plan change has been waiting for far too long');
    expect(english.text).toContain(
      '\nA plan change has been waiting for far too long, since November 22, 2026 at 3:27 PM EST, and nobody has taken it.\n',
    );
    expect(spanish.subject).toBe(
      'Servicios de cambio de plan: un cambio de plan lleva demasiado tiempo en espera',
    );
    expect(spanish.text).toContain(
      '\nUn cambio de plan lleva demasiado tiempo en espera, desde el 22 de noviembre de 2026 a las 3:27 p.m. EST, y nadie lo ha tomado.\n',
    );
  });

  it.each([false, true])(
    'The Spanish email about a waiting plan change uses the article "la" for one o’clock (overdue: %s)',
    (overdue) => {
      const { text } = waiting('es', { waitingSinceMs: waitingSinceMs - 2 * HOUR_MS, overdue });

      expect(text).toContain('desde el 22 de noviembre de 2026 a la 1:27 p.m. EST');
    },
  );

  it('The email about a waiting plan change writes a time in summer as EDT', () => {
    const { text } = waiting('en', { waitingSinceMs: Date.UTC(2026, 6, 1, 3, 59) });

    expect(text).toContain('since June 30, 2026 at 11:59 PM EDT,');
  });

  it.each([false, true])(
    'The email about a waiting plan change gives its number and says what to do (overdue: %s)',
    (overdue) => {
      const english = waiting('en', { overdue }).text;
      const spanish = waiting('es', { overdue }).text;

      expect(english).toContain(
        `\nNumber of the plan change: ${planChangeId}\n\nWHAT TO DO\n\n- Please have a representative of the unit take it.\n- The request that takes it: POST /v1/plan-changes/${planChangeId}/claim\n`,
      );
      expect(spanish).toContain(
        `\nNúmero del cambio de plan: ${planChangeId}\n\nQUÉ HACER\n\n- Por favor, pida a un representante de la unidad que lo tome.\n- La petición con la que se toma: POST /v1/plan-changes/${planChangeId}/claim\n`,
      );
    },
  );
});

describe('Email to the unit’s lead about a held plan change', () => {
  it('The email about a held plan change says since when, that it stays held, and what was missing', () => {
    const english = held('en');
    const spanish = held('es', { again: true, heldFor: 'terminated' });

    expect(english.subject).toBe('Plan Change Services: a plan change is held');
    expect(english.text).toContain(
      '\nA plan change has been held since November 22, 2026 at 3:27 PM EST: it is a compliance case. It stays held until somebody resolves it, and until then the customer cannot change plans.\n\nWhoever facilitates it is not licensed in the customer’s state.\n',
    );
    expect(spanish.subject).toBe('Servicios de cambio de plan: un cambio de plan sigue retenido');
    expect(spanish.text).toContain(
      'retenido desde el 22 de noviembre de 2026 a las 3:27 p.m. EST: es un caso',
    );
    expect(spanish.text).toContain('\nQuien lo gestiona no está activo.\n');
  });

  it.each(STANDING_DEFECTS)(
    'The email about a held plan change has its own words in both languages for the defect %s',
    (heldFor) => {
      const others = STANDING_DEFECTS.filter((each) => each !== heldFor);

      for (const language of languages)
        for (const other of others)
          expect(held(language, { heldFor }).text).not.toBe(held(language, { heldFor: other }).text);
    },
  );

  it('The email about a held plan change says what to do', () => {
    for (const language of languages) {
      const { text } = held(language);
      expect(text).toContain(`POST /v1/plan-changes/${planChangeId}/facilitator`);
      expect(text).toContain(`POST /v1/plan-changes/${planChangeId}/withdraw`);
    }
  });

  it('The Spanish email about a held plan change uses the article "la" for one o’clock', () => {
    expect(held('es', { heldSinceMs: waitingSinceMs - 2 * HOUR_MS }).text).toContain('a la 1:27 p.m. EST');
  });
});
